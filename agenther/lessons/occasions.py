"""What went wrong in one run, each with what shows it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from agenther.evidence.trouble import SHORT
from agenther.lessons.changes import Change
from agenther.lessons.errors import error
from agenther.lessons.failed import failed
from agenther.lessons.known import Known
from agenther.lessons.occasion import Occasion, cited, is_call, tool, values
from agenther.lessons.pages import strays
from agenther.lessons.records import Kind, Signature
from agenther.records import Trajectory

LOOP = 3
"""The same call so often in a row, with the same result, is a loop."""


def occasions(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """Of each signature one, as it came up first."""
    seen: set[tuple[Signature, tuple[Change, ...]]] = set()
    for found in (*failed(run, known), *_loops(run, known), *strays(run, known)):
        if (found.signature, found.changes) not in seen:
            seen.add((found.signature, found.changes))
            yield found


def _loops(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """The same call in a row, each time with the same result, which no other call had."""
    came_back: defaultdict[str, set[str | None]] = defaultdict(set)
    brought_by: defaultdict[str | None, set[str]] = defaultdict(set)
    calls = [(step.action.model_dump_json(), step) for step in run.steps if is_call(step)]
    for call, step in calls:
        came_back[call].add(step.observation)
        brought_by[step.observation].add(call)
    for (_, call), group in groupby(calls, lambda one: (one[1].agent, one[0])):
        steps = [step for _, step in group]
        action, results = steps[0].action, came_back[call]
        if len(steps) < LOOP or len(results) > 1 or not (steps[0].observation or "").strip():
            continue
        if not (action.arguments or action.raw or action.name in known.tools):
            continue  # what it was given stands elsewhere
        if brought_by[steps[0].observation] != {call}:
            continue  # what comes back depends on something else, or says nothing
        is_short = len(steps[0].observation or "") <= SHORT  # a longer one holds more than an error
        why = error(steps[0], values(steps[0])) if is_short else None
        signature = Signature(kind=Kind.LOOP, tool=tool(action.name, known), error=why.key if why else "")
        shown = (cited(known, steps[0], f"the first of {len(steps)} equal calls"), cited(known, steps[-1], "the last"))
        words = why.words if why else ""
        at = steps[0].at
        yield Occasion(signature, (), words, shown, agent=steps[0].agent, at=at, times=len(steps))
