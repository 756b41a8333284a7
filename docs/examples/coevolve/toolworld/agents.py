"""Agents by script: one that does every task as it should be done, and six ways to fail at it.

An agent yields calls and is sent what each gave; the text that it yields last is its answer.
"""

from collections.abc import Generator, Iterable, Iterator
from enum import StrEnum
from random import Random
from typing import Any, get_args

from toolworld.domains import AMOUNTS, Domain, domains
from toolworld.tasks import Row, Task, Which
from toolworld.world import Call, Episode

Script = Generator[Call | str, dict[str, Any], None]


class Failure(StrEnum):
    """AgentHER's failure types (§3.1), as what an agent here does."""

    INCOMPLETE = "incomplete"
    """Stops before the last call."""
    CONSTRAINT_VIOLATION = "constraint_violation"
    """Takes another amount than was asked for, or takes something where nothing was to be taken."""
    WRONG_RESULT = "wrong_result"
    """Looks for another thing of the right place, and goes on with that."""
    TOOL_ERROR = "tool_error"
    """Calls by name where an id is wanted, does so again, and gives up."""
    HALLUCINATION = "hallucination"
    """Searches, and makes up what only another call would tell."""
    OFF_TOPIC = "off_topic"
    """Looks at something of another domain, and tells that."""


class Detour(StrEnum):
    """A step that is wasted on the way, and does no harm."""

    ELSEWHERE = "elsewhere"
    """Looks in another place first."""
    FAILED_CALL = "failed_call"
    """Looks in a place that there is not, sees the error, and does it rightly."""
    ANOTHER = "another"
    """Looks at something else that is there before it goes on."""


STRENGTHS = {"novice": 0.2, "steady": 0.5, "skilled": 0.8, "expert": 1.0}
"""How often each scripted agent does a task as it should be done, and how often it goes there without a detour."""


def play(
    task: Task, failure: Failure | None = None, detour: Detour | None = None, dice: Random | None = None
) -> Episode:
    """The run of a task that goes well, or fails in the given way."""
    run = Episode(task)
    script = _script(task, failure, detour, dice or Random(task.id))
    reply = next(script)
    while not run.is_over:
        result = run.act(reply)
        if not run.is_over:
            reply = script.send(result)
    return run


def runs(of: Iterable[Task], strength: float) -> Iterator[tuple[Episode, Failure | None]]:
    """A run of each task by an agent of that strength, and how it was made to fail."""
    for task in of:
        dice = Random(f"{task.id} {strength}")
        failure = None if dice.random() < strength else dice.choice([*Failure])
        detour = None if dice.random() < strength else dice.choice([*Detour])
        yield play(task, failure, detour, dice), failure


def _script(task: Task, failure: Failure | None, detour: Detour | None, dice: Random) -> Script:
    domain, row = task.template.domain, task.target
    if failure is Failure.OFF_TOPIC:
        other = dice.choice([one for one in domains().values() if one != domain])
        domain, row = other, task.rows[other.name, other.places[0]][0]
        yield Call(domain.search, {domain.place: domain.places[0]})
        yield Call(domain.details, {domain.item: row.id})
        yield _fact(domain, row, row.fact)
        return
    if task.template.errand == "swap":
        yield Call(domain.drop["tool"], {domain.receipt: task.old})
    which = task.template.which
    if failure is Failure.WRONG_RESULT:
        which = dice.choice([other for other in get_args(Which) if task.meant(other) != row])
        row = task.meant(which)
    asked = task.asked(which)
    match detour:
        case Detour.ELSEWHERE:
            elsewhere = dice.choice([place for place in domain.places if place != task.place])
            yield Call(domain.search, {domain.place: elsewhere, **asked})
        case Detour.FAILED_CALL:
            yield Call(domain.search, {domain.place: row.name, **asked})
    yield Call(domain.search, {domain.place: task.place, **asked})
    if detour is Detour.ANOTHER:
        yield Call(domain.details, {domain.item: dice.choice([other.id for other in task.here if other != row])})
    if task.template.errand == "ask":
        yield from _ask(task, row, failure)
    else:
        yield from _take(task, row, failure, dice)


def _ask(task: Task, row: Row, failure: Failure | None) -> Script:
    """From the search on, of a task that asks for a fact."""
    domain, fact = task.template.domain, row.fact
    if failure is Failure.INCOMPLETE:
        yield _stopped(domain, row.id)
        return
    if failure is Failure.TOOL_ERROR:
        for _ in range(2):
            yield Call(domain.details, {domain.item: row.name})
        yield _stopped(domain, row.name)
        return
    if failure is Failure.HALLUCINATION:
        fact = next(other.fact for other in task.here if other != row)
    else:
        yield Call(domain.details, {domain.item: row.id})
    if failure is Failure.CONSTRAINT_VIOLATION:
        yield Call(domain.take["tool"], {domain.item: row.id, domain.amount: task.amount})
    yield _fact(domain, row, fact)


def _take(task: Task, row: Row, failure: Failure | None, dice: Random) -> Script:
    """From the search on, of a task that has something taken."""
    domain, is_shared, amount = task.template.domain, task.template.errand == "share", task.amount
    if failure is Failure.INCOMPLETE and not is_shared:
        yield _stopped(domain, row.id)
        return
    if failure is Failure.TOOL_ERROR:
        for _ in range(2):
            yield Call(domain.take["tool"], {domain.item: row.name, domain.amount: amount})
        yield _stopped(domain, row.name)
        return
    if failure is Failure.CONSTRAINT_VIOLATION:
        amount = dice.choice([other for other in AMOUNTS if other != amount])
    receipt = task.old if failure is Failure.HALLUCINATION else task.new
    if failure is not Failure.HALLUCINATION:
        yield Call(domain.take["tool"], {domain.item: row.id, domain.amount: amount})
        if is_shared and failure is not Failure.INCOMPLETE:
            yield Call(domain.send["tool"], {domain.receipt: task.new, "person": task.person})
    yield f"Done: {domain.item} {row.id} for {amount} {domain.amount}, {domain.receipt} {receipt}."


def _fact(domain: Domain, row: Row, fact: int) -> str:
    return f"The {domain.fact} of {domain.item} {row.id} is {fact}."


def _stopped(domain: Domain, what: str) -> str:
    return f"I stopped at {domain.item} {what}."
