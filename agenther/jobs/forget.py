"""A source run, or a whole log file, taken out of everything that came of it, for good: of all rounds, too.

First it is written down in all rounds what is to go. Then what people said of it goes, and what was made of the run to
look at; then its name goes onto a list, from which it never is read again; then every file is written without it, and
what lies elsewhere is made anew. Stopped before that, the next call does the rest, whatever it is to forget itself.
Stopped after the list, the folder counts as half forgotten: nothing else but a new `agenther run` works on it.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.files import PART, usable
from agenther.jobs.again import finished
from agenther.jobs.gone import Gone, asked, kept, look_up
from agenther.jobs.told import report
from agenther.judges.grounded import proof
from agenther.packagers.folder import as_before, check, package
from agenther.packagers.folder import remove as remove_datasets
from agenther.packagers.rounds import FOLDER, MADE_WITH, held_to
from agenther.packagers.selection.choices import Choices
from agenther.records import Judged, Spent
from agenther.store import forgetting, rounds, run_folder
from agenther.store.book import Book
from agenther.store.cleaning import held
from agenther.store.forgotten import Names, forget_too, forgotten
from agenther.store.journal import After
from agenther.store.lines import records
from agenther.store.rounds import Lineage
from agenther.store.views import GATE, VIEWS, remove
from agenther.tally.counts import Counts
from agenther.tally.panel import panel

Reach = Callable[[tuple[Path, ...], frozenset[str]], None]
"""Takes the runs of these ids out of what was made of the rounds and lies elsewhere."""


class Forgot(NamedTuple):
    """What forgetting came to, in all rounds."""

    runs: int
    """How many there were to forget; 0 when all was done before."""
    unread: int
    """Files and records that could not be read as runs, or that held one of these runs again."""
    samples: int
    """That were made of the runs."""
    counts: Counts
    """Of what is left in the folder that was named."""
    others: tuple[Path, ...] = ()
    """The other rounds that were written anew."""
    unmade: tuple[Path, ...] = ()
    """Rounds whose datasets could not be made anew, and are removed: the rounds before are not what they were."""
    missing: tuple[str, ...] = ()
    """Rounds that were not found, and may hold it still."""
    answers: Mapping[str, int] = MappingProxyType({})
    """Answers of models about the runs, by model, which a cache of answers may hold."""


@dataclass(frozen=True)
class _Part:
    """What is to be done in one round."""

    folder: Path
    run: run_folder.RunFile
    before: Names
    gone: Gone
    earlier: tuple[Path, ...] | None
    """The rounds before, if all are what they were when this one was made after them."""
    formats: tuple[str, ...]
    choices: Choices | None
    """For its datasets; None where they cannot be made anew."""

    @property
    def is_new(self) -> bool:
        """Also where it was stopped half-way."""
        return self.gone.names.keys() != self.before.keys() or self.run.counts.forgotten != len(self.before)


def _nothing(_folders: tuple[Path, ...], _ids: frozenset[str]) -> None:
    """Nothing was made of it."""


def forget(folder: Path, names: frozenset[str], reach: Reach = _nothing) -> Forgot:
    """Takes the runs of these ids, and all of the files of these paths, out of the run folder and of all rounds of its
    lineage; packages the rest, and lets `reach` do its part. What earlier calls left is done, too.

    A path may be typed as it lies on this machine, or as the folder tells it, and may be that of a folder of logs.
    Raises StoreError, with nothing changed, for a name that nothing in the folders has or had, for one that means other
    files in two of them, and for damaged ratings.
    """
    finished(folder, half_forgotten=True)
    lineage = rounds.lineage(folder)
    own = Path(os.path.realpath(folder))
    with ExitStack() as stack:
        for one in lineage.folders:
            stack.enter_context(held(one))
        left_over = forgetting.left(lineage.folders)
        wanted = asked(own, lineage, names)
        parts = _parts(lineage, {one: forgetting.both(wanted[one], left_over.names.get(one, {})) for one in wanted})
        touched = _touched(parts)
        places = _places(touched.values())
        to_go = {one: {name: places[name] for name in part.gone.names} for one, part in touched.items()}
        ids = left_over.ids.union(*(part.gone.ids for part in parts))
        if touched:
            forgetting.begin(lineage.folders, forgetting.Left(to_go, ids))
        for part in parts:
            Book(part.folder).take_out(part.gone.ids)
        answers = _answers(touched.values())
        for part in touched.values():
            if part.choices is None:
                remove_datasets(part.folder)
            with usable(part.folder):
                for _ in remove(part.folder, (*VIEWS, GATE)):
                    pass
            forget_too(part.folder, to_go[part.folder])
        left = {part.folder: part.run.counts for part in parts} | {one: _anew(part) for one, part in touched.items()}
    reach(lineage.folders, ids | names)
    forgetting.end(lineage.folders)
    return Forgot(
        runs=len(frozenset[str]().union(*(one.gone.ids for one in touched.values()))),
        unread=sum(len(one.gone.repeats) for one in touched.values()),
        samples=sum(part.run.counts.samples - left[one].samples for one, part in touched.items()),
        counts=left[own],
        others=tuple(one for one in touched if one != own),
        unmade=tuple(one for one, part in touched.items() if part.choices is None),
        missing=lineage.missing,
        answers=answers,
    )


def _parts(lineage: Lineage, names: dict[Path, Names]) -> list[_Part]:
    """Each after the one that it comes after. Raises StoreError for a round that cannot be changed."""
    parts: dict[Path, _Part] = {}
    for one in lineage.folders:
        run = finished(one, half_forgotten=True)
        made = as_before(one, run.made_with.settings.formats)
        check(one)
        before = forgotten(one)
        gone, _ = look_up(one, names[one], before)
        is_half = run.counts.forgotten != len(before) and (one / FOLDER / MADE_WITH).exists()
        earlier = _earlier(one, run.made_with.after, parts, is_half=is_half)
        choices = _choices(one, made.choices, parts, earlier)
        parts[one] = _Part(one, run, before, gone, earlier, made.formats, choices)
    return list(parts.values())


def _touched(parts: Iterable[_Part]) -> dict[Path, _Part]:
    """Those in which something goes, and those after them."""
    touched: dict[Path, _Part] = {}
    for part in parts:
        if part.is_new or (part.earlier and part.earlier[-1] in touched):
            touched[part.folder] = part
    return touched


def _earlier(folder: Path, after: After | None, parts: dict[Path, _Part], *, is_half: bool) -> tuple[Path, ...] | None:
    """The rounds before, if they are what they were. Stopped half-way, with datasets left, they were so at first."""
    if after is None:
        return ()
    before = parts.get(rounds.place(folder, after.path))
    if before is None or before.earlier is None or not (is_half or rounds.mark(before.folder) == after.sha256):
        return None
    return (*before.earlier, before.folder)


def _choices(
    folder: Path, choices: Choices, parts: dict[Path, _Part], earlier: tuple[Path, ...] | None
) -> Choices | None:
    if earlier is None or any(parts[one].choices is None for one in earlier):
        return None
    try:
        return held_to(folder, choices, earlier)
    except StoreError:
        return None


def _anew(part: _Part) -> Counts:
    """Writes all files of a round without what is gone; what is left."""
    folder = part.folder
    with usable(folder):
        _sweep(folder)
        files = tuple(name for name in run_folder.files() if (folder / f"{name}.jsonl").exists())
        lines, passed_over = kept(folder, part.gone), part.run.counts.passed_over
        counts = run_folder.write_records(folder, files, lines, passed_over, len(part.gone.names)).counts
    written = None
    if (folder / FOLDER).exists() and part.choices:
        written = package(folder, part.formats, part.choices, proof, part.earlier or ())
    new = _sealed(part, counts)
    runs = (run_folder.last_sealed(one) for one in part.earlier or ())
    report(folder, new, written, [run.counts for run in runs if run])
    run_folder.seal(folder, new)
    return counts


def _sweep(folder: Path) -> None:
    """What was left behind half-written, and a batch's questions and answers: both hold words of runs."""
    for path in (*folder.glob(f"*{PART}"), folder / "batch"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _sealed(part: _Part, counts: Counts) -> run_folder.RunFile:
    """The ledger stays: what was paid for a run that is forgotten was paid."""
    run, proposals = part.run, part.folder / "proposals.jsonl"
    judged = records(proposals, Judged) if run.panel and proposals.exists() else ()
    judges = [seat.judge for seat in run.panel.seats] if run.panel else []
    said = panel(judges, judged, run.made_with.settings)
    made = run.made_with
    if made.after and part.earlier:
        after = made.after.model_copy(update={"sha256": rounds.mark(part.earlier[-1])})
        made = made.model_copy(update={"after": after})
    return run.model_copy(update={"made_with": made, "counts": counts, "panel": said})


def _places(parts: Iterable[_Part]) -> dict[str, frozenset[str]]:
    """By which each name is known in any round."""
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for name, places in part.gone.names.items():
            found[name] = found.get(name, frozenset()) | places
    return found


def _answers(parts: Iterable[_Part]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in parts:
        path = part.folder / "calls.jsonl"
        for spent in records(path, Spent) if path.exists() else ():
            if spent.run_id in part.gone.ids:
                found[spent.model] += spent.calls
    return found
