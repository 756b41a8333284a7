"""What a run with models will take, before the first call: counted from the logs and the prompts, and from how far
runs get. That is taken from the runs that the folder holds already, or assumed.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from agenther.jobs.job import Job
from agenther.jobs.paces import Pace, assumed, finished, measured
from agenther.jobs.reading import entries
from agenther.ladder import ASK_LESSON
from agenther.llm.model import BYTES_PER_TOKEN
from agenther.prompt import VARIABLES, Prompts
from agenther.readers.reading import items
from agenther.records import Trajectory
from agenther.rendering.runs import RUN_ROOM, VALUE_ROOM
from agenther.settings import Price
from agenther.store.forgotten import forgotten
from agenther.store.inputs import inputs
from agenther.store.lines import records
from agenther.tally.counts import Table
from agenther.tally.ledger import cell, total

ENOUGH = 30
"""Finished runs from which can be told how far the others will get."""
RENDERED = 50
"""Runs that are all rendered; of those after them, one in `EVERY`."""
EVERY = 20


class Item(NamedTuple):
    """Expected of one stage and model."""

    model: str
    stage: str
    calls: int
    prompt: int
    completion: int
    usd: float | None


@dataclass(frozen=True)
class Estimate:
    """What is left to be done, about."""

    runs: int
    known: int
    """Runs that are done already."""
    items: tuple[Item, ...]
    measured: bool
    """Is how far runs get taken from the folder's own, not assumed?"""
    attribute: str | None = None
    """The method by which the decisive step is looked for."""

    @property
    def usd(self) -> float | None:
        """All of it; None when a price is not known."""
        return total(item.usd for item in self.items)


def estimate(logs: tuple[Path, ...], out: Path, job: Job, prompts: Prompts) -> Estimate:
    """Reads all logs, and renders some of the runs. Makes no call, and leaves `out` as it is.

    Runs that were rejected for a reason in `job.again` are still to be done, also where they stay of other logs.
    """
    settings, prices = job.made.settings, job.access.prices if job.access else {}
    done, spent = finished(out, job.again)
    settled = done | forgotten(out).keys() | job.earlier.keys()
    stages = settings.questions
    bytes_of = {stage: overhead(prompts, stage) for stage, _ in stages}
    sizes: Counter[str] = Counter()
    runs, scale = 0, Scale(prompts)
    read = items((entry for _, entry in entries(logs, out, job.shard)), settings)
    for item in chain(read, () if job.replace else staying(out, settled)):
        if isinstance(item, Trajectory) and item.id not in settled and item.steps and not item.label.success:
            settled.add(item.id)
            runs += 1
            shown = scale.shown(item) + len(item.goal.encode())
            bound = 0 if settings.fold or not item.is_dialogue else min(VALUE_ROOM, len((item.system or "").encode()))
            for stage, size in bytes_of.items():
                sizes[stage] += shown + size + (bound if "policy" in VARIABLES[stage] else 0)
    known = measured(spent, Counter(stages)) if len({one.run_id for one in spent}) >= ENOUGH else {}
    guessed = assumed(settings.attribute)
    paces = {which: known.get(which, Pace(0, 0)) if known else guessed[which[0]] for which in stages}
    expected = tuple(
        _item(model, stage, paces[stage, model], runs, sizes[stage], prices.get(model)) for stage, model in stages
    )
    return Estimate(runs, len(done), expected, measured=bool(known), attribute=settings.attribute)


def of_lessons(runs: Iterable[Trajectory], model: str, prompts: Prompts, price: Price | None) -> Estimate:
    """Of one question about each of these runs."""
    scale, name = Scale(prompts), ASK_LESSON.question
    beside = overhead(prompts, name)
    sizes = [scale.shown(run) + len(run.goal.encode()) + beside for run in runs]
    pace = Pace(ASK_LESSON.calls, ASK_LESSON.tokens)
    return Estimate(len(sizes), 0, (_item(model, name, pace, len(sizes), sum(sizes), price),), measured=False)


def staying(out: Path, settled: Container[str]) -> Iterator[Trajectory]:
    """Runs that the folder holds and that are not settled when they are asked for."""
    runs = out / "trajectories.jsonl"
    ids = {one.run_id for _, one in inputs(out) if one.is_run and one.run_id and one.run_id not in settled}
    if ids and runs.exists():
        yield from records(runs, Trajectory, ids)


@dataclass
class Scale:
    """How long runs are in a prompt: the first ones are rendered, and of the others every so many."""

    prompts: Prompts
    runs: int = 0
    rendered: int = 1
    """Bytes in a prompt of those that were rendered."""
    whole: int = 1
    """Characters that were observed in them."""

    def shown(self, trajectory: Trajectory) -> int:
        """Bytes that the run takes in a prompt, about."""
        self.runs += 1
        whole = 1 + sum(len(text) for _, text in trajectory.observations())
        if self.runs > RENDERED and self.runs % EVERY:
            return min(round(whole * self.rendered / self.whole), 2 * RUN_ROOM)
        size = len(self.prompts.run(trajectory).encode())
        self.rendered += size
        self.whole += whole
        return size


def overhead(prompts: Prompts, stage: str) -> int:
    """Bytes of a prompt beside the run and its goal."""
    return sum(len(text.encode()) for text in prompts.ask(stage, "", VARIABLES[stage]))


def _item(model: str, stage: str, pace: Pace, runs: int, size: int, price: Price | None) -> Item:
    calls = round(runs * pace.calls)
    prompt = round(size / BYTES_PER_TOKEN * pace.calls)
    completion = round(calls * pace.answer)
    usd = price.usd(prompt=prompt, cached=0, completion=completion) if price else None
    return Item(model, stage, calls, prompt, completion, usd)


def table(expected: Estimate, free: Container[str] = ()) -> Table:
    """The estimate, to look at. Models in `free` are asked at local endpoints, for nothing."""
    rows = tuple(
        (
            item.model,
            item.stage,
            f"{item.calls:,}",
            f"{item.prompt:,}",
            f"{item.completion:,}",
            cell(item.usd, is_free=item.model in free),
        )
        for item in expected.items
    )
    return Table("Estimate", ("model", "stage", "calls", "prompt tokens", "answer tokens", "USD"), rows)


def in_words(expected: Estimate) -> str:
    """What the estimate comes to, and on what it stands."""
    money = "the cost is not known" if expected.usd is None else f"about {expected.usd:.2f} USD"
    known = f" ({expected.known} are done)" if expected.known else ""
    if expected.measured:
        how = "as far as those before them got"
    else:
        paces, stages = assumed(expected.attribute), dict.fromkeys(item.stage for item in expected.items)
        share = ", ".join(f"{paces[stage].calls:g} {stage}" for stage in stages)
        how = f"assumed for each run: calls {share}"
    left_in = "nothing taken off for answers that are kept or prefixes in a cache"
    return f"{expected.runs} runs to ask about{known}: {money}, {left_in}; {how}"
