"""Lessons that several organisations learned, as one."""

from collections.abc import Sequence

from agenther.lessons.records import Lesson

SHOWN = 6
"""Words of runs that it keeps, of each kind."""


def joined(lessons: Sequence[Lesson]) -> Lesson:
    """The lesson with the evidence of all: they have one id, and so say the same of the same situation."""
    first = min(lessons, key=lambda one: one.model_dump_json())
    days = sorted(one.first_seen for one in lessons if one.first_seen)
    return first.model_copy(
        update={
            "failures": tuple(sorted({each for one in lessons for each in one.failures}, key=str))[:SHOWN],
            "successes": tuple(sorted({each for one in lessons for each in one.successes}, key=str))[:SHOWN],
            "run_ids": tuple(sorted({run for one in lessons for run in one.run_ids})),
            "agents": tuple(sorted({agent for one in lessons for agent in one.agents})),
            "helpful": sum(one.helpful for one in lessons),
            "harmful": sum(one.harmful for one in lessons),
            "decisive": sum(one.decisive for one in lessons),
            "against": sum(one.against for one in lessons),
            "first_seen": days[0] if days else "",
            "last_seen": max(one.last_seen for one in lessons),
            "expires": max(one.expires for one in lessons),
        }
    )
