"""A module for each command; `agenther.cli.program` lists them."""
