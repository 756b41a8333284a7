"""What a probe found: how many wrong goals got through each judge, with intervals, and which."""

from collections.abc import Iterator
from typing import Any

from agenther.probe.spots import Kind
from agenther.records import Record
from agenther.tally.counts import Table
from agenther.tally.shares import Share

GATE = "gate"
"""All judges together: what they refuse as the pipeline has it."""
TRUE = "true"
"""Stands in the place of a twin's kind for the goals themselves."""


class Line(Record):
    """What one judge, or the gate, did with the goals of one kind."""

    judge: str
    kind: str
    """A kind of twin, or "true"."""
    from_run: bool
    refused: Share


class Unproven(Record):
    """Goals of one kind that the mechanical judge does not prove wrong."""

    kind: str
    named: Share
    """How many of them a doubt names by what was changed."""
    points: int
    """Doubts about them, in all."""


class Passed(Record):
    """A twin that got through the gate."""

    sample_id: str
    goal: str
    twin: str
    kind: str


class Report(Record):
    lines: tuple[Line, ...]
    passed: tuple[Passed, ...]
    unproven: tuple[Unproven, ...] = ()

    def proved(self, *kinds: str) -> Share:
        """Of the goals of these kinds, how many the mechanical judge proves wrong."""
        of = self.refused(GATE, *kinds).of
        return Share(part=of - sum(one.named.of for one in self.unproven if one.kind in kinds), of=of)

    def named(self, *kinds: str) -> Share:
        """Of those that it does not, how many a doubt names by what was changed."""
        chosen = [one.named for one in self.unproven if one.kind in kinds]
        return Share(part=sum(share.part for share in chosen), of=sum(share.of for share in chosen))

    def refused(self, judge: str, *kinds: str, from_run: bool | None = None) -> Share:
        """Of the goals of these kinds, how many the judge refused; `from_run` narrows it to one sort of twins."""
        chosen = [
            line.refused
            for line in self.lines
            if line.judge == judge and line.kind in kinds and from_run in {None, line.from_run}
        ]
        return Share(part=sum(share.part for share in chosen), of=sum(share.of for share in chosen))

    def through(self, judge: str, *kinds: str, from_run: bool | None = None) -> Share:
        """Of the goals of these kinds, how many the judge let through."""
        return self.refused(judge, *kinds, from_run=from_run).rest

    def tables(self) -> tuple[Table, ...]:
        """For each judge and the gate: what got through by kind, twins with words of the run and from nowhere apart."""
        columns = ("kind", "got through", "with words of the run", "from nowhere")
        return tuple(
            Table(f"Near-miss goals that got through: {judge}", columns, tuple(self._rows(judge)))
            for judge in dict.fromkeys(line.judge for line in self.lines)
        )

    def _rows(self, judge: str) -> Iterator[tuple[str, ...]]:
        for kind in Kind:
            yield kind, *(str(self.through(judge, kind, from_run=which)) for which in (None, True, False))
        yield "all of them", *(str(self.through(judge, *Kind, from_run=which)) for which in (None, True, False))
        yield "(true goals)", str(self.through(judge, TRUE)), "", ""

    def in_short(self) -> str:
        """The gate in one line."""
        return f"near-miss goals through the gate: {self.through(GATE, *Kind)}; true goals: {self.through(GATE, TRUE)}"

    def objects(self) -> Iterator[dict[str, Any]]:
        """For other programs: what got through, by judge and kind, and then each twin that got through the gate."""
        for line in self.lines:
            through = line.refused.rest
            low, high = (round(bound, 4) for bound in through.interval)
            counted = {"through": through.part, "of": through.of, "low": low, "high": high}
            yield {"judge": line.judge, "kind": line.kind, "from_run": line.from_run, **counted}
        for one in self.passed:
            yield one.model_dump()
