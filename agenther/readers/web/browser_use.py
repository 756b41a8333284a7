"""browser-use's history, as its `save_history` writes it: what the model put out, and what each action gave.

    {"task": "How many are left?",
     "history": [{"model_output": {"current_state": {"memory": "…", "next_goal": "…"},
                                   "action": [{"click_element": {"index": 3}}]},
                  "result": [{"is_done": false, "extracted_content": "Clicked …"}],
                  "state": {"url": "https://…", "title": "Shop"}}]}

browser-use itself does not tell the task in it: it has to stand beside, as `task`. That the agent calls itself
successful is no label.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields, name_of, text
from agenther.readers.web.operator import acts, thought
from agenther.readers.web.pages import NO_ACTION, UNREAD, closed
from agenther.records import Action, Ending, Reason, Source, Step, Trajectory

NAME = "browser-use"
GOALS = ("task", "goal", "instruction", "task_description")
_PARTS = {"model_output", "result", "state"}


def recognizes(head: Head) -> Fit:
    listed = head.first.get("history")
    is_ours = isinstance(listed, list) and bool(listed) and fields(listed[0]).keys() >= _PARTS
    return Fit.SIGNATURE if is_ours else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, NAME, log.records(), _run)


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    goal = next((text(record[name]) for name in GOALS if text(record.get(name)).strip()), "")
    listed = record.get("history")
    if not isinstance(listed, list):
        raise ReadError(Reason.MALFORMED, "no list under history")
    if not goal:
        raise ReadError(Reason.NO_GOAL, 'browser-use does not log the task; add it to the file as "task"')
    made: list[Step] = []
    for turn, item in enumerate(map(fields, listed), 1):
        made.extend(_steps(item, turn, len(made)))
    last = _results(fields(listed[-1]))[-1:] if listed else []
    done = bool(made) and bool(last) and last[0].get("is_done") is True
    answer = text(last[0].get("extracted_content")) if done else ""
    return identified(
        Trajectory(
            id="",
            source=source,
            goal=goal,
            task_id=name_of(record.get("task_id", record.get("id"))),
            steps=closed(tuple(made)) if done else tuple(made),
            answer=answer or None,
            ending=Ending.ANSWERED if answer else Ending.UNKNOWN,
            label=label(record),
        )
    )


def _results(item: dict[str, Any]) -> list[dict[str, Any]]:
    listed = item.get("result")
    return [fields(result) for result in listed] if isinstance(listed, list) else []


def _steps(item: dict[str, Any], turn: int, before: int) -> Iterator[Step]:
    """A step for each action, with its own result; the harness stops at the first that fails."""
    output, results = fields(item.get("model_output")), _results(item)
    listed = output.get("action")
    made = acts(listed) if isinstance(listed, list) else ()
    for n, action in enumerate(made or (Action(name=NO_ACTION),)):
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
    "browser-use histories", recognizes, read, needs=("history[].model_output", "history[].result", "history[].state")
)
