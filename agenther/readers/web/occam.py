"""Logs of SteP and AgentOccam, a file for each task of WebArena: `<logdir>/<name>/<task_id>.json`, with a summary.csv.

    {"task": "/tmp/x/42.json", "id": "42", "model": "…", "type": "AgentOccam",
     "trajectory": [{"objective": "How many are left?", "url": "http://…", "observation": "RootWebArea …",
                     "action": "click [12]", "reason": "…", "done": false, "reward": 0, "success": 0}]}

Both agents write WebArena's actions, and AgentOccam a few more (`note`, `branch`, `prune`).
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields, name_of, text
from agenther.readers.web.pages import NO_ACTION, Page, closed, steps
from agenther.readers.webarena.actions import FENCE, TOOLS, predicted, rendered
from agenther.records import Action, Ending, Reason, Source, Trajectory

NAME = "agent-occam"
_PARTS = {"objective", "observation", "action"}


def recognizes(head: Head) -> Fit:
    listed = head.first.get("trajectory")
    is_ours = isinstance(listed, list) and bool(listed) and fields(listed[0]).keys() >= _PARTS
    return Fit.SIGNATURE if is_ours else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, NAME, log.records(), _run, lambda record: name_of(fields(record).get("id")))


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    listed = record.get("trajectory")
    told = [fields(step) for step in listed] if isinstance(listed, list) else []
    if not told:
        raise ReadError(Reason.NO_STEPS, "no list of steps under trajectory")
    pages = [_page(step) for step in told]
    made = steps(pages)
    stop = made[-1].action
    answer = str(stop.arguments.get("answer", "")) if stop.name == "stop" else None
    task_id = name_of(record.get("id", record.get("task_id")))
    gave_up = answer is not None and answer.strip().lower() in {"", "n/a"}
    return identified(
        Trajectory(
            id="",
            source=source,
            goal=text(told[0].get("objective")),
            task_id=task_id,
            benchmark="webarena",
            template=f"webarena/{task_id}" if task_id else "",
            tools=TOOLS,
            start=pages[0].seen,
            steps=closed(made) if answer is not None else made,
            answer=answer,
            ending=Ending.UNKNOWN if answer is None else Ending.GAVE_UP if gave_up else Ending.ANSWERED,
            label=label(told[-1]),
        )
    )


def _page(step: dict[str, Any]) -> Page:
    page = text(step.get("observation"))
    thought = "\n".join(filter(None, (text(step.get("plan")), text(step.get("reason")))))
    said = text(step.get("action")).strip()
    return Page(page, (_act(said, page),) if said else (), thought, text(step.get("url")))


def _act(said: str, page: str) -> Action:
    """As WebArena reads it, else by its name alone."""
    act = predicted(f"{FENCE}{said}{FENCE}", page)
    return rendered(said, page) if act.name == NO_ACTION else act


READER = Reader(
    "AgentOccam's and SteP's WebArena logs",
    recognizes,
    read,
    needs=("trajectory[].objective", "trajectory[].observation", "trajectory[].action"),
)
