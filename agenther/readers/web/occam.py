"""Logs of SteP and AgentOccam, a file for each task of WebArena: `<logdir>/<name>/<task_id>.json`, with a summary.csv.

    {"task": "/tmp/x/42.json", "id": "42", "model": "…", "type": "AgentOccam",
     "trajectory": [{"objective": "How many are left?", "url": "http://…", "observation": "RootWebArea …",
                     "action": "click [12]", "reason": "…", "done": false, "reward": 0, "success": 0}]}

Both agents write WebArena's actions, and AgentOccam a few more (`note`, `branch`, `prune`).
"""

from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import run
from agenther.readers.content import joined
from agenther.readers.labels.told import label
from agenther.readers.log import Head
from agenther.readers.values import fields, first_in, items, name_of, text
from agenther.readers.web.pages import NO_ACTION, Page, steps
from agenther.readers.webarena.actions import FENCE, TOOLS, predicted, rendered
from agenther.records import Action, Ending, Reason, Source, Trajectory


def recognizes(head: Head) -> Fit:
    return Fit.sure({"objective", "observation", "action"} <= first_in(head.first.get("trajectory")).keys())


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    told = list(map(fields, items(record.get("trajectory"))))
    if not told:
        raise ReadError(Reason.NO_STEPS, "no list of steps under trajectory")
    pages = [_page(step) for step in told]
    made = steps(pages)
    stop = made[-1].action
    answer = str(stop.arguments.get("answer", "")) if stop.name == "stop" else None
    task_id = name_of(record.get("id", record.get("task_id")))
    gave_up = {"ending": Ending.GAVE_UP} if answer is not None and answer.strip().lower() in {"", "n/a"} else {}
    return run(
        source,
        made,
        answer,
        goal=text(told[0].get("objective")),
        task_id=task_id,
        benchmark="webarena",
        template=f"webarena/{task_id}" if task_id else "",
        tools=TOOLS,
        start=pages[0].seen,
        label=label(told[-1]),
        **gave_up,
    )


def _page(step: dict[str, Any]) -> Page:
    page = text(step.get("observation"))
    thought = joined((text(step.get("plan")), text(step.get("reason"))))
    said = text(step.get("action")).strip()
    return Page(page, (_act(said, page),) if said else (), thought, text(step.get("url")))


def _act(said: str, page: str) -> Action:
    """As WebArena reads it, else by its name alone."""
    act = predicted(f"{FENCE}{said}{FENCE}", page)
    return rendered(said, page) if act.name == NO_ACTION else act


READER = Reader(
    "AgentOccam's and SteP's WebArena logs",
    recognizes,
    reads("agent-occam", _run),
    needs=("trajectory[].objective", "trajectory[].observation", "trajectory[].action"),
)
