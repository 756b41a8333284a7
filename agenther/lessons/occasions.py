"""What went wrong in one run, each with what shows it."""

from collections.abc import Iterator
from itertools import groupby

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
    for (_, action), group in groupby(filter(is_call, run.steps), lambda step: (step.agent, step.action)):
        steps = list(group)
        results = {step.observation for step in steps}
        if len(steps) < LOOP or len(results) > 1 or not (steps[0].observation or "").strip():
            continue
        if not (action.arguments or action.raw or action.name in known.tools):
            continue  # what it was given stands elsewhere
        calls = [step for step in run.steps if is_call(step)]
        if any((step.action == action) != (step.observation in results) for step in calls):
            continue  # what comes back depends on something else, or says nothing
        why = error(steps[0], values(steps[0]))
        signature = Signature(kind=Kind.LOOP, tool=tool(action.name, known), error=why.key if why else "")
        shown = (cited(known, steps[0], f"the first of {len(steps)} equal calls"), cited(known, steps[-1], "the last"))
        words = why.words if why else ""
        at = steps[0].at
        yield Occasion(signature, (), words, shown, agent=steps[0].agent, at=at, times=len(steps))
