r"""Calls as all forms of ToolBench logs hold them, on the paths of a tree; and what a closing Finish says.

A call is a tool name, arguments as JSON text, and a response that is JSON text of its own, cut upstream
at 1,024 characters plus "..." (so about a third do not parse):

    {"error": "", "response": "{'postcode': 'ZX1 4QP', 'latitude': 51.2"}...
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.build import tools
from agenther.readers.failures import enveloped
from agenther.readers.json_text import lenient
from agenther.readers.values import fields, items
from agenther.records import Ending, Reason, Tool

FINISH = "Finish"
MAX_PATHS = 1000
"""ToolBench's own search stops after 200 queries of the model; more paths are not one of its trees."""

FAILURES = {
    1: "no such function",
    2: "bad input",
    5: "timeout",
    6: "not found",
    7: "not subscribed",
    8: "unauthorized",
    9: "too many requests",
    10: "rate limit",
    11: "error message in the response",
    12: "request failed",
}
"""What ToolBench's `observation_code` means, where it means that the call failed."""
SUCCEEDED = frozenset({0, 3, 4})
"""An ordinary response, an accepted answer, an accepted give-up."""

_RETURN_TYPE = re.compile(r'"return_type"\s*:\s*"(\w*)')
_FINAL_ANSWER = re.compile(r'"final_answer"\s*:\s*"(.*)', re.DOTALL)


class Call(NamedTuple):
    """One call as logged, not yet numbered. Hashable, so that equal paths are found to be equal."""

    name: str
    arguments: str
    thought: str = ""
    response: str | None = None
    code: int = 0


Calls = tuple[Call, ...]


def malformed(why: str) -> ReadError:
    return ReadError(Reason.MALFORMED, why)


def logged(value: Any) -> str:
    """A value as text: a string as it is, nothing as "", anything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def walk(roots: list[Any], below: str) -> Iterator[list[dict[str, Any]]]:
    """Every path from a root to a leaf, in the log's order; `below` names the list of child nodes."""
    waiting: list[tuple[Any, Any]] = [(root, None) for root in reversed(roots)]
    found = 0
    while waiting:
        node, above = waiting.pop()
        if not isinstance(node, dict):
            raise malformed(f"a node of the tree is {type(node).__name__}, not an object")
        children = node.get(below) or []
        if not isinstance(children, list):
            raise malformed(f'"{below}" of a node is {type(children).__name__}, not a list')
        here = (node, above)
        waiting.extend((child, here) for child in reversed(children))
        if not children:
            found += 1
            if found > MAX_PATHS:
                raise ReadError(Reason.TOO_LARGE, f"a search tree with more than {MAX_PATHS:,} paths")
            yield _unwound(here)


def called(paths: Iterable[Calls]) -> list[Calls]:
    """The paths with calls on them. Raises ReadError when there is none."""
    if found := [path for path in paths if path]:
        return found
    raise ReadError(Reason.NO_STEPS, "the agent called no tool")


def _unwound(link: Any) -> list[dict[str, Any]]:
    nodes = []
    while link:
        node, link = link
        nodes.append(node)
    return nodes[::-1]


def failure(call: Call) -> str | None:
    """Why the call failed, in the log's words or by its code; None where the log does not say that it did."""
    if call.response and not call.response.startswith('{"error": "",') and (why := enveloped(call.response)):
        return why
    return None if call.code in SUCCEEDED else FAILURES.get(call.code, f"observation code {call.code}")


def closing(final_answer: Any, calls: Calls) -> tuple[Ending, str | None]:
    """How the run ended, and its answer: from the record's final answer, else from the closing Finish.

    The record's is plain text, or the text of Finish's arguments, or empty.
    """
    text = logged(final_answer)
    said = _finish_arguments(text)
    if not said and text.strip():
        return Ending.ANSWERED, text
    if not said:
        if not calls or not closes(calls[-1]):
            return Ending.STEP_LIMIT, None
        said = _finish_arguments(calls[-1].arguments)
    if said.get("return_type") not in (None, "give_answer"):
        return Ending.GAVE_UP, None
    answer = logged(said.get("final_answer"))
    return (Ending.ANSWERED, answer) if answer.strip() else (Ending.UNKNOWN, None)


def choose(paths: list[Calls], final_answer: Any, trained: list[tuple[str, str]]) -> Calls:
    """The path that is the run: the one that gave the answer, else the one that ToolBench took for training
    (`trained`: names and arguments of its calls), else the last that gave up, else the longest.
    """
    if len(paths) == 1:
        return paths[0]
    closed = [(path, _finish_arguments(path[-1].arguments).get("return_type")) for path in paths if closes(path[-1])]
    answered = [path for path, said in closed if said == "give_answer"]
    as_logged = [path for path in answered if path[-1].arguments == final_answer]
    taken = [path for path in paths if trained and _matches(path, trained)]
    gave_up = [path for path, said in closed if said and said != "give_answer"]
    return [*as_logged, *answered, *taken, *gave_up[-1:], max(paths, key=len)][0]


def offered(schemas: Any) -> tuple[Tool, ...]:
    """The tools that the agent could call, without Finish, which is how ToolBench's agents speak to the user."""
    return tools([schema for schema in items(schemas) if fields(schema).get("name") != FINISH])


def asked(message: Any) -> str:
    """The task in a user message, which ToolBench closes with the line "Begin!"."""
    return logged(message).strip().removesuffix("Begin!").strip()


def closes(call: Call) -> bool:
    """Is it a Finish that was accepted?"""
    return call.name == FINISH and failure(call) is None


def _matches(path: Calls, trained: list[tuple[str, str]]) -> bool:
    """ToolBench renames tools that do not exist before it trains on them."""
    return len(path) == len(trained) and all(
        call.arguments == arguments and name in {call.name, "invalid_hallucination_function_name"}
        for call, (name, arguments) in zip(path, trained, strict=True)
    )


def _finish_arguments(text: str) -> dict[str, Any]:
    """Finish's return_type and final_answer, as far as broken JSON shows them; {} when it shows neither."""
    if "return_type" not in text and "final_answer" not in text:
        return {}
    try:
        value = lenient(text)
    except ReadError:
        value = _legible(text)
    return {key: told for key, told in fields(value).items() if key in ("return_type", "final_answer")}


def _legible(text: str) -> dict[str, Any]:
    found = {}
    if kind := _RETURN_TYPE.search(text):
        found["return_type"] = kind[1]
    if answer := _FINAL_ANSWER.search(text):
        found["final_answer"] = answer[1].rstrip("} ,\n").removesuffix('"').replace("\\n", "\n").replace('\\"', '"')
    return found
