"""The cards as they are looked at: run and new goal, and hidden until somebody asks, all that was said of them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from agenther.pages.html import fragment
from agenther.pages.told import Act, Pair, Told
from agenther.records import Record, Result
from agenther.review.archive import Archive
from agenther.review.draw import Candidate, Card

KEPT = 16
"""Cards that are kept as they are shown, the next one among them."""


class View(NamedTuple):
    """A candidate with its run."""

    candidate: Candidate
    told: Told
    pair: Pair

    @property
    def opening(self) -> str:
        """Where the dialogue itself is the demonstration, what it begins with."""
        run = self.told.run
        return run.opening if self.candidate.judged.proposal.as_dialogue and run.goal_seen else ""

    @property
    def learned(self) -> tuple[int, ...]:
        """The steps that serve the goal."""
        return self.candidate.judged.proposal.relevant_steps

    @property
    def demonstrated(self) -> tuple[Act, ...]:
        """The steps that are shown to a rater."""
        return tuple(act for act in self.told.acts if act.step.n <= self.candidate.judged.proposal.end_step)

    @property
    def later(self) -> tuple[Act, ...]:
        """Those which the demonstration leaves out."""
        return self.told.acts[len(self.demonstrated) :]


class Shelf:
    """Cards by their place, made ready before they are asked for."""

    def __init__(self, cards: list[Card], archive: Archive) -> None:
        self.cards = cards
        self.archive = archive
        self.shown = lru_cache(KEPT)(self._shown)

    def _shown(self, n: int) -> Markup:
        shown = self.cards[n].shown
        by_run = {one.item.run_id: [other for other in shown if other.item.run_id == one.item.run_id] for one in shown}
        views = [view for first, some in enumerate(by_run.values(), 1) for view in self._views(some, first)]
        return fragment("review_card.html", views=views, is_one_run=len(by_run) == 1)

    def _views(self, some: list[Candidate], first: int) -> Iterator[View]:
        """Of candidates of one run."""
        run_id = some[0].item.run_id
        diagnoses: tuple[Record, ...] = tuple(one.diagnosis for one in some[:1] if one.diagnosis)
        made = Result(run_id=run_id, made=(*diagnoses, *(one.judged for one in some)))
        told = Told(self.archive[run_id], made, first)
        return (View(one, told, pair) for one, pair in zip(some, told.pairs, strict=True))
