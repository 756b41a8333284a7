"""Whether a run met its goal, as its record, a file beside it or the user tells; never inferred."""
