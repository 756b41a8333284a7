"""Pages to look at a run: files that open from disk, without a network."""
