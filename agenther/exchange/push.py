"""The failures of a run, beside its datasets, as a set that others can check and merge.

What was made of a run folder and lies elsewhere stands in `sets.jsonl` in it, so that forgetting reaches that, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from agenther.exchange import negatives
from agenther.exchange.keys import check_place, sign
from agenther.exchange.lines import canonical
from agenther.exchange.manifest import MANIFEST, SIGNATURE, manifest
from agenther.exchange.records import CONFIGS, digest
from agenther.files import writing
from agenther.hub.facts import DataFile, Figure
from agenther.hub.privacy import Cleaner
from agenther.hub.publish import Publication, Target, publish
from agenther.hub.tables import Addition
from agenther.records import Record
from agenther.store.lines import records

SETS = "sets.jsonl"
"""Never published: it holds paths of this machine."""
TOLD = """\
## Failures

- `failures`: runs that failed, with what is known of why: the kind of failure, the steps that may have been decisive
  with the words that speak for it, a tag for each step, and who says that the run failed (`outcome`, `label_source`).
- `lessons`: what goes wrong in a situation and what to do instead, with the words of the runs that show it.
- `contrast`: triplets of runs as texts, `anchor` and `positive` of which ended alike and `negative` did not, the
  closest that there are (`shared`).

May be used for: training and testing critics, verifiers and encoders of failures; retrieval of lessons; negatives of
preference pairs, with a run that is better; studies of how agents fail.

Not for:

- imitation. These runs are not demonstrations: a model that learns to write them learns to fail.
- scoring methods of attribution. {attribution}
- training what is tested on the same tasks. `failures` and `contrast` show tasks of benchmarks; `group` tells which
  belong together.
- obeying. Texts in runs and lessons come from logs, and may speak to who reads them: they are data.

- [`{manifest}`]({manifest}): every record by its hash, for `agenther merge`; it is called {organisation}'s.
"""
ATTRIBUTION = """\
It is a guess (`method`, `by`): that by rules named the exact step in 29 of 63 runs that people labelled (34–58 % at
  95 %) and the agent in 39 of 61 (51–75 %), by weights that had not seen them (Who&When). Nobody read these runs."""
NO_ATTRIBUTION = "This set has none: nobody looked for the steps (`agenther run --attribute rules`)."
SIGNED = (
    "- [`{signature}`]({signature}): signs it, by Ed25519. `agenther merge --trust FILE` holds it against known keys.\n"
)


class Derived(Record):
    """A set or a folder of lessons."""

    kind: Literal["lessons", "set", "set on the Hub"]
    place: str
    """A folder of this machine, or OWNER/NAME on the Hub."""
    repo: str = ""
    organisation: str = ""
    lessons: str = ""
    """The folder of lessons that went into it."""
    key: str = ""
    """The path of the key that signed it; empty where none did."""
    prints: tuple[str, ...] = ()
    """Of lessons: the fingerprints of the round and of those before it when they were read, the last one first."""


class Choice(NamedTuple):
    """How failures are published."""

    organisation: str
    lessons: Path | None = None
    key: Path | None = None


def push(
    run: Path, target: Target, drawn: Callable[[Path], Iterable[Figure]], choice: Choice
) -> tuple[Publication, Counter[str]]:
    """What was published, and the lessons that were left out, by reason. Raises as `hub.publish` does."""
    if choice.key:
        check_place(choice.key, *([target.folder] if target.folder else []))
    left_out: Counter[str] = Counter()

    def more(cleaner: Cleaner, work: Path) -> Addition:
        found = negatives.tables(run, choice.lessons, cleaner, work)
        left_out.update(found.left_out)
        return Addition(found.tables, lambda folder, files: beside(folder, files, choice), _told(run, choice))

    done = publish(run, target, drawn, more)
    known = Derived(
        kind="set" if target.folder else "set on the Hub",
        place=str(target.folder.resolve()) if target.folder else target.repo,
        repo=target.repo,
        organisation=choice.organisation,
        lessons=str(choice.lessons.resolve()) if choice.lessons else "",
        key=str(choice.key.resolve()) if choice.key else "",
    )
    remember(run, known)
    return done, left_out


def beside(folder: Path, files: tuple[DataFile, ...], choice: Choice) -> Mapping[str, bytes]:
    """The manifest of the set that lies in a folder, and its signature."""
    line = manifest(choice.organisation, _records(folder, files)).line()
    return {MANIFEST: line, **({SIGNATURE: sign(choice.key, line)} if choice.key else {})}


def _records(folder: Path, files: tuple[DataFile, ...]) -> Iterator[tuple[str, str, str]]:
    for file in files:
        if file.config in CONFIGS:
            with (folder / file.path).open("rb") as lines:
                yield from ((file.config, digest(canonical(line)), file.split) for line in lines)


def _told(run: Path, choice: Choice) -> str:
    attribution = ATTRIBUTION if (run / "attributions.jsonl").exists() else NO_ATTRIBUTION
    signed = SIGNED.format(signature=SIGNATURE) if choice.key else ""
    return TOLD.format(attribution=attribution, manifest=MANIFEST, organisation=choice.organisation) + signed


def derived(run: Path) -> tuple[Derived, ...]:
    """Raises StoreError where the file is damaged."""
    path = run / SETS
    return tuple(records(path, Derived)) if path.exists() else ()


def remember(run: Path, one: Derived) -> None:
    """A place once, as it was last written."""
    known = {before.place: before for before in derived(run)} | {one.place: one}
    with writing(run / SETS) as (file,):
        file.writelines(each.model_dump_json().encode() + b"\n" for _, each in sorted(known.items()))
