"""What went wrong in one run: errors that were overcome, errors that never were, and loops."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from agenther.evidence.trouble import troubles
from agenther.lessons.changes import RESULT, Change, changes
from agenther.lessons.errors import NAMELESS, Error, error, topics
from agenther.lessons.known import Known
from agenther.lessons.occasion import Occasion, cited, is_call, tool, values
from agenther.lessons.pages import strays
from agenther.lessons.records import Kind, Signature
from agenther.lessons.shapes import leaves
from agenther.records import Step, Trajectory

LOOP = 3
"""The same call so often in a row, with the same result, is a loop."""
SHORT = 24
"""Characters of a value that is quoted."""
EMPTY = "an empty answer"


def occasions(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """Of each signature one, as it came up first."""
    seen: set[tuple[Signature, tuple[Change, ...]]] = set()
    for found in (*_failed(run, known), *_loops(run, known), *strays(run, known)):
        if (found.signature, found.changes) not in seen:
            seen.add((found.signature, found.changes))
            yield found


def _failed(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """What was overcome, each error with the call that worked, and what never was."""
    bad = troubles(run)
    for step in filter(is_call, run.steps):
        if step.n not in bad or (why := error(step, values(step))) is None:
            continue
        later = [one for one in run.steps[step.n :] if (one.action.name, one.agent) == (step.action.name, step.agent)]
        worked = next((one for one in later if one.n not in bad and (one.observation or "").strip()), None)
        is_empty = why.phrase == NAMELESS and bad[step.n].startswith(EMPTY)
        if worked:
            told = changes(step, worked, known, empty=is_empty)
            if told:
                yield _overcome(run, known, step, worked, why, told)
        elif later and not is_empty:
            yield _never(run, known, step, later, why)


def _overcome(
    run: Trajectory, known: Known, step: Step, worked: Step, why: Error, told: tuple[Change, ...]
) -> Occasion:
    signature = Signature(kind=Kind.REPAIRED, tool=tool(step.action.name, known), error=why.key)
    success = cited(run, worked, "it worked", _new(step, worked))
    return Occasion(
        signature,
        tuple(_safe(change, known) for change in told),
        why.words,
        (cited(run, step, why.phrase),),
        (success,),
        step.agent,
        step.at,
        topics(why.words, known.vocabulary),
        _sources(step, worked, told, known),
    )


def _never(run: Trajectory, known: Known, step: Step, later: list[Step], why: Error) -> Occasion:
    signature = Signature(kind=Kind.UNRECOVERED, tool=tool(step.action.name, known), error=why.key)
    others = sum(one.action != step.action for one in later)
    shown = (
        cited(run, step, why.phrase),
        cited(
            run, later[-1], f"called {len(later)} more times, {others} of them with other arguments; the last of them"
        ),
    )
    return Occasion(
        signature,
        (),
        why.words,
        shown,
        agent=step.agent,
        at=step.at,
        topics=topics(why.words, known.vocabulary),
        times=len(later),
        others=others,
    )


def _loops(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """The same call in a row, each time with the same result, which no other call had."""
    for (_, action), group in groupby(filter(is_call, run.steps), lambda step: (step.agent, step.action)):
        steps = list(group)
        results = {step.observation for step in steps}
        if len(steps) < LOOP or len(results) > 1 or not (steps[0].observation or "").strip():
            continue
        if any(step.action != action and step.observation in results for step in run.steps if is_call(step)):
            continue
        why = error(steps[0], values(steps[0]))
        signature = Signature(kind=Kind.LOOP, tool=tool(action.name, known), error=why.key if why else "")
        shown = (cited(run, steps[0], f"the first of {len(steps)} equal calls"), cited(run, steps[-1], "the last"))
        words = why.words if why else ""
        at = steps[0].at
        spoken = topics(words, known.vocabulary)
        yield Occasion(signature, (), words, shown, agent=steps[0].agent, at=at, topics=spoken, times=len(steps))


def _safe(change: Change, known: Known) -> Change:
    """Without a name that may not be told."""
    is_told = not change.path or all(known.may_tell(part) for part in change.path.replace("[]", "").split("."))
    return change if is_told else change.model_copy(update={"path": ""})


def _sources(failed: Step, worked: Step, told: Iterable[Change], known: Known) -> tuple[tuple[str, str], ...]:
    """(path, tool): in whose results the values stood that worked."""
    before, after = leaves(failed.action.arguments), leaves(worked.action.arguments)
    found = (
        (change.path, known.origin(tuple(one for one in after[change.path] if one not in before[change.path]), worked))
        for change in told
        if change.source == RESULT
    )
    return tuple(sorted({(path, one.source) for path, one in found if one and known.may_tell(one.source)}))


def _new(failed: Step, worked: Step) -> str:
    """A value of the call that worked, which the other had not, short enough to be quoted."""
    old = {text for _, text in values(failed)}
    new = [text for _, text in values(worked) if text not in old]
    return next((text for text in new if len(text) <= SHORT and len(text.split()) <= 2), "")
