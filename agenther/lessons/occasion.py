"""An occasion for a lesson: what went wrong in one run, with what shows it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agenther.evidence.trouble import SHORT as SHORT_RESULT
from agenther.evidence.trouble import is_hollow
from agenther.lessons.asked import Tried
from agenther.lessons.changes import Change
from agenther.lessons.errors import mark, quote
from agenther.lessons.known import Known
from agenther.lessons.private import is_private
from agenther.lessons.records import Cited, Signature
from agenther.lessons.shapes import leaves
from agenther.records import Step
from agenther.text.names import bare, spelt, words

NO_CALLS = frozenset({"respond", "none", ""})
"""Names that readers give to what is no call of a tool."""
SHORT, WORDS = 24, 2
"""Characters and words of a value that is quoted."""
_NAMED = re.compile(r"[\w.:/]+", re.ASCII)
_KEY = re.compile(r"""\\{0,4}['"][^'"\\\n]{1,40}\\{0,4}['"]\s{0,4}:""")
"""The name of a field, which is no result by itself."""
HIDDEN = "tool"
"""Begins what stands for the name of a tool that may not be told."""


class Occasion(NamedTuple):
    signature: Signature
    changes: tuple[Change, ...] = ()
    words: str = ""
    """Of the error; compared, never told."""
    failures: tuple[Cited, ...] = ()
    successes: tuple[Cited, ...] = ()
    agent: str = ""
    at: str = ""
    """When, as the log writes it."""
    sources: tuple[tuple[str, str], ...] = ()
    """(path, tool): in whose results a value stood that worked."""
    times: int = 1
    """Of a loop, how often in a row; of what was never overcome, how often the tool was called again; of a page, the
    acts on it.
    """
    others: int = 0
    """Of these calls, those with other arguments; of acts on a page, how often one was done again."""
    tried: tuple[Tried, ...] = ()
    """What the calls were given that failed though nothing speaks against what they were given."""
    is_alone: bool = False
    """Was it never tried again? Then it is only added to what other runs show."""


def is_call(step: Step) -> bool:
    """Is it a call of a tool, and not what an agent says, how it ends, or nothing at all?"""
    return step.action.name not in NO_CALLS and not step.final and step.answered_by == "environment"


def is_blank(step: Step) -> bool:
    """Did nothing come back, or only what is empty itself, so that nobody knows whether it worked?"""
    text = step.observation or ""
    return not step.error and len(text) <= SHORT_RESULT and is_hollow(_KEY.sub(" ", text))


def tool(name: str, known: Known) -> str:
    """Its name, or what stands for one that may not be told."""
    return name if known.may_tell(name) else f"{HIDDEN} {mark(name)}"


def api(name: str) -> str:
    """What stands for all tools of one provider in their names: after “_for_”, or before the tool's own name."""
    if not _NAMED.fullmatch(name):
        return ""
    return name.rpartition("_for_")[2] if "_for_" in name else name.removesuffix(bare(name)).rstrip("_.:/")


def values(step: Step) -> list[tuple[str, str]]:
    """(name, text) of each value of its call."""
    found = leaves(step.action.arguments)
    return [(path.replace("[]", ""), str(value)) for path, many in found.items() for value in many]


def cited(known: Known, step: Step, text: str, told: str = "") -> Cited:
    """Words of the step: those given, else a few about the error by which nobody is told anything, else a value of its
    call; nothing private.
    """
    names = {part for name, _ in values(step) for part in name.split(".") if known.may_tell(part)}
    own = {word for name in names for word in spelt(name)}
    seen = step.observation or ""
    chosen = (told, quote(seen, own), quote(seen, (), 0), *shown(step))
    found = next((one for one in chosen if one and _is_visible(one) and not is_private(one)), "")
    return Cited(text=text, step=step.n, quote=found, run_id=known.run.id)


def _is_visible(text: str) -> bool:
    """Does it hold nothing that a terminal acts upon or hides, but for blanks?"""
    return all(letter.isprintable() or letter.isspace() for letter in text)


def shown(step: Step) -> Iterator[str]:
    """The values of its call that are short enough to be quoted."""
    return (text for _, text in values(step) if text.strip() and is_few(text))


def is_few(text: str) -> bool:
    """Is it short, and of few words, whatever marks or capitals join them?"""
    return len(text) <= SHORT and sum(word.isalpha() for word in words(text)) <= WORDS
