"""Algorithm 1 of AgentHER: what is decided, by the thresholds of `Settings`."""

from agenther.pipeline.crew import Crew, Relabel, Work
from agenther.pipeline.demonstration import sample, weighed
from agenther.pipeline.gate import judge, passes, put, verdicts_of
from agenther.pipeline.keeping import keep
from agenther.pipeline.process import DECIDED, Keep, Only, given, process, reject

__all__ = [
    "DECIDED",
    "Crew",
    "Keep",
    "Only",
    "Relabel",
    "Work",
    "given",
    "judge",
    "keep",
    "passes",
    "process",
    "put",
    "reject",
    "sample",
    "verdicts_of",
    "weighed",
]
