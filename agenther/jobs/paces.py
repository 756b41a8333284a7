"""How much each stage asks of a model for one run: as assumed, or as measured over runs that are done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable
from agenther.ladder import ASK_JOINED, ASK_LESSON, METHODS, STAGES
from agenther.records import Reason, Rejection, Sample, Spent
from agenther.store import run_folder
from agenther.store.journal import unpacked
from agenther.store.lines import records
from agenther.tally.counts import Fate


class Pace(NamedTuple):
    """What a stage asks for one run that is classified."""

    calls: float
    answer: float
    """Tokens of each answer."""


def assumed(attribute: str | None = None) -> dict[str, Pace]:
    """By question. Each judge is asked as often as `judge` says; the decisive step is looked for by that method."""
    asks = (
        *(ask for stage in STAGES.values() for ask in stage.asks),
        ASK_JOINED,
        ASK_LESSON,
        *METHODS[attribute or "rules"],
    )
    return {ask.question: Pace(ask.calls, ask.tokens) for ask in asks}


def finished(out: Path, again: frozenset[Reason] = frozenset()) -> tuple[set[str], list[Spent]]:
    """(ids of the runs that are done, what they asked of models) as the folder tells.

    Raises StoreError when it is damaged.
    """
    journal = out / "journal.jsonl"
    if journal.exists():
        try:
            with usable(journal), journal.open("rb") as file:
                return _journaled(file, again)
        except ValidationError:
            raise StoreError(journal, "is damaged; delete it to start anew") from None
    done: set[str] = set()
    spent: list[Spent] = []
    if run_folder.run_file(out):
        if (out / "samples.jsonl").exists():  # not after an early stage was done again
            done.update(sample.run_id for sample in records(out / "samples.jsonl", Sample))
        rejections = records(out / "rejections.jsonl", Rejection)
        done.update(one.run_id for one in rejections if one.run_id and one.reason not in again)
        spent.extend(records(out / "calls.jsonl", Spent) if (out / "calls.jsonl").exists() else ())
    return done, spent


def _journaled(lines: Iterable[bytes], again: frozenset[Reason]) -> tuple[set[str], list[Spent]]:
    """The same of a journal, in which the later result of a run stands for it. Raises ValidationError."""
    done: set[str] = set()
    spent: dict[str, list[Spent]] = {}
    asked: list[Spent] = []
    for line in lines:
        if line.startswith(b'{"calls":') and line.endswith(b"}\n"):
            asked.append(Spent.model_validate_json(unpacked(line)[1]))
        elif line.startswith(b'{"done":') and line.endswith(b"}\n"):
            fate = Fate.model_validate_json(unpacked(line)[1])
            done.add(fate.run_id)
            if fate.reason in again:
                done.remove(fate.run_id)
            spent[fate.run_id], asked = asked, []
    return done, list(chain.from_iterable(spent.values()))


def measured(spent: Iterable[Spent], seats: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], Pace]:
    """The pace of each stage and model over the runs that asked anything at all.

    `seats` tells how many judges of one name share their calls.
    """
    runs: set[str] = set()
    calls: Counter[tuple[str, str]] = Counter()
    tokens: Counter[tuple[str, str]] = Counter()
    for one in spent:
        runs.add(one.run_id)
        calls[one.stage, one.model] += one.calls
        tokens[one.stage, one.model] += one.completion
    return {
        which: Pace(calls[which] / len(runs) / seats.get(which, 1), tokens[which] / calls[which]) for which in calls
    }
