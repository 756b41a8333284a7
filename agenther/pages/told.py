"""One run, before and after: every decision about it, down to the named checks that made it.

The page of a run and `agenther explain` show the same.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from agenther.evidence.place import place
from agenther.packagers.base import LeftOut
from agenther.packagers.talk.turns import Turn, of_sample
from agenther.pages.marks import Piece, Spot, pieces
from agenther.records import Evidence, Judged, Result, Sample, Step, Tag, Trajectory

Fate = Literal["learned", "masked", "left out"]
"""Of a step in a sample: it carries loss; it is kept without; it is not there."""


class Claim(NamedTuple):
    """What a goal stands on."""

    text: str
    step: int
    quote: str
    anchor: str
    """Of the place that proves it; empty when its words stand nowhere."""


class Line(NamedTuple):
    """A message of the row, as a trainer reads it."""

    role: str
    text: str
    learned: bool


class Pair(NamedTuple):
    """A proposal and what became of it."""

    number: int
    judged: Judged
    sample: Sample | None
    claims: tuple[Claim, ...]
    row: tuple[Line, ...]
    left_out: str
    """Why no row is made of the sample."""


class Act(NamedTuple):
    """A step of the run."""

    step: Step
    call: tuple[Piece, ...]
    seen: tuple[Piece, ...]
    fates: tuple[tuple[int, Fate], ...]
    """For each sample, by the number of its pair."""
    tag: Tag | None
    """What it was worth to the failed goal, where that was told."""
    rank: int
    """Its place among those that may have decided the failure, from 1; 0 where it is none."""

    @property
    def is_used(self) -> bool:
        """Is it kept in a sample, or is there none?"""
        return not self.fates or any(fate == "learned" for _, fate in self.fates)


class Told:
    """A run and what it came to, to be looked at."""

    def __init__(self, trajectory: Trajectory, result: Result, first: int = 1) -> None:
        """Its pairs are numbered from `first` on, where pairs of other runs stand beside them."""
        self.run = trajectory
        self.result = result
        self.first = first

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        samples = iter(self.result.samples)
        return tuple(
            self._pair(number, judged, next(samples, None) if judged.accepted else None)
            for number, judged in enumerate(self.result.judged, self.first)
        )

    def _pair(self, number: int, judged: Judged, sample: Sample | None) -> Pair:
        row = tuple(_row(sample)) if sample else ()
        talk = of_sample(sample, is_cut=False) if sample else None
        claims = tuple(self._claim(number, n, claim) for n, claim in enumerate(judged.proposal.claims, 1))
        return Pair(number, judged, sample, claims, row, talk.rule if isinstance(talk, LeftOut) else "")

    def _claim(self, pair: int, number: int, claim: Evidence) -> Claim:
        anchor = f"p{pair}c{number}" if place(self.run, claim) else ""
        return Claim(claim.text, claim.step, claim.quote, anchor)

    @cached_property
    def start(self) -> list[Piece]:
        """What the agent saw before it first acted."""
        return self._marked(self.run.start or "", 0, "observation")

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        return tuple(map(self._act, self.run.steps))

    def _act(self, step: Step) -> Act:
        found = self.result.attribution
        suspects = [one.step for one in found.suspects] if found else []
        return Act(
            step,
            tuple(self._marked(call(step), step.n, "action")),
            tuple(self._marked(step.observation or "", step.n, "observation")),
            tuple((pair.number, _fate(step, pair.sample)) for pair in self.pairs if pair.sample),
            found.tags[step.n - 1] if found and step.n <= len(found.tags) else None,
            suspects.index(step.n) + 1 if step.n in suspects else 0,
        )

    def _marked(self, text: str, step: int, where: str) -> list[Piece]:
        spots = []
        for pair in self.pairs:
            for claim, evidence in zip(pair.claims, pair.judged.proposal.claims, strict=True):
                found = place(self.run, evidence) if claim.anchor and claim.step == step else None
                if found and found.where == where:
                    at = text.find(found.quote)
                    spots.append(Spot(max(at, 0), at + len(found.quote) if at >= 0 else len(text), claim.anchor))
        return pieces(text, spots)


def call(step: Step) -> str:
    """The act, as its log has it."""
    if step.says is not None:
        return step.says
    if step.action.raw is not None:
        return f"{step.action.name} {step.action.raw}"
    return f"{step.action.name} {json.dumps(step.action.arguments, ensure_ascii=False, indent=1)}"


def _fate(step: Step, sample: Sample) -> Fate:
    if step.n in sample.relevant_steps:
        return "learned"
    return "masked" if any(one.n == step.n for one in sample.steps) else "left out"


def _row(sample: Sample) -> Iterator[Line]:
    talk = of_sample(sample, is_cut=False)
    if isinstance(talk, LeftOut):
        return
    if talk.system:
        yield Line("system", talk.system, learned=False)
    yield Line("user", talk.user, learned=False)
    for turn in talk.acts:
        yield Line("assistant", _said(turn), learned=turn.serves)
        yield from (Line("tool", result, learned=False) for result in turn.results)
        if turn.reply:
            yield Line("user", turn.reply, learned=False)


def _said(turn: Turn) -> str:
    calls = (f"{one.name} {json.dumps(one.arguments, ensure_ascii=False)}" for one in turn.calls)
    return "\n".join(part for part in (turn.thought, turn.text, *calls) if part)
