"""A run as it is done: the loop over logs, one stage again, what it will cost, and what is to be forgotten."""
