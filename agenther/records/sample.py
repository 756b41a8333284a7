"""What comes of a run that is relabeled."""

from typing import Literal

from pydantic import Field

from agenther.records.base import Record
from agenther.records.diagnosis import Evidence, FailureType
from agenther.records.proposal import Verdict
from agenther.records.trajectory import Source, Step, Tool, Trajectory


class Sample(Record):
    """An accepted (goal, demonstration) pair; canonical: every dataset format is derived from it."""

    id: str
    run_id: str
    source: Source
    goal: str
    original_goal: str
    goal_seen: bool
    task_id: str
    benchmark: str
    domain: str
    template: str
    kind: str
    system: str | None
    tools: tuple[Tool, ...]
    start: str | None
    opening: str | None = None
    """Of a dialogue that is kept as it was, the user's first words. None: the goal is what the user asks."""
    steps: tuple[Step, ...]
    """Up to and including `end_step`. Where a dialogue is folded into its goal, the turns with the user are dropped."""
    relevant_steps: tuple[int, ...]
    answer: str
    answer_source: Literal["log", "grounded"]
    original_answer: str | None
    claims: tuple[Evidence, ...]
    rationale: str
    confidence: float
    """Mean of the judges' confidences (AgentHER §3.3); that of one who refused, and was outvoted, is 0."""
    failure_type: FailureType | None
    severity: float
    weight: float
    verdicts: tuple[Verdict, ...]
    by: str
    prompts: dict[str, str] = Field(default={})
    """Fingerprint (sha256) of each prompt that had a part in it; empty for rules."""
    gate: str = ""
    """Name of the `gate.json` by which it was accepted."""

    @classmethod
    def of_run(cls, run: Trajectory, **own: object) -> "Sample":
        """A sample of the run: what it shares with it is taken from there, `own` is the rest."""
        shared = "source goal_seen task_id benchmark domain template system tools start".split()
        ties = {"run_id": run.id, "original_goal": run.goal, "original_answer": run.answer}
        return cls.model_validate({**{name: getattr(run, name) for name in shared}, **ties, **own})
