"""Dataset formats: how each writes a row, its trainer's rules and its columns."""
