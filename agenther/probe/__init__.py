"""Near-miss goals, to see whether the gate notices."""
