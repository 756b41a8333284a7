"""Runs in a browser, told page by page: what the agent saw, and what it did there."""

from collections.abc import Sequence
from typing import NamedTuple

from agenther.records import Action, Step

NO_ACTION = "none"
"""The act of a page on which the agent did nothing that its log tells."""
UNREAD = "The log tells no action for this step."


class Page(NamedTuple):
    """One page, unless the run ends there with what the agent did on it."""

    seen: str
    """What the agent got to see of it before it acted; empty where the log does not keep that."""
    acts: Sequence[Action] = ()
    thought: str = ""
    url: str = ""
    told: str | None = None
    """Why the act that led here failed, where the environment says so."""


def steps(pages: Sequence[Page], *, open_end: bool = False) -> tuple[Step, ...]:
    """A step for each act. Those of one page share a turn, and the last of them saw the next page.

    `open_end`: the last page has no act, and is only what the step before led to.
    """
    found: list[Step] = []
    for turn, page in enumerate(pages[:-1] if open_end else pages, 1):
        after = pages[turn] if turn < len(pages) else Page("")
        acts = page.acts or (Action(name=NO_ACTION),)
        for n, action in enumerate(acts, 1):
            is_last = n == len(acts)
            found.append(
                Step(
                    n=len(found) + 1,
                    turn=turn,
                    thought=page.thought.strip() or None if n == 1 else None,
                    action=action,
                    observation=after.seen or None if is_last else None,
                    error=None if not is_last else after.told if page.acts else UNREAD,
                    url=page.url or None,
                )
            )
    return tuple(found)
