"""What a user message asks for, and what it does not: a greeting, an example, and what the agent's harness put there.

A harness is known by the shape of what it writes: a message that is nothing but tagged blocks, a block whose tag says
so, a file under a heading with its name.

    <environment_context>…</environment_context>
    # AGENTS.md instructions for /src
    <user_query>Fix it.</user_query>
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from agenther.readers.content import without_media
from agenther.text.names import spelt

HARNESS = frozenset({"system", "environment", "context", "reminder", "instructions"})
"""A word of these in a tag of several words: `system-reminder`, `user_instructions`."""
REQUEST = frozenset({"task", "query", "question", "request", "issue", "goal"})
"""A word of these in a tag: the block is what the user asks for."""
GREETINGS = frozenset(
    "hi hello hey hallo hola bonjour ciao yo good morning afternoon evening day greetings there all everyone team"
    " assistant test ping 你好 您好 こんにちは привет".split()
)
EXAMPLE = frozenset({"example", "demo", "demonstration", "few", "shot", "fewshot"})
"""Words that mark a message as one of the examples of how to answer."""
LONGEST_MARK = 30
"""Characters of a field's name or value that may do so."""
LONGEST_GREETING = 4
"""Words."""
MOST_UNCLOSED = 20
"""Tags without an end after which no more blocks are looked for: such a text is no harness's."""
TASK = "New task:\n"
"""What smolagents writes before the user's words."""

_TAG = r"<([A-Za-z][\w-]*)(?:\s[^<>]*)?>"
_BLOCK = re.compile(rf"\s*{_TAG}")
_ON_A_LINE = re.compile(rf"^[ \t]*{_TAG}", re.MULTILINE)
_FILE = re.compile(r"\s*#+ [^\n]{0,200}?[\w-]\.md\b[^\n]*")
_REQUEST_BELOW = re.compile(r"^#+ [^\n]*\brequest\b[^\n]*\n", re.MULTILINE | re.IGNORECASE)


class Asked(NamedTuple):
    """What one message of the user's role comes to."""

    request: str
    """Empty where it asks for nothing."""
    context: str = ""
    """What the harness wrote."""
    is_doubtful: bool = False
    """Has the request the shape of what a harness writes, so that another message's is to be preferred?"""


def asked(text: str) -> Asked:
    """The request in a message, apart from the rest."""
    pieces, context = _without_harness(text)
    rest = pieces.strip().removeprefix(TASK) if context or pieces.startswith(TASK) else pieces
    if rest.lstrip().startswith("#") and (below := _REQUEST_BELOW.search(rest)):
        return Asked(rest[below.end() :].strip(), _joined(context, rest[: below.start()]))
    heading = _FILE.match(rest)
    blocks = list(tagged_blocks(rest[heading.end() :] if heading else rest))
    if heading:
        is_harness = blocks or not HARNESS.isdisjoint(re.findall(r"\w+", heading[0].lower()))
        return Asked("", _joined(context, rest)) if is_harness else Asked(rest, context, is_doubtful=True)
    if wanted := [inside.strip() for words, inside, _ in blocks if words & REQUEST]:
        others = [whole for words, _, whole in blocks if not words & REQUEST]
        return Asked("\n".join(wanted), _joined(context, *others))
    return Asked("" if _is_greeting(rest) else rest, context, is_doubtful=bool(blocks))


def asks(text: str) -> bool:
    """Does a message ask for anything? A picture alone does not."""
    return bool(asked(without_media(text)).request.strip())


@dataclass(eq=False)
class Examples:
    """The examples of how to answer that stand before a conversation, of which some messages may not be marked."""

    is_open: bool = False

    def hold(self, role: str, *, marked: bool, calls: bool) -> bool:
        """Does the next message belong to one? It goes on until it is answered in words, or the user speaks."""
        if role == "system":
            return marked
        belongs = marked or (self.is_open and role != "user")
        if role == "user":
            self.is_open = marked
        elif role == "agent":
            self.is_open = belongs and calls
        return belongs


def is_example(raw: dict[str, Any]) -> bool:
    """Is a message one of the examples before a conversation, as prompts and agents mark them?

    {"name": "example_user"}   {"name": "few_shot_assistant"}   {"is_demo": true}   {"metadata": {"example": true}}
    """
    name = raw.get("name")
    if isinstance(name, str) and name.casefold().startswith(("example_", "example-", "few_shot_", "fewshot_")):
        return True
    levels = (raw, raw.get("metadata"))
    marks = (item for level in levels if isinstance(level, dict) for item in level.items())
    return any((value is True and _tells_example(name)) or _is_kind_of_example(name, value) for name, value in marks)


def _is_kind_of_example(name: str, value: Any) -> bool:
    return name.endswith("type") and isinstance(value, str) and len(value) < LONGEST_MARK and _tells_example(value)


@lru_cache(maxsize=4096)
def _tells_example(name: str) -> bool:
    said = {*spelt(name)} - {"is"} if len(name) < LONGEST_MARK else set()
    return bool(said) and said <= EXAMPLE


def _without_harness(text: str) -> tuple[str, str]:
    """(rest, blocks): the text without the blocks whose tags say that the harness wrote them, and those blocks."""
    rest, found, start = [], [], 0
    unclosed: set[str] = set()
    for opening in _ON_A_LINE.finditer(text):
        words = _words(opening[1])
        if opening.start() < start or opening[1] in unclosed or len(words) < 2 or words.isdisjoint(HARNESS):
            continue
        end = _end(text, opening)
        if end < 0:
            unclosed.add(opening[1])
            if len(unclosed) > MOST_UNCLOSED:
                break
            continue
        rest.append(text[start : opening.start()])
        found.append(text[opening.start() : end])
        start = end
    return "".join([*rest, text[start:]]), _joined(*found)


def tagged_blocks(text: str) -> Iterator[tuple[frozenset[str], str, str]]:
    """(words of the tag, inside, whole) of each block of a text that holds nothing but blocks; else nothing."""
    found, at = [], 0
    while opening := _BLOCK.match(text, at):
        end = _end(text, opening)
        if end < 0:
            return
        closing = text.rindex("</", at, end)
        found.append((_words(opening[1]), text[opening.end() : closing], text[opening.start() : end].strip()))
        at = end
    if not text[at:].strip():
        yield from found


def _end(text: str, opening: re.Match[str]) -> int:
    """Where the block ends that `opening` begins; -1 if it is not closed."""
    closing = text.find(f"</{opening[1]}", opening.end())
    return text.find(">", closing) + 1 or -1 if closing >= 0 else -1


def _words(tag: str) -> frozenset[str]:
    return frozenset(re.split(r"[-_]", tag.lower()))


def _is_greeting(text: str) -> bool:
    words = re.findall(r"\w+", text.casefold())
    return len(words) <= LONGEST_GREETING and GREETINGS.issuperset(words)


def _joined(*texts: str) -> str:
    return "\n".join(text.strip() for text in texts if text.strip())
