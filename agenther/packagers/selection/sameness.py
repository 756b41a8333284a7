"""What two samples, or two goals, have in common, as short texts that are equal when they have it."""

import hashlib
from functools import lru_cache

from agenther.packagers.talk.thoughts import stem
from agenther.records import Sample

SAME_PAIR = "the same pair as"
"""The rule that leaves exact copies out, be it of a sample or of a preference pair."""

FILLERS = frozenset("a an the please kindly".split())
EDGES = ".,;:!?()\"'“”‘’"


def plain(goal: str) -> str:
    """What two goals that say the same have in common. Order, numbers and every word that tells something stay."""
    words = (word.strip(EDGES) for word in goal.casefold().split())
    return " ".join(stem(word) if word.isalpha() else word for word in words if word and word not in FILLERS)


def of_task(benchmark: str, domain: str, goal: str) -> str:
    """The same for one goal on one site: on another it is another one to learn from."""
    return digest(benchmark, domain, of_goal(goal))


@lru_cache(maxsize=64)
def of_goal(goal: str) -> str:
    """The same for goals that differ only in case, spaces, punctuation, articles and the endings of words.

    One goal is asked for several times, and comes with every run of its task.
    """
    return digest(plain(goal) or goal)


def of_pair(sample: Sample) -> str:
    """The same for samples of the same goal, acts and answer, wherever and however often they were read."""
    return digest(sample.goal, sample.answer, *(step.action.model_dump_json() for step in sample.steps))


def of_opening(sample: Sample) -> str:
    """The same for samples whose first act that serves the goal is the same, with the same result.

    "" where that act asks for nothing in particular, or brought nothing: any task may begin so.
    """
    relevant = set(sample.relevant_steps)
    first = next((step for step in sample.steps if step.n in relevant), None)
    if first is None or not first.observation or not (first.action.arguments or first.action.raw):
        return ""
    return digest(first.action.model_dump_json(), first.observation)


def reaches(run_id: str, goal: str) -> int:
    """The same where the same run reaches goals that are the same."""
    return int(digest(run_id, of_goal(goal)), 16)


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
