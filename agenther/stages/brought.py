"""Stages that other packages bring, chosen by `--stage STAGE=NAME`.

A package names an async function, which is given what our own stage is given: the run, and the records that it needs.

    [project.entry-points."agenther.stages.classify"]
    patient = "patient_stage:classify"

What it says is believed as far as what a model says. Its goals are proposals, and stand before the same gate as all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, TypeVar

from agenther.errors import AgentHERError
from agenther.plugins import Guest, guest, is_async, loaded, named
from agenther.records import Attribution, Diagnosis, Judged, Outcome, Proposal, Trajectory
from agenther.settings import LOCAL
from agenther.stages import believed
from agenther.stages.attribute.believed import attribution

Said = TypeVar("Said", Diagnosis, Outcome, Attribution, Proposal)


@dataclass(frozen=True)
class ByPackage:
    """A stage as another package does it. Its methods are what a `Crew` asks for, of which it is one."""

    name: str
    work: Callable[..., Awaitable[Any]]
    guest: Guest

    async def classify(self, run: Trajectory) -> Diagnosis:
        """A run that its log calls a success is not put to it."""
        if run.label.success:
            return believed.known_success(run)
        with self.guest:
            said = self._own(Diagnosis, run, await self.work(run))
        return believed.diagnosis(run, said)

    async def extract(self, run: Trajectory, diagnosis: Diagnosis) -> Outcome:
        with self.guest:
            said = self._own(Outcome, run, await self.work(run, diagnosis))
        return believed.outcome(run, said)

    async def attribute(self, run: Trajectory) -> Attribution:
        with self.guest:
            said = self._own(Attribution, run, await self.work(run))
        return attribution(run, said)

    async def relabel(
        self, run: Trajectory, diagnosis: Diagnosis, outcome: Outcome, attempt: int, refused: tuple[Judged, ...]
    ) -> tuple[Proposal, ...]:
        with self.guest:
            found = await self.work(run, diagnosis, outcome, attempt, refused)
            said = [self._own(Proposal, run, one, attempt=attempt) for one in found]
        return tuple(believed.proposal(run, one) for one in said)

    def _own(self, kind: type[Said], run: Trajectory, said: object, **more: int) -> Said:
        """What it said, whole and about this run. Raises ValidationError for anything else."""
        ties = {"run_id": run.id, "by": f"{LOCAL}{self.name}", **more}
        made = kind.model_validate(said).model_copy(update=ties)
        return kind.model_validate_json(made.model_dump_json())


def points(chosen: Mapping[str, str]) -> dict[str, EntryPoint]:
    """Where the stages stand that are chosen by name. Raises AgentHERError for one that no package brings."""
    return {stage: _point(stage, name) for stage, name in chosen.items()}


def _point(stage: str, name: str) -> EntryPoint:
    there = {point.name: point for point in named(f"agenther.stages.{stage}", ())}
    if name not in there:
        raise AgentHERError(f"no package here brings the stage {stage}={name}; there is {', '.join(there) or 'none'}")
    return there[name]


def work(stage: str, point: EntryPoint) -> Callable[..., Awaitable[Any]]:
    """What does that stage, imported now. Raises AgentHERError where it cannot be."""
    by = ByPackage(point.name, loaded(point, "async function", is_async), guest(point, f"stage {stage}"))
    does: dict[str, Callable[..., Awaitable[Any]]] = {
        "classify": by.classify,
        "extract": by.extract,
        "attribute": by.attribute,
        "relabel": by.relabel,
    }
    return does[stage]
