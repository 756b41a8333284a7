"""What every packager stands on: what it is given, what it makes of it, and what it leaves out and why.

A dataset format has one part, or several that lie in folders of their own. A part has two sources, either of
which it may leave alone: accepted samples, one at a time (`rows`), and the whole batch (`pairs`). `problems`
states the trainer's own rules; a row that breaks one is left out, counted and named.
"""

import json
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from agenther.packagers.columns import NUMBER, TEXT, Columns
from agenther.packagers.trainers import Trainer
from agenther.records import Judged, Proposal, Sample, Trajectory, Verdict

Given = TypeVar("Given")
Told = TypeVar("Told")

KEPT = "kept-goal"
"""The kind of samples of failed runs under their own goal, and the folder of the datasets that hold them alone."""
TRAIN, TEST = SPLITS = ("train", "test")

Row = dict[str, Any]
Message = dict[str, Any]


class LeftOut(NamedTuple):
    """A sample, row or task of which a format has nothing, and the rule that says so."""

    id: str
    rule: str
    other: str = ""
    """The sample that stands for it, where the rule is about two."""
    detail: str = ""
    """More than the rule says; not counted apart."""

    @property
    def why(self) -> str:
        return f"{self.rule} {self.other}".rstrip()


class Pick(NamedTuple):
    """A sample that goes into the datasets, and what was decided over it for all formats."""

    sample: Sample
    group: str
    """What stays on one side of the split."""
    weight: float = 1.0
    """How much it counts in training: the severity weight (AgentHER §3.1) times HSL's efficiency weight, see
    `weights.py`."""
    split: str = TRAIN
    """The side of the split on which its rows are."""


Refutes = Callable[[Trajectory, Proposal], Verdict | None]


def nothing_proved(_run: Trajectory, _proposal: Proposal) -> Verdict | None:
    """Of somebody who proves nothing."""
    return None


class Batch(NamedTuple):
    """All that is packaged, to be read from the beginning any number of times."""

    picks: Callable[[], Iterator[Pick]]
    runs: Callable[[], Iterator[Trajectory]]
    group: Callable[[Sample | Trajectory], str]
    decisive: Mapping[str, int] = {}
    """Of runs, by id, the step that made them fail, where that was looked for."""
    refused: Callable[[], Iterator[Judged]] = lambda: iter(())
    """Proposals that were not accepted, in the order of `runs`."""
    reached: Container[int] = ()
    """What `reaches` gives for every accepted sample, those too that are not among the picks."""
    refutes: Refutes = nothing_proved
    """What the mechanical judge proves of a proposal; where nobody proves anything, nothing is shown to fail."""
    is_expert: Callable[[Trajectory], bool] = lambda _run: False
    """Is the run an expert's demonstration?"""


def nothing(_given: object) -> Iterator[Any]:
    """Of a part that leaves a source alone."""
    return iter(())


class Part(NamedTuple):
    """Rows of one shape: a file for each split."""

    problems: Callable[[Row], list[str]]
    """The trainer's rules that a row breaks; empty when it can be written."""
    columns: Columns
    """What every row has, and no other column."""
    rows: Callable[[Pick], Iterator[Row | LeftOut]] = nothing
    pairs: Callable[[Batch], Iterator[Row | LeftOut]] = nothing
    messages: tuple[str, ...] = ()
    """Columns of messages with a field of its own for thoughts; `chat.py` shows one."""
    label: str = ""
    """The column that says whether a row is desirable, where rows are of either kind."""
    shape: Callable[[Row], Row] = dict
    """Of a row that breaks no rule, the one that is written."""
    trainers: tuple[Trainer, ...] = ()
    """That take the rows as they are."""
    sequences: tuple[tuple[str, ...], ...] = ()
    """The columns of which a trainer makes one text; several where it makes several of a row."""
    weighs: bool = False
    """Does each row say to its reader how much it counts? Such rows are never written more than once."""
    keeps_goal: bool = False
    """Is it of failed runs under their own goal, and of nothing else?"""


def each(
    source: Callable[[Given], Iterator[Told | LeftOut]], row: Callable[[Told], Row]
) -> Callable[[Given], Iterator[Row | LeftOut]]:
    """A format's `rows` or `pairs`: a row of each that `source` gives; what it leaves out stays left out."""
    return lambda given: (it if isinstance(it, LeftOut) else row(it) for it in source(given))


class Packager(NamedTuple):
    """One dataset format, as `PACKAGERS` lists it."""

    about: str
    parts: Mapping[str, Part]
    """By name of their folder; "" for a part that lies in the format's own."""
    finish: Callable[[Path], None] = lambda _folder: None
    """Called with the format's folder once its rows are written, if there are any."""


def parts_of(packagers: Mapping[str, Packager]) -> dict[str, Part]:
    """Their parts by folder."""
    return {f"{name}/{part}".rstrip("/"): it for name, one in packagers.items() for part, it in one.parts.items()}


def files(folder: Path) -> dict[str, Path]:
    """The files of rows in the folder of a part, by split."""
    return {split: path for split in SPLITS if (path := folder / f"{split}.jsonl").exists()}


PROVENANCE: Columns = {
    **dict.fromkeys("id run_id group source benchmark goal_original kind failure_type".split(), TEXT),
    **dict.fromkeys("severity severity_weight weight confidence".split(), NUMBER),
    **dict.fromkeys("answer_source by judges".split(), TEXT),
}


def provenance(pick: Pick) -> Row:
    """The columns that every row of a sample carries; trainers ignore them. No value is null."""
    sample = pick.sample
    return {
        "id": sample.id,
        "run_id": sample.run_id,
        "group": pick.group,
        "source": f"{sample.source.format}:{sample.source.path}",
        "benchmark": sample.benchmark,
        "goal_original": sample.original_goal,
        "kind": sample.kind,
        "failure_type": sample.failure_type or "",
        "severity": round(sample.severity, 6),
        "severity_weight": round(sample.weight, 6),
        "weight": round(pick.weight, 6),
        "confidence": round(sample.confidence, 6),
        "answer_source": sample.answer_source,
        "by": sample.by,
        "judges": ", ".join(verdict.judge for verdict in sample.verdicts),
    }


def serving(sample: Sample) -> set[int]:
    """The steps that serve the goal, of those that are there."""
    return set(sample.relevant_steps) & {step.n for step in sample.steps}


def text(value: Any) -> str:
    """JSON, with letters as they are."""
    return json.dumps(value, ensure_ascii=False)
