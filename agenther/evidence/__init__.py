"""Evidence before opinion: is a quote really there? Mechanical, and free."""

from agenther.evidence.place import Place, arguments, place, quoted

__all__ = ["Place", "arguments", "place", "quoted"]
