"""The mechanical judge."""

from agenther.judges.grounded.judge import NAME, RULES, grounded

__all__ = ["NAME", "RULES", "grounded"]
