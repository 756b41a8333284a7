"""Which acts changed something in the world, told from the verb of a tool's name or the label of a button."""

import re
from functools import lru_cache

from agenther.evidence.trouble import troubles
from agenther.records import Step, Trajectory
from agenther.text.names import bare
from agenther.text.verbs import CHANGES, DEEDS, LOOKS, NOUNS_TOO

_SEARCHES = frozenset({"search", "browse"})
_THINGS_TO_READ = frozenset(
    "rate rates review reviews price prices history policy policies details info status list search results stats count"
    " number id ids data summary".split()
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAMING = frozenset("action command method operation".split())
"""Parameters whose value may say what a tool is to do."""
_BUTTON = re.compile(r"\W*(?:\[?\d+\] )?button ['\"]\W*(\w+)", re.IGNORECASE)
_PRESSED = frozenset(
    "add create delete remove cancel submit save post send update place buy order purchase confirm checkout pay publish"
    " subscribe unsubscribe book reserve invite merge assign vote".split()
)
"""First words of buttons that send a form; what else a button may say often changes just the view."""


def change(trajectory: Trajectory, step: Step) -> str | None:
    """The act by which `step` changed something, as one may tell of it; None if it failed, or nothing tells."""
    if step.final or step.answered_by == "user" or step.n in troubles(trajectory):
        return None
    done = next(filter(is_change, (step.action.name, *_named(step))), None)
    return done or _pressed(trajectory, step)


def _named(step: Step) -> list[str]:
    """What the step's arguments say is to be done, each in one word."""
    values = (value for key, value in step.action.arguments.items() if key.casefold() in _NAMING)
    return [value for value in values if isinstance(value, str) and value.isidentifier()]


@lru_cache(maxsize=2000)
def is_change(name: str) -> bool:
    """Does a tool of that name change something? Of several verbs in it, the first counts."""
    api, of_service, _ = bare(name).partition("_for_")
    words = [word.casefold() for word in _WORD.findall(api)]
    for word in words:
        if word in LOOKS | _SEARCHES:
            return False
        if word in NOUNS_TOO:
            is_verb = word == words[0] and words[-1] not in _THINGS_TO_READ | LOOKS
            if is_verb and (len(words) > 1 or not of_service):
                return True
        elif word in CHANGES or word in DEEDS:
            return True
    return False


def _pressed(trajectory: Trajectory, step: Step) -> str | None:
    """The label of a button that sends a form, where the page was another one after it was pressed."""
    element = step.action.arguments.get("element")
    found = _BUTTON.match(element) if isinstance(element, str) else None
    if not found or found[1].casefold() not in _PRESSED:
        return None
    return str(element) if trajectory.observation(step.n) != trajectory.observation(step.n - 1) else None
