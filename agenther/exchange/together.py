"""Lessons that several organisations learned, as one."""

from collections.abc import Sequence

from agenther.lessons.records import Lesson

SHOWN = 6
"""Words of runs that it keeps, of each kind."""


def joined(given: Sequence[tuple[Lesson, frozenset[str]]]) -> Lesson:
    """The lesson with the evidence of all, each with the sources that give it. Of one id, they say the same of the same
    situation.
    """
    lessons = [one for one, _ in given]
    first = min(lessons, key=lambda one: one.model_dump_json())
    run_ids = tuple(sorted({run for one in lessons for run in one.run_ids}))
    days = sorted(one.first_seen for one in lessons if one.first_seen)
    return first.model_copy(
        update={
            "failures": tuple(sorted({each for one in lessons for each in one.failures}, key=str))[:SHOWN],
            "successes": tuple(sorted({each for one in lessons for each in one.successes}, key=str))[:SHOWN],
            "run_ids": run_ids,
            "agents": tuple(sorted({agent for one in lessons for agent in one.agents})),
            "helpful": _total("helpful", given),
            "harmful": _total("harmful", given),
            "decisive": min(_total("decisive", given), len(run_ids)),
            "against": _total("against", given),
            "first_seen": days[0] if days else "",
            "last_seen": max(one.last_seen for one in lessons),
            "expires": max(one.expires for one in lessons),
        }
    )


def _total(name: str, given: Sequence[tuple[Lesson, frozenset[str]]]) -> int:
    """What all sources count together. Of a source that gives the lesson twice, one is a later state of the other."""
    total, heard = 0, frozenset[str]()
    for count, sources in sorted(((getattr(one, name), sorted(sources)) for one, sources in given), reverse=True):
        total += count if heard.isdisjoint(sources) else 0
        heard |= {*sources}
    return total
