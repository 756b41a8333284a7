"""What a dataset card is written from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agenther.packagers.columns import Columns
from agenther.tally.counts import Table

FIGURES = "figures/"
"""The folder of the card's pictures."""


class DataFile(NamedTuple):
    """One file of rows, as it lies in the repository."""

    path: str
    """`sft/train-00000-of-00001.jsonl`."""
    config: str
    split: str
    rows: int
    typed: bool = False
    """Has each row the columns that its format declares, and no others?"""
    columns: "Columns | None" = None
    """Those that are declared."""

    @property
    def prefix(self) -> str:
        """What the paths of all files of this split begin with."""
        return self.path[: self.path.rindex("/")] + f"/{self.split}-"


class Opinion(NamedTuple):
    """What one judge, or two of them, said of the proposals that came before all of them."""

    judges: tuple[str, ...]
    asked: int
    agreed: int
    """One judge: the proposals that it held valid. Two: those on which they said the same."""


class Figure(NamedTuple):
    """A picture beside the card, which shows counts."""

    name: str
    about: str
    """For who cannot see it."""
    svg: str

    @property
    def path(self) -> str:
        return f"{FIGURES}{self.name}.svg"


class Facts(NamedTuple):
    """What is known of a run."""

    run: Mapping[str, Any]
    """The content of `run.json`; what is missing there is left out of the card."""
    opinions: tuple[Opinion, ...] = ()
    redacted: bool = False
    """Do placeholders stand for what was private in the rows?"""
    notes: str = ""
    """What to know before training on them."""
    figures: tuple[Figure, ...] = ()
    opening: str = ""
    """What the datasets are, where they are not of one run."""
    more: str = ""
    """What more there is to be said of them, in Markdown."""
    earlier: tuple[Mapping[str, Any], ...] = ()
    """The content of `run.json` of the rounds before, the first one first."""
    rounds: tuple[Table, ...] = ()
    """What each round added; empty for a run that comes after no other."""
