"""A run folder as a whole: opened, filled, sealed and read again. What is in it stands in `agenther.store`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from agenther import ladder
from agenther.errors import StoreError
from agenther.files import PART, part, usable, writing
from agenther.records import Reason, Record, Rejection, Result, Spent, Trajectory
from agenther.store.cleaning import held
from agenther.store.forgotten import FORGOTTEN, Names, forget_too
from agenther.store.inputs import INPUTS, Input, of_run
from agenther.store.intake import READ, Intake
from agenther.store.journal import (
    Journal,
    MadeWith,
    block,
    check_journal,
)
from agenther.store.lines import Cursor, naming, records
from agenther.tally.counts import NO_LOGS, Counts, Fate, Tally
from agenther.tally.ledger import Books, Ledger
from agenther.tally.panel import Panel

T = TypeVar("T", bound=Record)


def files() -> tuple[str, ...]:
    """In the order in which they are replaced: while a run stands in the last, what else is left of it is found."""
    return (*ladder.files(), "rejections", "calls", "inputs", "trajectories")


KEY = "redaction.key"


class RunFile(Record):
    """`run.json`."""

    made_with: MadeWith
    counts: Counts
    ledger: Ledger | None = None
    """What models cost; None when none was asked."""
    panel: Panel | None = None
    """What each judge said; None when none was asked."""


class Totals(NamedTuple):
    """Everything in a run folder, added up."""

    counts: Counts
    books: Books


def run_file(folder: Path) -> RunFile | None:
    """`run.json` of a finished run. Raises StoreError for one that this program did not write."""
    return None if (folder / "journal.jsonl").exists() else last_sealed(folder)


def last_sealed(folder: Path) -> RunFile | None:
    """`run.json`, also that of a finished run which is being carried on with. Raises as `run_file` does."""
    path = folder / "run.json"
    if not path.exists():
        return None
    try:
        with usable(path):
            return RunFile.model_validate_json(path.read_bytes())
    except ValidationError:
        raise StoreError(path, "was not written by this program; choose another folder") from None


def check(folder: Path, made: MadeWith) -> None:
    """Raises StoreError when the run in the folder, if there is one, was made with other settings."""
    journal = folder / "journal.jsonl"
    before = run_file(folder)
    if before and (difference := made.difference(before.made_with)):
        raise StoreError(folder, f"the run in it {difference}; use the same, or another --out")
    if journal.exists():
        with usable(journal):
            check_journal(journal, made)


@contextmanager
def opened(
    folder: Path, made: MadeWith, again: frozenset[Reason] = frozenset(), gone: Names = MappingProxyType({})
) -> Iterator[tuple[Intake, Journal]]:
    """The folder, to carry on with: what it holds of an earlier run, finished or not, is taken over, apart from
    runs that were rejected for a reason in `again`. What is `gone` from earlier rounds is forgotten here, too.

    Raises StoreError when another process has it, when it was made with other settings, and when it holds
    something else.
    """
    with held(folder), ExitStack() as stack:
        journal_path = folder / "journal.jsonl"
        before = run_file(folder)
        if before is None and not journal_path.exists():
            _check_empty(folder)
        check(folder, made)
        forget_too(folder, gone)
        if before:
            _take_over(folder, made)
        journal = Journal(journal_path, made, again)
        stack.callback(journal.close)
        intake = Intake(folder)
        stack.callback(intake.close)
        yield intake, journal


def _check_empty(folder: Path) -> None:
    with usable(folder):
        names = (entry.name for entry in folder.iterdir())
        foreign = sorted(name for name in names if name not in {FORGOTTEN, KEY} and not name.endswith(PART))
    if foreign:
        raise StoreError(folder, f"is not a run folder, and not empty ({foreign[0]}); choose another --out")


def _take_over(folder: Path, made: MadeWith) -> None:
    """Turns the files of a finished run back into a journal, so that nothing is done twice."""
    with usable(folder):
        if not (folder / INPUTS).exists():
            _write_inputs(folder)
        with writing(folder / "journal.jsonl") as (file,):
            file.write(f'{{"made_with":{made.model_dump_json()}}}\n'.encode())
            for item in stored(folder):
                if not isinstance(item, Rejection) and (item[1].samples or item[1].rejection):
                    file.write(block(*item))


def _write_inputs(folder: Path) -> None:
    """What can be told of the logs of a folder that was made before that was written down."""
    with writing(folder / INPUTS) as (file,):
        for item in stored(folder):
            one = Input(file="", path=item.path, unread=item) if isinstance(item, Rejection) else of_run("", item[0])
            file.write(one.model_dump_json().encode() + b"\n")


def finish(folder: Path, intake: Intake, journal: Journal) -> Totals:
    """Sorts the journal into the stage files. `dataset/` and `run.json` are left to do."""
    with usable(folder):
        try:
            return write_records(folder, files(), intake.lines(journal), {}, intake.times_forgotten)
        except ValidationError:
            raise StoreError(journal.path, "is damaged; delete it to start anew") from None


def write_records(
    folder: Path, names: tuple[str, ...], lines: Iterable[tuple[str, bytes]], ignored: Mapping[str, int], forgotten: int
) -> Totals:
    """Writes those of the journal's lines that belong into the files `names`, and counts all of them.

    What was `ignored` before, by kind, is counted on from.
    """
    tally, books, kinds = Tally(), Books(), Counter(ignored)
    with writing(*(folder / f"{name}.jsonl" for name in names)) as files:
        by_name = dict(zip(names, files, strict=True))
        for name, record in lines:
            if name == "done":
                tally.add(Fate.model_validate_json(record))
            elif name == "unread":
                tally.add_unread(Rejection.model_validate_json(record).reason)
                by_name["rejections"].write(record + b"\n")
            elif name in by_name:
                by_name[name].write(record + b"\n")
            if name == "ignored":
                kinds[record.decode() or NO_LOGS] += 1
            if name == "calls":
                books.add(Spent.model_validate_json(record))
    optional = {file for stage in ladder.STAGES.values() if stage.is_optional for file in stage.makes}
    for path in (folder / f"{name}.jsonl" for name in names if name == "calls" or name in optional):
        if not path.stat().st_size:
            path.unlink()
    return Totals(tally.counts(kinds, forgotten), books)


def seal(folder: Path, run: RunFile) -> None:
    """Writes `run.json`; only now the run is finished, and what it was written from is let go."""
    with usable(folder):
        with writing(folder / "run.json") as (file,):
            file.write(run.model_dump_json(indent=2).encode() + b"\n")
        (folder / "journal.jsonl").unlink(missing_ok=True)
        for name in READ:
            part(folder / name).unlink(missing_ok=True)


def one(folder: Path, run_id: str) -> tuple[Trajectory, Result] | None:
    """What a finished run holds of the run of that id; None when there is none. The lines of others are passed over."""
    found = next((one for one in naming(folder / "trajectories.jsonl", Trajectory, run_id) if one.id == run_id), None)
    if found is None:
        return None

    def own(name: str, kind: type[T]) -> tuple[T, ...]:
        path = folder / f"{name}.jsonl"
        lines = naming(path, kind, run_id) if path.exists() else ()
        return tuple(record for record in lines if attrgetter("run_id")(record) == run_id)

    made = tuple(record for name, kind in ladder.files().items() for record in own(name, kind))
    rejection = next(iter(own("rejections", Rejection)), None)
    return found, Result(run_id=run_id, made=made, rejection=rejection, spent=own("calls", Spent))


def stored(folder: Path) -> Iterator[tuple[Trajectory, Result] | Rejection]:
    """What a finished run holds, in input order: each run with what it came to, and what could not be read.

    The files are read side by side, a run at a time.
    """
    made: list[Cursor[Any]] = [Cursor(folder / f"{name}.jsonl", kind) for name, kind in ladder.files().items()]
    rejections = Cursor(folder / "rejections.jsonl", Rejection)
    calls = Cursor(folder / "calls.jsonl", Spent)
    for trajectory in records(folder / "trajectories.jsonl", Trajectory):
        yield from rejections.take(None)
        yield (
            trajectory,
            Result(
                run_id=trajectory.id,
                made=tuple(record for cursor in made for record in cursor.take(trajectory.id)),
                rejection=next(rejections.take(trajectory.id), None),
                spent=tuple(calls.take(trajectory.id)),
            ),
        )
    yield from rejections.take(None)
    ended: tuple[Cursor[Any], ...] = (*made, rejections, calls)
    for cursor in ended:
        cursor.check_done()
