"""What a trial came to, for people and for programs."""

from collections.abc import Iterator, Mapping

from agenther.lessons.trial.paired import Found, Mean
from agenther.lessons.trial.read import Read
from agenther.tally.counts import Table

NAMED = 5
"""Results that are named of those that do not count."""


def tables(found: Found) -> Iterator[Table]:
    yield _table("Success by arm, at 95 %", found.success, "")
    yield _table("Differences, task by task, at 95 %", found.differences, "+")


def _table(title: str, means: Mapping[str, Mean], sign: str) -> Table:
    rows = tuple(
        (name, f"{one.value:{sign}.1%}", f"{one.low:{sign}.1%} to {one.high:{sign}.1%}") for name, one in means.items()
    )
    return Table(title, ("", "mean", "interval"), rows)


def in_short(read: Read) -> str:
    """The verdict, on how much it stands."""
    needs = f" (needs about {read.found.needs} tasks)" if read.found.needs else ""
    stands = f"{read.found.tasks} tasks, {read.found.runs} runs in each arm"
    left = f"; {read.incomplete} tries without all three arms do not count" if read.incomplete else ""
    return f"{read.found.said}{needs}: {stands}{left}"


def warnings(read: Read) -> Iterator[str]:
    for names, why in ((read.unmatched, "match no row of the trial"), (read.unknown, "tell no success")):
        if names:
            more = ", …" if len(names) > NAMED else ""
            yield f"{len(names)} results {why}: {', '.join(names[:NAMED])}{more}"


def as_object(read: Read) -> dict[str, object]:
    return {
        "trial": read.trial.id,
        **read.found.model_dump(mode="json"),
        "incomplete": read.incomplete,
        "unmatched": read.unmatched,
        "unknown": read.unknown,
        "left_out": [one.model_dump(mode="json") for one in read.trial.left_out],
    }
