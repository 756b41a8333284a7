r"""ToolBench's converted answers, one file for a model and a group of tasks, by query id.

    {"101": {"query": "Where is ZX1 4QP?", "available_tools": [{"name": "geocode_for_postcodes", ...}, ...],
        "answer": {"method": "CoT", "total_steps": 5, "final_answer": "At 51.2 N.", "answer_details": [
            {"role": "system", "message": "", "next": [{"role": "user", "message": "", "next": [
                {"role": "assistant", "message": "I look it up.", "next": [
                    {"role": "tool", "message": {"name": "geocode_for_postcodes",
                        "arguments": "{\"postcode\": \"ZX1 4QP\"}",
                        "response": "{\"error\": \"\", \"response\": \"...\"}"}, "next": [...]}]}]}]}]}}}

`arguments` may be an object too, and a tool's whole message the text of a Python dict, which some published files cut
at 100 characters: then the call's name, and its arguments if they are whole, are all that is left of it.

Beside them stand files with only queries or comparisons, and pass-rate files; their verdicts belong to a run by what
they hold, see `verdicts`. Only `is_solved` is success: `passed` counts giving up on a task that was found unsolvable.

    pass_rate_results/chatgpt_cot/G1_tool_chatgpt_cot.json    <model>/pass_rate_results/G1_tool_<model>.json
    {"101": {"query": "...", "is_solved": "AnswerStatus.Unsolved", "reason": "No answer", "passed": 4, ...}}
    {"101": {"query": "...", "is_solved": {"0": "AnswerStatus.Solved", "1": "AnswerStatus.Unsure", ...}}}
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.content import joined
from agenther.readers.json_text import literal
from agenther.readers.log import Head, Log
from agenther.readers.toolbench.calls import Call, Calls, called, choose, logged, malformed, offered, walk
from agenther.readers.toolbench.runs import Query, draft
from agenther.readers.toolbench.verdicts import judged
from agenther.readers.values import each, fields
from agenther.records import Source, Trajectory

_NAME = re.compile(r"""['"]name['"]\s*:\s*['"]([^'"]*)""")
_ARGUMENTS = re.compile(r"""['"]arguments['"]\s*:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,""")
_LABEL_FIELDS = frozenset("is_solved task_solvable answer_steps final_step not_hallucinate passed failed".split())
_QUERY_FIELDS = frozenset({"query", "query_id", "api_list", "relevant APIs"})


def recognizes(head: Head) -> Fit:
    return max(map(_fit, fields(head.value).values()), default=Fit.NO)


def _fit(value: Any) -> Fit:
    """Of the three parts, the first may be so large that the head shows no other."""
    if not isinstance(value, dict):
        return Fit.NO
    answer = fields(value.get("answer"))
    if "answer_details" in answer:
        return Fit.SIGNATURE
    tools_first = isinstance(value.get("available_tools"), list) and ("query" in value or len(value) == 1)
    return Fit.SHAPE if tools_first or {"final_answer", "method"} <= answer.keys() else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """A run for each query id."""
    return each(log, "toolbench-converted", log.members(), partial(_run, log))


def _run(log: Log, source: Source, record: Any) -> Trajectory:
    answer = fields(fields(record).get("answer"))
    details = answer.get("answer_details")
    if not isinstance(details, list):
        raise malformed('no "answer" with a list of "answer_details"')
    final_answer = answer.get("final_answer")
    said, paths = _paths(details)
    calls = choose(paths, final_answer, [])
    goal = logged(record.get("query")) or said["user"]
    query = Query(goal, offered(record.get("available_tools")), said["system"], source.key, log.path.stem)
    run = judged(log, draft(source, query, calls, final_answer, paths), calls)
    if any(call.response is None for call in calls):
        run = run.model_copy(update={"flags": ("observations-truncated", *run.flags)})
    return identified(run)


def _paths(details: list[Any]) -> tuple[dict[str, str], list[Calls]]:
    """What system and user say, and the calls of every path, without those that have none; at least one."""
    said = {"system": "", "user": ""}
    found = []
    for nodes in walk(details, "next"):
        said |= {node["role"]: logged(node.get("message")) for node in nodes if node.get("role") in ("system", "user")}
        found.append(_calls(nodes))
    return said, called(found)


def _calls(nodes: list[dict[str, Any]]) -> Calls:
    """A message of the agent is the thought of the call that follows; one at the end was shown to nobody."""
    calls: list[Call] = []
    thoughts: list[str] = []
    for node in nodes:
        match node.get("role"):
            case "tool":
                calls.append(_call(node.get("message"), joined(thoughts)))
                thoughts = []
            case "assistant":
                thoughts.append(logged(node.get("message")))
            case "system" | "user":
                pass
            case role:
                raise malformed(f"a node of the role {role!r:.80}")
    return tuple(calls)


def _call(message: Any, thought: str) -> Call:
    told = literal(message) if isinstance(message, str) else message
    if not isinstance(told, dict):
        if isinstance(message, str):
            return _torn(message, thought)
        raise malformed(f"a tool's message is {type(message).__name__}")
    name, response = told.get("name"), told.get("response")
    if not isinstance(name, str):
        raise malformed("a tool's message names no tool")
    return Call(name, logged(told.get("arguments")), thought, None if response is None else logged(response))


def _torn(message: str, thought: str) -> Call:
    """What a message shows that is cut before its end."""
    name, arguments = _NAME.search(message), _ARGUMENTS.search(message)
    whole = literal(arguments[1]) if arguments else None
    return Call(name[1] if name else "", whole if isinstance(whole, str) else message, thought)


def accompanies(head: Head) -> bool:
    """A pass-rate file, a query file, a list of query ids, or a preference comparison."""
    fields = head.first.keys()
    if "api_list" in fields or ("query" in fields and len(fields) > 1 and fields <= _QUERY_FIELDS):
        return True
    value = head.value
    if not isinstance(value, dict) or not value:
        return False
    if all(key.isdecimal() and type(item) is int for key, item in value.items()):
        return True  # query ids to choose from
    return any(isinstance(item, dict) and _is_verdict(item) for item in value.values())


def _is_verdict(item: dict[str, Any]) -> bool:
    return len(_LABEL_FIELDS & item.keys()) >= 2 or "is_solved" in item or "round_0" in item


READER = Reader("ToolBench converted answers, with pass-rate labels beside them", recognizes, read, (), accompanies)
