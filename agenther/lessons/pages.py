"""Pages where agents get lost: they act on one again and again, until the run ends or to come back to it."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from agenther.lessons.errors import mark
from agenther.lessons.known import Known
from agenther.lessons.occasion import Occasion, cited, is_call
from agenther.lessons.private import is_private
from agenther.lessons.records import Kind, Signature
from agenther.records import Step, Trajectory
from agenther.text.addresses import split

ACTS = 6
"""Acts on one page, at least, of an agent that is lost on it."""
AGAIN = 0.5
"""Share of them, at least, that were done before."""
RETURNS = 3
"""Times that it comes to the page."""
_COUNTED = re.compile(r"[^/]*\d[^/]*")
_HOST = re.compile(r"[\w.-]{1,60}(?::\d{1,5})?", re.ASCII)
_WORD = re.compile(r"[a-z]{1,16}")
_TOLD = re.compile(r"/(?:(?:[a-z]{1,16}|…)(?:/…)?)?")


class Page(NamedTuple):
    site: str
    path: str
    """Values in it replaced by a mark; hostile text, which is compared and never told."""


def page(step: Step) -> Page | None:
    """On which the act was done; None where the log tells none."""
    parts = split(step.url or "")
    return Page(parts.netloc.rpartition("@")[2], _COUNTED.sub("*", parts.path)) if parts.netloc else None


def strays(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """Pages on which the run acted often, and on which it ended or to which it came back."""
    placed = [(page(step), step) for step in run.steps if is_call(step)]
    visits = [(where, [step for _, step in group]) for where, group in groupby(placed, lambda one: one[0])]
    for where in dict.fromkeys(where for where, _ in visits if where):
        own = [steps for other, steps in visits if other == where]
        acts = [step for steps in own for step in steps]
        is_end = visits[-1][0] == where
        host = site(where.site, known)
        again = sum(count - 1 for count in Counter(_act(step) for step in acts).values())
        is_stuck = len(acts) >= ACTS and again >= AGAIN * len(acts)
        if not host or not is_stuck or not (is_end or len(own) >= RETURNS):
            continue
        told = f"the first of {len(acts)} acts on the page, of which {again} were done before", "the last of them"
        quoted = [one for act in acts if (one := cited(known, act, "")).quote][:: max(1, len(acts) - 1)]
        shown = tuple(one.model_copy(update={"text": text}) for one, text in zip(quoted, told, strict=False))
        signature = Signature(kind=Kind.LOST, site=host, error=name(where))
        at = acts[0].at
        common = sorted(Counter(step.action.name for step in acts).items(), key=lambda one: (-one[1], one[0]))
        most = tuple(("act", act) for act, _ in common[:1] if known.may_tell(act))
        agent = acts[0].agent
        yield Occasion(signature, failures=shown, agent=agent, at=at, sources=most, times=len(acts), others=again)


def left(run: Trajectory, known: Known) -> Iterator[tuple[str, str]]:
    """(site, name) of each page on which the run acted less often than one that is lost, and from which it went on."""
    placed = [where for step in run.steps if is_call(step) and (where := page(step)) and site(where.site, known)]
    for where, acts in Counter(placed).items():
        if acts < ACTS and where != placed[-1]:
            yield site(where.site, known), name(where)


def _act(step: Step) -> str:
    return step.action.model_dump_json()


def site(host: str, known: Known) -> str:
    """Its host, where the task, the first page or the agent tells it before any result; empty where none does."""
    if host not in known.sites:
        known.sites[host] = _site(host, known)
    return known.sites[host]


def _site(host: str, known: Known) -> str:
    first = next((found.site for step in known.run.steps if (found := page(step))), "")
    given = f"{known.run.goal} {known.run.system or ''}".split()
    is_told = host == first or host in given or known.is_typed(host)
    return host if is_told and is_host(host) else ""


def is_host(text: str) -> bool:
    """Has it the form of a host that may be told?"""
    return bool(_HOST.fullmatch(text)) and not is_private(text)


def is_page(text: str) -> bool:
    """Has it the form of `name`, without the mark?"""
    return bool(_TOLD.fullmatch(text))


def name(where: Page) -> str:
    """The first word of its path, and a mark: one word tells nobody to do anything."""
    first, *rest = where.path.strip("/").split("/")
    shown = first if _WORD.fullmatch(first) else "…" if first else ""
    return f"/{shown}{'/…' if rest else ''} {mark(where.path)}"
