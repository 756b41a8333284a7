"""Preference pairs: two runs of one task, of which one did better."""
