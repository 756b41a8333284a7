"""Stages 1 to 3 by rules, without any model: free, offline, and rather nothing than something wrong."""

from agenther.stages.classify.rules import classify
from agenther.stages.extract.rules import extract
from agenther.stages.relabel.rules import relabel

__all__ = ["classify", "extract", "relabel"]
