"""The page on which people rate what a run made and refused, served to this machine alone."""
