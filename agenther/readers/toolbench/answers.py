r"""ToolBench's raw answers, one file a query: a search tree (DFS), or tries one after the other (CoT).

    {"win": false,
     "tree": {"size": 5, "max_length": 4, "tree": {"node_type": "Action Input", "description": "", "children": [
         {"node_type": "Thought", "description": "I look it up.", "children": [
             {"node_type": "Action", "description": "geocode_for_postcodes", "children": [
                 {"node_type": "Action Input", "description": "{\"postcode\": \"ZX1 4QP\"}",
                  "observation": "{\"error\": \"\", ...", "observation_code": 0, "children": []}]}]}]}},
     "answer_generation": {"valid_data": false, "final_answer": "", "finish_type": "give_answer",
                           "function": [...], "train_messages": [[...]], "query": "Where is ZX1 4QP?"}}

A CoT file has `"trys": [{"chain": [nodes], "win": false}]` in place of the tree. The run is the path that
answered, else the one that ToolBench trained on, else a give-up; every other path is a branch of it.

`finish_type` says "give_answer" also where nothing was answered, and `win` only that something was: neither
is read as success. Without `win`, though, there was no answer at all, and the run failed.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.content import joined
from agenther.readers.log import Head, Log
from agenther.readers.toolbench.calls import Call, Calls, asked, called, choose, logged, malformed, offered, walk
from agenther.readers.toolbench.runs import Query, draft
from agenther.readers.toolbench.verdicts import judged
from agenther.readers.values import each, fields, items, objects
from agenther.records import Label, Source, Trajectory

_GENERATION = frozenset("valid_data final_answer finish_type function chain train_messages query_count query".split())
_GROUP = re.compile(r"G[1-3]_")
"""How the folder of a group of tasks begins, such as chatgpt_cot/G1_instruction/."""


def recognizes(head: Head) -> Fit:
    """Any of the parts that may come first and fill the head is enough: the order of the keys differs."""
    generation = head.first.get("answer_generation")
    if isinstance(generation, dict) and len(_GENERATION & generation.keys()) >= 2:
        return Fit.SIGNATURE
    parts = (head.first.get(name) for name in ("tree", "trys", "compare_candidates"))
    return Fit.SHAPE if '"node_type"' in head.text and any(isinstance(part, dict | list) for part in parts) else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """The run of the file, or of each of its records."""
    return each(log, "toolbench", log.records(), partial(_run, log))


def _run(log: Log, source: Source, record: Any) -> Trajectory:
    generation = fields(record).get("answer_generation")
    if not isinstance(generation, dict):
        raise malformed("no answer_generation: not one of ToolBench's answers")
    final_answer = generation.get("final_answer")
    messages = _training(generation)
    paths = _paths(record)
    calls = choose(paths, final_answer, _trained(messages)) if isinstance(record.get("tree"), dict) else paths[-1]
    goal = logged(generation.get("query")) or _said(messages, "user")
    digits, folder = re.match(r"\d+", log.path.name), log.folder.path.absolute().name
    query = Query(
        goal=asked(goal),
        tools=offered(generation.get("function")),
        system=_said(messages, "system"),
        id=digits[0] if digits else "",
        group=folder if _GROUP.match(folder) else "",
    )
    run = judged(log, draft(source, query, calls, final_answer, paths), calls)
    if run.label.success is None and record.get("win") is False:
        run = run.model_copy(update={"label": Label(success=False, source="win")})
    return identified(run)


def _paths(record: dict[str, Any]) -> list[Calls]:
    """The calls of every path of the tree, or of every try, without those that have none; at least one."""
    if isinstance(tree := record.get("tree"), dict):
        return called(_calls(nodes) for nodes in walk([tree.get("tree")], "children"))
    if isinstance(tries := record.get("trys"), list):
        return called(_calls(_chain(attempt)) for attempt in tries)
    raise malformed("neither a tree nor trys")


def _chain(attempt: Any) -> list[dict[str, Any]]:
    chain = fields(attempt).get("chain")
    if not isinstance(chain, list) or not all(isinstance(node, dict) for node in chain):
        raise malformed('one of the trys has no "chain" of nodes')
    return chain


def _calls(nodes: Iterable[dict[str, Any]]) -> Calls:
    """Thoughts, an Action with the tool's name, and an Action Input with its arguments make one call.

    A thought at the end, with no call after it, was never acted upon and shown to nobody: it is left out.
    """
    calls: list[Call] = []
    thoughts: list[str] = []
    name: str | None = None
    for node in nodes:
        text = logged(node.get("description"))
        match node.get("node_type"):
            case "Thought":
                thoughts.append(text)
            case "Action" if name is None:
                name = text
            case "Action Input" if name is not None:
                calls.append(_call(node, name, text, thoughts))
                name, thoughts = None, []
            case "Action Input" if not text:
                pass  # the root of a tree
            case kind:
                raise malformed(f"a node {kind!r:.80} out of place")
    if name is not None:
        calls.append(Call(name, "", joined(thoughts)))
    return tuple(calls)


def _call(node: dict[str, Any], name: str, arguments: str, thoughts: list[str]) -> Call:
    code, seen = node.get("observation_code"), node.get("observation")
    return Call(
        name,
        arguments,
        thought=joined(thoughts),
        response=None if seen is None else logged(seen),
        code=code if isinstance(code, int) else 0,
    )


def _training(generation: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of the path that ToolBench trained on: the last of its lists holds all the others."""
    return objects((items(generation.get("train_messages")) or [[]])[-1])


def _trained(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    made = [message.get("function_call") for message in messages]
    return [(logged(call.get("name")), logged(call.get("arguments"))) for call in made if isinstance(call, dict)]


def _said(messages: list[dict[str, Any]], role: str) -> str:
    return next((logged(message.get("content")) for message in messages if message.get("role") == role), "")


READER = Reader(
    "ToolBench raw answers: DFS trees and CoT tries", recognizes, read, needs=("answer_generation.query", "tree.tree")
)
