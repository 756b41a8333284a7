"""Logs of agents, in whatever format: found, recognised by their content, and read as records. See `formats`."""
