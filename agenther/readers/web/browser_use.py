"""browser-use's history, as its `save_history` writes it: what the model put out, and what each action gave.

    {"task": "How many are left?",
     "history": [{"model_output": {"current_state": {"memory": "…", "next_goal": "…"},
                                   "action": [{"click_element": {"index": 3}}]},
                  "result": [{"is_done": false, "extracted_content": "Clicked …"}],
                  "state": {"url": "https://…", "title": "Shop"}}]}

browser-use itself does not tell the task in it: it has to stand beside, as `task`. That the agent calls itself
successful is no label; the judge's `judgement` in the last result is.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import run
from agenther.readers.labels.told import label, verdict
from agenther.readers.log import Head
from agenther.readers.values import fields, first_in, items, name_of, text, unpacked
from agenther.readers.web.operator import acts, thought
from agenther.readers.web.pages import NO_ACTION, UNREAD
from agenther.records import Action, Label, Reason, Source, Step, Trajectory

GOALS = ("task", "goal", "instruction", "task_description")


def recognizes(head: Head) -> Fit:
    return Fit.sure({"model_output", "result", "state"} <= first_in(_items(head.first)).keys())


def _items(record: dict[str, Any]) -> list[Any]:
    """The items of a history, which may stand in an object of its own."""
    history = unpacked(record.get("history"))
    return items(fields(history).get("history", history))


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    goal = next((text(record[name]) for name in GOALS if text(record.get(name)).strip()), "")
    told = list(map(fields, _items(record)))
    if not told:
        raise ReadError(Reason.NO_STEPS, "no list of steps under history")
    if not goal:
        raise ReadError(Reason.NO_GOAL, 'browser-use does not log the task; add it to the file as "task"')
    made: list[Step] = []
    for turn, item in enumerate(told, 1):
        made.extend(_steps(item, turn, len(made)))
    last = fields(next(reversed(_results(told[-1])), None))
    judged = fields(last.get("judgement"))
    success = verdict(judged.get("verdict"))
    return run(
        source,
        made,
        text(last.get("extracted_content")) if last.get("is_done") is True else None,
        goal=goal,
        task_id=name_of(record.get("task_id", record.get("id"))),
        label=label(record) if success is None else Label(success=success, source="judgement"),
        failure_reason=text(judged.get("failure_reason")) if success is False else None,
    )


def _results(item: dict[str, Any]) -> list[dict[str, Any]]:
    """What each action of an item gave; versions with one action an item have one result."""
    return list(map(fields, _listed(item.get("result"))))


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, dict) else items(value)


def _steps(item: dict[str, Any], turn: int, before: int) -> Iterator[Step]:
    """A step for each action that was done, with its own result; the harness stops at the first that fails."""
    output, results = fields(item.get("model_output")), _results(item)
    made = acts(_listed(output.get("action")))
    for n, action in enumerate(made[: len(results) or None] or (Action(name=NO_ACTION),)):
        result = results[n] if n < len(results) else {}
        seen, error = text(result.get("extracted_content")), text(result.get("error"))
        yield Step(
            n=before + n + 1,
            turn=turn,
            thought=(thought({**output, "action": None}) or None) if n == 0 else None,
            action=action,
            observation=seen or error or None,
            error=error or (None if made else UNREAD),
            url=text(fields(item.get("state")).get("url")) or None,
        )


READER = Reader(
    "browser-use histories",
    recognizes,
    reads("browser-use", _run),
    needs=("history[].model_output", "history[].result", "history[].state"),
)
