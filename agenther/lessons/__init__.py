"""What went wrong in many runs, as small records that other agents can use."""
