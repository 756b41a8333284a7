"""The mechanical judge."""

from agenther.judges.grounded.judge import NAME, RULES, grounded, proof

__all__ = ["NAME", "RULES", "grounded", "proof"]
