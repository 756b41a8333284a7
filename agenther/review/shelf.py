"""The cards as they are looked at: run and new goal, and hidden until somebody asks, all that was said of them."""

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

    @property
    def pair(self) -> Pair:
        return self.told.pairs[0]

    @property
    def opening(self) -> str:
        """Where the dialogue itself is the demonstration, what it begins with."""
        run = self.told.run
        return run.opening if self.candidate.judged.proposal.as_dialogue and run.goal_seen else ""

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
        views = [self._view(one) for one in self.cards[n].shown]
        is_one_run = len({view.told.run.id for view in views}) == 1
        return fragment("review_card.html", views=views, is_one_run=is_one_run)

    def _view(self, one: Candidate) -> View:
        made: tuple[Record, ...] = (one.judged,) if one.diagnosis is None else (one.diagnosis, one.judged)
        return View(one, Told(self.archive[one.item.run_id], Result(run_id=one.item.run_id, made=made)))
