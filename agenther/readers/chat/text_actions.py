r"""Agents that write their calls as text, in chats without any other: fenced blocks, ReAct, XML and JSON in tags.

    Look around.                Thought: Who?            <function=execute_bash>      <tool_call>
    ```bash                     Action: find_book        <parameter=command>ls        {"name": "find_book", …}
    ls -la                      Action Input: {"t": 1}   </parameter>                 </tool_call>
    ```                         Action: Search[Dune]     </function>

A form that people write too (a fenced block, `Action:`, any tag) counts only where the messages before the agent's
first show it: so the agent was told to write its calls. What comes after a call is its result.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from agenther.readers.chat.calls import ARGUMENTS, call_or_whole, first_of, responses, spoken, tagged
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.parts import call_in
from agenther.readers.content import content_text, joined
from agenther.readers.json_text import partial
from agenther.readers.values import fields

SHELLS = ("bash", "sh", "shell")
MOST_FENCES = 200
_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+-]{0,40})[ \t]*$", re.MULTILINE)
_ACTION = re.compile(r"^[ \t*]*Action(?: \d{1,4})?[ \t*]*:[ \t*]*", re.MULTILINE)
_INPUT = re.compile(r"^[ \t*]*Action[ _]?Input(?: \d{1,4})?[ \t*]*:[ \t*]*", re.MULTILINE | re.IGNORECASE)
_OBSERVATION = re.compile(r"^[ \t*]*Observation(?: \d{1,4})?[ \t*]*:", re.MULTILINE)
_ANSWER = re.compile(r"^[ \t*]*Final Answer[ \t*]*:[ \t*]*", re.MULTILINE)
_THOUGHT = re.compile(r"\s*\**Thought(?: \d{1,4})?\**:\**\s*", re.IGNORECASE)
_FUNCTION = re.compile(r"<(?:function=|invoke name=)\"?([^\"<>\n]{1,100})\"?>")
_PARAMETER = re.compile(r"<parameter(?:=| name=)\"?([^\"<>\n]{1,100})\"?[^<>\n]{0,100}>")
_OPENING = re.compile(r"<([a-z][a-z0-9_]{1,60})>")
_TOKEN = re.compile(r"\s*(?:\[[A-Z_]{1,40}\]|<\|\w{1,40}\|>)\s*")
_INNER = re.compile(rf"\s*+{_OPENING.pattern}")


class Said(NamedTuple):
    """What an agent's text comes to: words, and calls or a closing answer."""

    text: str
    calls: tuple[Call, ...] = ()
    thought: str = ""


class Shown(NamedTuple):
    """The forms that the messages before the agent's first show."""

    languages: frozenset[str]
    """Of fenced blocks."""
    tags: frozenset[str]
    actions: bool
    """Is there an `Action`? `Action Input` is no word of people, and shows it wherever it stands."""


def acting(messages: Iterable[Message]) -> list[Message]:
    """The messages with the calls that their texts tell, if no call stands elsewhere, and most texts tell one or a
    result follows each.

    Where nothing ever came back, nothing was called: an answer may stand in a tag.
    """
    found = list(messages)
    first = next((n for n, message in enumerate(found) if message.role == "agent" and not message.example), None)
    if first is None or any(message.calls for message in found):
        return found
    if all(message.role == "agent" for message in found[first:]):
        return found
    told = joined(message.text for message in found[:first])
    languages = frozenset(mark[1] for mark in _FENCE.finditer(told)) - {""}
    texts = [message.text for message in found[first:] if message.role == "agent"]
    actions = "Action" in told or any(map(_INPUT.search, texts))
    shown = Shown(languages, frozenset(_OPENING.findall(told)), actions)
    best = max(
        ([form(text, shown) for text in texts] for form in FORMS),
        key=lambda read: sum(said is not None and bool(said.calls) for said in read),
    )
    acted = [*found[:first], *_acted(found[first:], iter(best))]
    calls = [n for n, message in enumerate(acted) if message.calls]
    after = [found[n + 1].role for n in calls if n + 1 < len(found)]
    is_answered = bool(after) and set(after) == {"result"}
    is_most = 2 * sum(said is not None for said in best) >= len(texts)
    return acted if calls and (is_most or is_answered) else found


def _acted(messages: list[Message], read: Iterator[Said | None]) -> Iterator[Message]:
    asks = False
    for message in messages:
        if message.role == "agent":
            said = next(read) or Said(message.text)
            asks = bool(said.calls)
            thought = joined([message.thought, said.thought])
            text = _thought(said.text) if asks else said.text
            yield message._replace(text=text, calls=said.calls, thought=thought)
        elif message.role == "user" and asks:
            asks = False
            given = _OBSERVATION.match(message.text)
            yield from responses(message.text[given.end() :].strip() if given else message.text, {})
        else:
            yield message._replace(role="environment") if message.role == "user" else message


def _fenced(text: str, shown: Shown) -> Said | None:
    """One block in a language of which a block was shown."""
    marks = list(_FENCE.finditer(text))
    if len(marks) > MOST_FENCES:
        return None
    pairs = [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False) if a[1] in shown.languages]
    if len(pairs) != 1:
        return None
    (opening, closing), language = pairs[0], pairs[0][0][1]
    inside = text[opening.end() : closing.start()].strip("\n")
    name = "bash" if language in SHELLS or "bash" in language else language
    call = Call("", name, {"command" if name == "bash" else "code": inside})
    if language == "json":
        value = fields(partial(inside))
        call = _json_action(value) or call_or_whole(value or inside)
    return Said(joined([text[: opening.start()].strip(), text[closing.end() :].strip()]), (call,))


def _json_action(value: dict[str, Any]) -> Call | None:
    """An action as LangChain's structured chat agents write it."""
    name = value.get("action")
    given = first_of(value, ("action_input", *ARGUMENTS))
    return Call("", name, given) if isinstance(name, str) and given is not None else None


def _json(text: str, _shown: Shown) -> Said | None:
    """Nothing but JSON, perhaps behind a token of the model's: a call with its arguments, or a list of such."""
    marked = _TOKEN.match(text)
    value = partial(text[marked.end() :] if marked else text)
    listed = value if isinstance(value, list) and marked else [value]
    calls = [_json_action(fields(one)) or call_in(one) for one in listed]
    thought = content_text(first_of(fields(value), ("thought", "thoughts", "reasoning")))
    return Said("", tuple(filter(None, calls)), thought) if calls and all(calls) else None


def _react(text: str, shown: Shown) -> Said | None:
    """`Action:` with `Action Input:`, or with its input in brackets; `Final Answer:` closes."""
    end = _OBSERVATION.search(text)
    text = text[: end.start()] if end else text  # the agent went on to invent what it would see
    at, given, answer = _ACTION.search(text), _INPUT.search(text), _ANSWER.search(text)
    if not shown.actions:
        return None
    if at is None:
        return Said(text[answer.end() :].strip(), thought=_thought(text[: answer.start()])) if answer else None
    thought = _thought(text[: at.start()])
    if given and given.start() >= at.end():
        name = text[at.end() : given.start()].strip(" \t\n*`")
        return Said("", (Call("", name, text[given.end() :].strip()),), thought) if name else None
    rest = text[at.end() :].strip().removeprefix("```json").strip("`\n ")
    call = _json_action(fields(partial(rest))) if rest.startswith("{") else spoken(rest)
    return Said("", (call,), thought) if call else None


def _thought(text: str) -> str:
    opening = _THOUGHT.match(text)
    return text[opening.end() if opening else 0 :].strip()


def _functions(text: str, _shown: Shown) -> Said | None:
    """`<function=name>` or `<invoke name="name">`, with parameters in tags."""
    before, named = _split(_FUNCTION, text)
    calls = tuple(_function(name, inside) for name, inside in named)
    words = before.rstrip()
    wrapper = words.rfind("<") if words.endswith(">") else -1
    return Said(words[:wrapper].rstrip() if _OPENING.fullmatch(words, wrapper) else words, calls) if calls else None


def _function(name: str, inside: str) -> Call:
    inside = inside.split("</function>", 1)[0].split("</invoke>", 1)[0]
    _, given = _split(_PARAMETER, inside)
    arguments = {name: value.rsplit("</parameter>", 1)[0].strip("\n") for name, value in given}
    return Call("", name, arguments or inside.strip())


def _split(opening: re.Pattern[str], text: str) -> tuple[str, list[tuple[str, str]]]:
    """(text before the first opening, what each names and what follows it up to the next)."""
    found = list(opening.finditer(text))
    starts = [*(one.start() for one in found), len(text)]
    return text[: starts[0]], [(one[1], text[one.end() : end]) for one, end in zip(found, starts[1:], strict=True)]


def _in_tool_calls(text: str, _shown: Shown) -> Said | None:
    said, calls = tagged(text)
    return Said(said, calls) if calls else None


def _in_a_tag(text: str, shown: Shown) -> Said | None:
    """A last block in a tag that was shown; its own tags are the arguments, or its text is the only one."""
    text = text.rstrip()
    name = text[text.rfind("</") + 2 : -1]
    opening = f"<{name}>"
    start = text.find(opening)
    if start < 0 or name not in shown.tags or not text.endswith(f"</{name}>"):
        return None
    inside = text[start + len(opening) : -len(opening) - 1]
    arguments: dict[str, str] = {}
    at = 0
    while inner := _INNER.match(inside, at):
        end = inside.find(f"</{inner[1]}>", inner.end())
        if end < 0:
            break
        arguments[inner[1]] = inside[inner.end() : end].strip("\n")
        at = end + len(f"</{inner[1]}>")
    return Said(text[:start].strip(), (Call("", name, arguments or {"command": inside.strip()}),))


FORMS = (_functions, _in_tool_calls, _json, _react, _fenced, _in_a_tag)
"""Each tells what a text says in its form, or None; of two that read as many calls, the first counts."""
