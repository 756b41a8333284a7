"""What a web run reached: pages opened and searches made, told as requests.

State k is what the agent saw after act k (state 0: before its first). A page counts as reached when its
title changed through an act of the agent, and the way there led through no page twice.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from agenther.evidence.addresses import split
from agenther.evidence.trouble import AT_HAND, page_title, troubles
from agenther.evidence.words import squeezed
from agenther.records import Evidence, Step, Trajectory
from agenther.stages.english import joined

_MOVES = frozenset("click goto type press select_option new_tab submit fill open navigate go_to keyboard_press".split())
_PARTS = (re.compile(r"\s+(?:[|·•»]|::)\s+"), re.compile(r"\s+/\s+"))
"""What separates a page from its site in a title; the first kind that occurs counts."""


@dataclass(frozen=True)
class Title:
    """A page's title, taken apart where the run shows which part of it names the site."""

    text: str
    parts: tuple[str, ...]
    site: str | None

    @classmethod
    def of(cls, text: str, site: str | None) -> "Title":
        parts = _parted(text)
        if len(parts) > 1 and parts[-1] == site:
            return cls(text, tuple(parts[:-1]), site)
        return cls(text, (text,), None)

    def as_page(self) -> str:
        """The page "Orders" on Magento Admin."""
        middle = f' of "{self.parts[1]}"' if len(self.parts) == 2 and self.parts[1] != self.parts[0] else ""
        return f'the page "{self.parts[0]}"{middle}' + (f" on {self.site}" if self.site else "")


@dataclass(frozen=True)
class Reached:
    """A request that the acts up to `step` fulfil."""

    step: int
    kind: str
    """"navigate", "search" or "read"."""
    goal: str
    answer: str
    claims: tuple[Evidence, ...]
    relevant: tuple[int, ...]
    confidence: float


@lru_cache(maxsize=AT_HAND)
def reached(trajectory: Trajectory) -> tuple[Reached, ...]:
    """Every page to which the run led directly, in order, each once."""
    titles = [page_title(trajectory.observation(k)) for k in range(len(trajectory.steps) + 1)]
    site = _site([title for title in titles if title])
    if not any(titles):
        return ()
    failed = troubles(trajectory)
    found: list[Reached] = []
    seen = {titles[0]}
    for step in trajectory.steps:
        title = titles[step.n]
        if title is None or title in seen or not _is_move(trajectory, step) or step.n in failed:
            continue
        seen.add(title)
        if title == site:
            continue  # the bare name of the site: its root, or the way out of a session
        relevant = _way(trajectory, step.n)
        told = _told(trajectory, step, Title.of(title, site), relevant) if relevant else None
        if told:
            found.append(told)
    return tuple(found)


def _site(titles: list[str]) -> str | None:
    """The last part of the first title, if a later page shares it: the site's name, not a page's."""
    name = _parted(titles[0])[-1] if titles else None
    return name if any(title != titles[0] and _parted(title)[-1] == name for title in titles) else None


def _is_move(trajectory: Trajectory, step: Step) -> bool:
    """May the act have led to a page? An address that the agent typed must be one that the user could know."""
    if step.action.name not in _MOVES:
        return False
    address = step.action.arguments.get("url")
    if not isinstance(address, str):
        return True
    host = split(address).netloc
    return not host or host in (step.url or "") or host in trajectory.goal


def _way(trajectory: Trajectory, end: int) -> tuple[int, ...] | None:
    """The acts that led to state `end`; None if the way came back to a page that it had left."""
    places = [step.url for step in trajectory.steps[:end]]
    path = [place for n, place in enumerate(places) if n == 0 or place != places[n - 1]]
    if len(set(path)) < len(path):
        return None
    return tuple(n for n in range(1, end + 1) if _acts(trajectory, n))


def _acts(trajectory: Trajectory, n: int) -> bool:
    """Did act n change what the agent sees?"""
    step = trajectory.steps[n - 1]
    if step.error or step.final or step.answered_by == "user":
        return False
    return trajectory.observation(n) != trajectory.observation(n - 1) or _moved(trajectory, n)


def _moved(trajectory: Trajectory, n: int) -> bool:
    return n < len(trajectory.steps) and trajectory.steps[n].url != trajectory.steps[n - 1].url


def _told(trajectory: Trajectory, step: Step, title: Title, relevant: tuple[int, ...]) -> Reached | None:
    shows = Evidence(text="the page is open", step=step.n, quote=title.text)
    typed = step.action.arguments.get("text")
    if isinstance(typed, str) and len(typed.strip()) > 1 and squeezed(typed) in squeezed(title.text):
        where = f" on {title.site}" if title.site else ""
        words = Evidence(text="the words searched for", step=step.n, quote=typed.strip())
        goal = f'Search for "{typed.strip()}"{where}.'
        answer = f'The search results for "{typed.strip()}" are shown.'
        return Reached(step.n, "search", goal, answer, (words, shows), relevant, 0.8)
    if "search" in title.text.casefold():
        return None  # results of a search that the run did not show
    page = title.as_page()
    row = _first_row(trajectory.observation(step.n))
    if row is None:
        return Reached(step.n, "navigate", f"Open {page}.", f"T{page[1:]} is open.", (shows,), relevant, 0.8)
    asked = joined([f"the {name}" for name, _, _ in row])
    told = joined([f'the {name} is "{value}"' for name, value, _ in row])
    return Reached(
        step=step.n,
        kind="read",
        goal=f"Open {page}, and tell me {asked} in the first row of the table.",
        answer=f"In the first row of the table, {told}.",
        claims=(shows, *(Evidence(text=f"the {name}", step=step.n, quote=quote) for name, _, quote in row)),
        relevant=relevant,
        confidence=0.75,
    )


def _parted(title: str) -> list[str]:
    separator = next((pattern for pattern in _PARTS if pattern.search(title)), None)
    return [part.strip() for part in separator.split(title) if part.strip()] if separator else [title]


_NODE = re.compile(r"^[^\S\n]*\[\d+\] (columnheader|row|gridcell|cell) (['\"])(.*?)\2(?: |$)", re.MULTILINE)
MOST_CELLS = 3


def _first_row(observation: str) -> list[tuple[str, str, str]] | None:
    """(header, value, quote) of the first row under the one table's headers, when they match in number."""
    headers: list[str] = []
    cells: list[tuple[str, str]] = []
    for match in _NODE.finditer(observation):
        role, text = match[1], match[3].strip()
        if role == "columnheader" and not cells:
            headers.append(text)
        elif role in {"gridcell", "cell"} and headers:
            cells.append((text, match.group().strip()))
        elif cells:
            break
    if not headers or len(cells) != len(headers) or len(set(headers)) < len(headers):
        return None
    pairs = [
        (name, value, quote) for name, (value, quote) in zip(headers, cells, strict=True) if _readable(name, value)
    ]
    return pairs[:MOST_CELLS] or None


def _readable(name: str, value: str) -> bool:
    return name.replace(" ", "").isalpha() and value.isprintable() and 0 < len(value) <= 80 and '"' not in value
