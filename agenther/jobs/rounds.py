"""A run that comes after another: what earlier rounds have done, and is not done again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agenther.jobs.job import Job
from agenther.packagers.rounds import check
from agenther.packagers.selection.sameness import of_task
from agenther.records import Proposal, Sample, Trajectory
from agenther.store import rounds
from agenther.store.lines import ids, records


@dataclass(frozen=True)
class Done:
    """What earlier rounds have, each with the number of the round."""

    runs: Mapping[str, int]
    """By id."""
    goals: Mapping[str, int]
    """As `of_task` tells them."""

    def known(self, trajectory: Trajectory, proposal: Proposal) -> str:
        """Why a goal is not made again."""
        number = self.goals.get(of_task(trajectory.benchmark, trajectory.domain, proposal.goal))
        return f"round {number} made this goal" if number else ""


def in_round(job: Job, out: Path, before: Path | None = None) -> Job:
    """The job for a folder that comes after the one in `before`; where none is given, after the one that it says.

    Raises StoreError where earlier rounds are not as they were; see `rounds.held`.
    """
    after = rounds.begun(out, before) if before else rounds.known(out)
    if after is None:
        return job
    made = job.made.model_copy(update={"after": after})
    with rounds.held(out, made) as earlier:
        check([one.folder for one in earlier])
        done = _done(earlier)
    return replace(job, made=made, crew=replace(job.crew, known=done.known), earlier=done.runs)


def _done(earlier: tuple[rounds.Round, ...]) -> Done:
    runs: dict[str, int] = {}
    goals: dict[str, int] = {}
    for one in earlier:
        runs.update((run, one.number) for run in ids(one.folder / "trajectories.jsonl"))
        for sample in records(one.folder / "samples.jsonl", Sample):
            goals.setdefault(of_task(sample.benchmark, sample.domain, sample.goal), one.number)
    return Done(runs, goals)
