"""One stage again on a finished run folder, from what the stage before it left there.

The pipeline is given what is stored of the stages before it, and ends after it.
"""

import filecmp
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.files import part, usable
from agenther.jobs.job import Job
from agenther.jobs.rounds import in_round
from agenther.jobs.settle import settle
from agenther.jobs.told import report
from agenther.judges.grounded import proof
from agenther.ladder import STAGES, after, before, includes
from agenther.packagers.folder import check, remove
from agenther.packagers.folder import package as write
from agenther.packagers.selection.choices import Choices
from agenther.packagers.write import Written
from agenther.pipeline import Only
from agenther.prompt import OPENING
from agenther.records import Judged, Rejection, Result, Trajectory
from agenther.store import forgetting, rounds, run_folder, views
from agenther.store.cleaning import held
from agenther.store.forgotten import forgotten
from agenther.store.journal import MadeWith, block, unpacked
from agenther.store.lines import records
from agenther.tally.counts import Counts
from agenther.tally.ledger import Ledger
from agenther.tally.panel import panel
from agenther.together import one_by_one

AHEAD = 4
"""How many times as many runs as calls under way are begun, so that a slow one does not hold up those after it."""


class Again(NamedTuple):
    """What doing a stage again came to."""

    counts: Counts
    changed: bool
    removed: tuple[str, ...]
    """What later stages, a report and a probe had made of the old bytes. Ratings stay."""
    ledger: Ledger | None


def finished(folder: Path, *, half_forgotten: bool = False) -> run_folder.RunFile:
    """`run.json`. Raises StoreError when there is no finished run in the folder.

    Also when `agenther forget` was stopped half-way, unless it is asked for by that command itself.
    """
    run = run_folder.run_file(folder)
    if run is None:
        raise StoreError(folder, "holds no finished run; `agenther run LOGS --out` makes one, or carries on with one")
    if not half_forgotten and run.counts.forgotten < len(forgotten(folder)):
        raise StoreError(folder, "something in it is only half forgotten; give the same `agenther forget` again")
    return run


def with_samples(folder: Path) -> run_folder.RunFile:
    """`run.json`. Raises as `finished` does, and when an early stage was done again, and the later ones not yet."""
    run = finished(folder)
    if not (folder / "samples.jsonl").exists():
        raise StoreError(folder, "has no samples; `agenther relabel` makes them")
    return run


def again(folder: Path, stage: str, job: Job) -> Again:
    """Does the stage for every run that reaches it. Files are replaced at the end; until then nothing changes."""
    finished(folder)
    job = in_round(job, folder)
    with held(folder), rounds.held(folder, job.made) as earlier:
        run = finished(folder)
        _check_before(folder, stage)
        check(folder)
        redo = _Redo(stage, job, _made(run.made_with, job.made, stage))
        draft = part(folder / stage)
        with usable(folder):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            try:
                missing = tuple(_missing(folder, stage, job))
                made = (*STAGES[stage].makes, *missing)
                names = (*made, "rejections", "calls")
                counts, books = run_folder.write_records(
                    draft, names, redo.lines(folder), run.counts.passed_over, run.counts.forgotten
                )
                made = tuple(name for name in made if name not in missing or (draft / f"{name}.jsonl").exists())
                if _same(draft, folder, made):
                    return Again(run.counts, changed=False, removed=(), ledger=run.ledger)
                removed = tuple(_remove_later(folder, stage))
                for name in filter(lambda name: (draft / f"{name}.jsonl").exists(), names):
                    (draft / f"{name}.jsonl").replace(folder / f"{name}.jsonl")
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        ledger = books.ledger(counts.samples)
        proposals = folder / "proposals.jsonl"
        judged = records(proposals, Judged) if proposals.exists() else ()
        said = panel(job.crew.judges, judged, job.made.settings)
        new = run_folder.RunFile(made_with=redo.made, counts=counts, ledger=ledger, panel=said)
        report(folder, new, None, [one.run.counts for one in earlier])
        run_folder.seal(folder, new)
        return Again(counts, changed=True, removed=removed, ledger=ledger)


def package(folder: Path, formats: tuple[str, ...], choices: Choices) -> tuple[run_folder.RunFile, Written]:
    """The datasets again, from the samples in the folder and in earlier rounds; in the formats of the run where none is
    given.
    """
    with held(folder):
        run = with_samples(folder)
        forgetting.check(folder)
        with rounds.held(folder, run.made_with) as earlier:
            formats = formats or run.made_with.settings.formats
            written = write(folder, formats, choices, proof, [one.folder for one in earlier])
            report(folder, run, written, [one.run.counts for one in earlier])
        return run, written


def _check_before(folder: Path, stage: str) -> None:
    for earlier in before(stage):
        for name in earlier.makes if not earlier.is_optional else ():
            if not (folder / f"{name}.jsonl").exists():
                raise StoreError(folder, f"has no {name}.jsonl; `agenther {earlier.name}` makes it")


def _missing(folder: Path, stage: str, job: Job) -> Iterator[str]:
    """What optional stages before make, where an early stage was done again, and they not yet: they are done, too."""
    for earlier in before(stage):
        if earlier.is_optional and earlier.name in job.crew.stages:
            yield from (name for name in earlier.makes if not (folder / f"{name}.jsonl").exists())


def _made(then: MadeWith, now: MadeWith, stage: str) -> MadeWith:
    """Only this stage's prompts are those of today."""
    asked = STAGES[stage].questions & now.prompts.keys()
    own = {OPENING, *(prompt for question in asked for prompt in includes(question))}
    prompts = {name: mark if name in own else then.prompts.get(name, mark) for name, mark in now.prompts.items()}
    return now.model_copy(update={"prompts": prompts})


def _same(draft: Path, folder: Path, names: Iterable[str]) -> bool:
    pairs = [(draft / f"{name}.jsonl", folder / f"{name}.jsonl") for name in names]
    return all(old.exists() and new.exists() and filecmp.cmp(new, old, shallow=False) for new, old in pairs)


def _remove_later(folder: Path, stage: str) -> Iterator[str]:
    had_datasets = remove(folder)
    yield from views.remove(folder, views.VIEWS)
    for later in after(stage):
        for name in later.makes:
            if (folder / f"{name}.jsonl").exists():
                (folder / f"{name}.jsonl").unlink()
                yield f"{name}.jsonl"
    if had_datasets:
        yield "dataset/"


@dataclass(frozen=True)
class _Redo:
    stage: str
    job: Job
    made: MadeWith

    def lines(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        """(file, record) as a journal gives them, of all runs in input order."""
        at_once = self.job.access.at_once if self.job.access else 1
        redone = one_by_one(map(self._one, run_folder.stored(folder)), AHEAD * at_once, self.job.close)
        return chain.from_iterable(redone)

    async def _one(self, item: tuple[Trajectory, Result] | Rejection) -> list[tuple[str, bytes]]:
        if isinstance(item, Rejection):
            return [("unread", item.model_dump_json().encode())]
        trajectory, stored = item
        if self._is_reached(stored):
            earlier = before(self.stage)
            made = (record for one in earlier for kind in one.makes.values() for record in stored.all(kind))
            only = Only(self.stage, Result(run_id=stored.run_id, made=tuple(made)))
            redone = await settle(self.job.crew, self.made, trajectory, only)
            asked = {question for one in earlier for question in one.questions} - STAGES[self.stage].questions
            kept = tuple(spent for spent in stored.spent if spent.stage in asked)
            spent = sorted((*kept, *redone.spent), key=lambda one: (one.stage, one.model))
            stored = redone.model_copy(update={"spent": tuple(spent)})
        return [unpacked(line) for line in block(trajectory, stored).splitlines(keepends=True)]

    def _is_reached(self, stored: Result) -> bool:
        """Did the run get past the stages before, with what they hand on?"""
        done = {"read", *(stage.name for stage in before(self.stage))}
        if stored.rejection and stored.rejection.stage in done:
            return False
        return all(stored.all(STAGES[need].record) for need in STAGES[self.stage].needs)
