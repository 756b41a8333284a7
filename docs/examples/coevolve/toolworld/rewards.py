"""The reward of a run: the share of its task's checks that hold at the end."""

import re

from toolworld.tasks import Task
from toolworld.world import Change, Episode

HARD = 0.6
"""A failure with at least this reward is a near-miss (arXiv 2511.22254 calls it a hard negative)."""


def checks(run: Episode) -> dict[str, bool]:
    """Each thing that the task asks for, and whether it is so at the end of the run."""
    task, domain = run.task, run.task.template.domain
    searched = any(call.tool == domain.search and call.arguments.get(domain.place) == task.place for call in run.calls)
    changed = _said(run) and len(run.changes) == len(wanted(task))
    found = {"looked in the right place": searched, "changed no more and no less": changed}
    if task.template.errand == "ask":
        looked = any(
            call.tool == domain.details and call.arguments.get(domain.item) == task.target.id for call in run.calls
        )
        return found | {"looked at the right thing": looked, "told the fact": _said(run, str(task.target.fact))}
    taken = [change for change in run.changes if change.kind == "take"]
    found |= {
        "took the right thing": any(change.what == task.target.id for change in taken),
        "took the right amount": any(change.how == task.amount for change in taken),
        "told the receipt": bool(taken) and _said(run, task.new),
    }
    sent = [change for change in run.changes if change.kind == "send"]
    if task.template.errand == "share":
        found["sent the receipt"] = any(change.what == task.new for change in sent)
        found["sent it to the right person"] = any(change.how == task.person for change in sent)
    if task.template.errand == "swap":
        found["dropped the old one"] = Change("drop", task.old) in run.changes
    return found


def reward(run: Episode) -> float:
    """From 0 to 1; 1 is success."""
    held = checks(run).values()
    return sum(held) / len(held)


def is_hard(value: float) -> bool:
    return HARD <= value < 1


def wanted(task: Task) -> list[Change]:
    """What the task asks to be changed."""
    taken = [Change("take", task.target.id, task.amount)]
    return {
        "ask": [],
        "take": taken,
        "share": [*taken, Change("send", task.new, task.person)],
        "swap": [Change("drop", task.old), *taken],
    }[task.template.errand]


def _said(run: Episode, word: str = "") -> bool:
    """Is there an answer, with that word in it?"""
    return run.answer is not None and (not word or word in re.findall(r"\w+", run.answer))
