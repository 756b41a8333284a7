"""Which samples go into the datasets, how much each counts, and on which side of the split it is."""
