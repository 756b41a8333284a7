"""Triplets of runs for encoders: a run, one that ended like it, and one that did not, as close to it as there are any.

The same triplets come of the same runs in whatever order. Each run is the first of one triplet at most, and no more
than `MOST` times the second or the third; all three are on one side of the split.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

from agenther.exchange.records import Failed, Triplet
from agenther.packagers.selection.split import share
from agenther.rendering.runs import render_run

MOST = 3
ROOM = 8_000
"""Characters of a run, about: encoders read no more."""
TRIES = 50
"""Runs that are looked at for a place, before a farther one is taken."""
Shared = Literal["task", "template", "site", "benchmark", "nothing"]
LEVELS: tuple[Shared, ...] = get_args(Shared)


class Point(NamedTuple):
    """What is known of a run while triplets are made."""

    id: str
    group: str
    side: str
    outcome: Literal["failed", "succeeded"]
    failure_type: str
    marks: tuple[str, ...]
    """One for each of `LEVELS`, empty where the log tells none: runs with the same share that."""
    words: str
    """Hash of its text."""


class Chosen(NamedTuple):
    anchor: Point
    positive: Point
    negative: Point
    shared: Shared


def text(run: Failed) -> str:
    """As an encoder reads it."""
    return f"{run.goal}\n{render_run(run.run(), room=ROOM)}"


def point(run: Failed, side: str, words: str) -> Point:
    task = f"{run.benchmark}/{run.task_id}" if run.task_id else run.goal
    site = f"{run.benchmark}/{run.domain}" if run.domain else ""
    return Point(
        id=run.run_id,
        group=run.group,
        side=side,
        outcome="succeeded" if run.outcome == "succeeded" else "failed",
        failure_type=run.failure_type,
        marks=(task, run.template, site, run.benchmark, "all"),
        words=sha256(words.encode()).hexdigest(),
    )


def chosen(points: Iterable[Point]) -> Iterator[Chosen]:
    """In an order of their own."""
    ordered = sorted(points, key=lambda one: (share(one.id), one.id))
    places = _Places(ordered)
    for anchor in ordered:
        other = "failed" if anchor.outcome == "succeeded" else "succeeded"
        for n, shared in enumerate(LEVELS):
            if not anchor.marks[n]:
                continue
            positive = places.free("positive", anchor, n, anchor.outcome)
            negative = places.free("negative", anchor, n, other) if positive else None
            if positive and negative:
                places.take("positive", positive)
                places.take("negative", negative)
                yield Chosen(anchor, positive, negative, shared)
                break


class _Places:
    """Runs that may stand in more triplets."""

    def __init__(self, points: list[Point]) -> None:
        self.uses: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.rows: defaultdict[tuple[str, ...], deque[Point]] = defaultdict(deque)
        for one in points:
            for n, mark in enumerate(one.marks):
                for kind in {one.failure_type, ""} if mark else ():
                    for role in ("positive", "negative"):
                        self.rows[role, one.side, str(n), mark, one.outcome, kind].append(one)

    def free(self, role: str, anchor: Point, n: int, outcome: str) -> Point | None:
        """The next in turn; as the second of a triplet, one that failed in the same way, if any is there."""
        for kind in (anchor.failure_type, "") if role == "positive" else ("",):
            row = self.rows[role, anchor.side, str(n), anchor.marks[n], outcome, kind]
            for _ in range(min(TRIES, len(row))):
                one = row.popleft()
                if self.uses[role, one.id] < MOST:
                    row.append(one)
                    if one.id != anchor.id and one.words != anchor.words:
                        return one
        return None

    def take(self, role: str, one: Point) -> None:
        self.uses[role, one.id] += 1


def triplet(one: Chosen, texts: tuple[str, str, str]) -> Triplet:
    ids = (one.anchor.id, one.positive.id, one.negative.id)
    return Triplet(
        id=f"contrast-{sha256(' '.join(ids).encode()).hexdigest()[:16]}",
        group=one.anchor.group,
        anchor=texts[0],
        positive=texts[1],
        negative=texts[2],
        outcome=one.anchor.outcome,
        failure_type=one.anchor.failure_type,
        shared=one.shared,
        anchor_run_id=ids[0],
        positive_run_id=ids[1],
        negative_run_id=ids[2],
        positive_group=one.positive.group,
        negative_group=one.negative.group,
    )
