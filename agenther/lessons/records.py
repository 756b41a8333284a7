"""Every type of a lesson: what went wrong, when it applies, what to do instead, and what shows it.

A lesson is read by other agents, and the logs that it comes from are hostile text: see `agenther.lessons.safe`.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from pydantic import Field

from agenther.records import RULES, Evidence, Record

FEW = 2
"""Runs, at least, on which a lesson stands that is not marked."""


class Kind(StrEnum):
    """What happened."""

    REPAIRED = "repaired"
    """A call failed, and a later call of the same tool worked."""
    UNRECOVERED = "unrecovered"
    """An error that was never overcome."""
    LOOP = "loop"
    """The same call again and again."""
    LOST = "lost"
    """A page or a state in which agents go round."""
    TOLD = "told"
    """What a model says went wrong."""


class Cited(Evidence):
    """Verbatim words of one step of one run."""

    run_id: str


class Signature(Record):
    """The situation, as far as it can be told mechanically. Equal signatures are one cluster."""

    kind: Kind
    tool: str = ""
    error: str = ""
    """The error's words, each value in it replaced by its kind, so that two errors of one kind are equal."""
    site: str = ""
    """Host of the page (web runs)."""
    domain: str = ""
    template: str = ""
    """Key of the task's template."""


class When(Record):
    """When it applies."""

    signature: Signature
    others: tuple[Signature, ...] = ()
    """Those of lessons that were merged into it, sorted."""
    tools: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


class Lesson(Record):
    id: str
    """Hash of what it says and when it applies; stable over machines, orders and reruns. See `named`."""
    when: When
    wrong: str
    """What goes wrong, in one sentence."""
    instead: str
    """What to do instead, in one sentence."""
    failures: tuple[Cited, ...] = ()
    """A few of those that show what goes wrong."""
    successes: tuple[Cited, ...] = ()
    """A few of those that show what worked; none where nothing did."""
    run_ids: tuple[str, ...] = ()
    """All runs that it stands on, sorted, so that distinct ones can be counted when sets are merged."""
    agents: tuple[str, ...] = ()
    """All agents that it stands on, sorted, by the names that the logs give them."""
    decisive: int = Field(default=0, ge=0)
    """Runs in which attribution holds a step that it cites for one that may have been decisive."""
    against: int = Field(default=0, ge=0)
    """Runs in which just what it warns of went well."""
    helpful: int = Field(default=0, ge=0)
    """Times that it was given to an agent and helped."""
    harmful: int = Field(default=0, ge=0)
    """Times that it was given to an agent and did harm."""
    prevents: float = Field(default=0, ge=0, le=1)
    """Share of all failed runs that it matches and that it could have warned: another task taught it, too."""
    surprise: float = Field(default=0, ge=0)
    """Bits: how rarely runs that call the tool, or see the site, come into the situation. One that all meet has 0."""
    first_seen: str = ""
    """ISO date; empty where no log tells a time. So too the next two."""
    last_seen: str = ""
    expires: str = ""
    by: str = RULES
    """Who wrote it: "rules", or the model's name."""

    @property
    def runs(self) -> int:
        return len(self.run_ids)

    @property
    def is_marked(self) -> bool:
        """Does it stand on fewer than two runs?"""
        return self.runs < FEW


def named(signature: Signature, wrong: str, instead: str) -> str:
    """The id of a lesson that says so of that situation, wherever and on whatever evidence it was made."""
    told = json.dumps([signature.model_dump(mode="json"), wrong, instead], sort_keys=True)
    return f"lesson-{sha256(told.encode()).hexdigest()[:16]}"


class Why(StrEnum):
    """Why a candidate is no lesson."""

    CONTRADICTED = "contradicted"
    """Just what it warns of went well in at least as many runs."""
    OUTWEIGHED = "outweighed"
    """Of the same situation, another says something else, and stands on more runs."""
    ORDERS = "gives-orders"
    """It tells its reader to do more than to use a tool in another way."""
    QUOTES = "quotes-an-instruction"
    """It has words out of a log that are no names and no values."""
    UNPROVED = "evidence-does-not-stand"
    TOO_LITTLE = "too-little"
    """Too few runs show that it is a matter of the tool, and not of what it was given."""
    MERGED = "merged"
    """It says the same as another, which has its evidence."""


class Dropped(Record):
    """A candidate and the one reason why it is no lesson."""

    lesson: Lesson
    why: Why
    into: str = ""
    """The id of the other, where there is one."""


class Counts(Record):
    """candidates = kept + merged + dropped."""

    runs: int = 0
    """Read, with those that taught nothing."""
    failures: int = 0
    candidates: int = 0
    kept: int = 0
    merged: int = 0
    dropped: int = 0
    told: int = 0
    """Mistakes of which a model spoke; those that are not refused are among the candidates."""
    refused: dict[str, int] = Field(default_factory=dict)
    """Of these, by the reason, those that are not believed or must not be told. None of their words is kept."""
    unanswered: int = 0
    """Failed runs about which a model gave no answer that could be used."""


class Choices(Record):
    """The settings of one set of lessons."""

    abstract: bool = False
    """Are names of sites, tools and values generalised to kinds?"""
    model: str | None = None
    """Who tells more lessons; None: only rules."""
    held_out: float = Field(default=0, ge=0, lt=1)
    """Share of the tasks that no lesson may stand on, so that there are runs to hold the lessons against."""


class MadeWith(Record):
    """`lessons.json`: what froze the set."""

    version: str
    choices: Choices
    folders: Mapping[str, tuple[str, ...]]
    """By the fingerprint of each run folder, sorted: what stands for each task of which a run in it was read, and for
    its goal; see `situation.task_keys`.
    """
    counts: Counts
    prompts: dict[str, str] = Field(default_factory=dict)
    """Fingerprints of the prompts that a model was asked by."""
    sha256: str
    """Of the bytes of `lessons.jsonl`."""

    @property
    def tasks(self) -> frozenset[str]:
        """Of all folders."""
        return frozenset[str]().union(*self.folders.values())
