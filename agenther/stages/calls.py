"""What one tool call did, told as a request that a person could have made.

The request is composed from the call itself: the tool's name gives the thing, the arguments give what the user
knows, and the facts of the answer give what is asked for. A call whose name, inputs or answer do not read
naturally gives no request: rather none than an unnatural one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from agenther.evidence import arguments
from agenther.evidence.trouble import AT_HAND, page_title, troubles
from agenther.evidence.words import Words, content, squeezed
from agenther.records import Evidence, Step, Trajectory
from agenther.stages.contradictions import contradicted
from agenther.stages.english import singular
from agenther.stages.facts import Call, Found, Shape, facts
from agenther.stages.fields import LONGEST_TEXT, Fact, plain, spoken
from agenther.stages.inputs import Input, inputs, is_left_out, is_limited
from agenther.stages.phrases import Phrase, changes, phrase
from agenther.stages.requests import Request
from agenther.stages.roles import are_clear
from agenther.stages.values import values
from agenther.stages.wording import change, lookup

UNSEEN = "[image]"
"""Readers' mark for what a log's text cannot hold; a request that needs it is not told by words alone."""


@dataclass(frozen=True)
class Finding:
    """A request that one step fulfils."""

    step: int
    kind: str
    """"lookup" or "change"."""
    subject: str
    """What it is about, for example "user details"."""
    request: Request
    claims: tuple[Evidence, ...]
    found_out: frozenset[str]
    """Inputs, squeezed, that the user is not known to have said: an earlier step may have shown them."""
    confidence: float

    @property
    def values(self) -> frozenset[str]:
        """What is asked for, squeezed: no other request may speak of it."""
        return frozenset(squeezed(fact.value) for fact in self.request.facts)


@lru_cache(maxsize=AT_HAND)
def findings(trajectory: Trajectory) -> tuple[Finding, ...]:
    """One for each call, in order, that brought something worth asking for; repeated calls count once."""
    goal = trajectory.goal
    if UNSEEN in goal or UNSEEN in (trajectory.start or ""):
        return ()
    by_user = [step.observation or "" for step in trajectory.steps if step.answered_by == "user"]
    said = Words([goal, trajectory.start or "", *by_user])
    failed = troubles(trajectory)
    found: list[Finding] = []
    seen: set[str] = set()
    for step in trajectory.steps:
        call = f"{step.action.name}{step.action.arguments}"
        if step.final or step.answered_by == "user" or call in seen or step.n in failed:
            continue
        seen.add(call)
        finding = _finding(step, said, goal)
        if finding and not (finding.kind == "change" and trajectory.is_dialogue):
            found.append(finding)  # a change in a dialogue may be just what was wrong: policies are not checked here
    return tuple(found)


def _finding(step: Step, said: Words, goal: str) -> Finding | None:
    observation = step.observation or ""
    if page_title(observation) or step.action.raw:
        return None
    known = inputs(step, said, goal, is_change=changes(step.action.name))
    if known is None or not are_clear(known) or contradicted(known, observation):
        return None
    said_by_name = phrase(step.action.name, known, goal)
    if said_by_name is None or (said_by_name.is_of_one and is_left_out(step, known)):
        return None
    if said_by_name.verb:
        return _change(step, said_by_name, known)
    return _lookup(step, said_by_name, known, frozenset(content(goal)))


def _lookup(step: Step, name: Phrase, known: list[Input], wanted: frozenset[str]) -> Finding | None:
    observation = step.observation or ""
    told = frozenset(plain(text) for text in (*arguments(step), *step.action.arguments))
    about = frozenset(singular(word.casefold()) for word in name.thing)
    is_by_id = any(one.name[-1] == "id" for one in known)
    call = Call(observation, told, wanted, about, is_limited(step), bool(known), name.is_of_one, is_by_id)
    found = facts(call) or _plain(observation, told)
    request = lookup(name, known, found) if found else None
    if found is None or request is None:
        return None
    shown = [Evidence(text=_statement(fact), step=step.n, quote=fact.quote) for fact in request.facts]
    return Finding(
        step=step.n,
        kind="lookup",
        subject=" ".join(name.thing),
        request=request,
        claims=(*_given(step, known), *shown),
        found_out=_found_out(known),
        confidence=0.9 if found.sure else 0.8,
    )


def _statement(fact: Fact) -> str:
    return f"the {fact.name} is {fact.told}" if fact.name else f"{fact.told} is told"


def _given(step: Step, known: list[Input]) -> list[Evidence]:
    return [Evidence(text=f"{' '.join(one.name)} {one.text}", step=step.n, quote=one.verbatim) for one in known]


def _found_out(known: list[Input]) -> frozenset[str]:
    return frozenset(squeezed(one.verbatim) for one in known if not one.said)


def _plain(observation: str, known: frozenset[str]) -> Found | None:
    """A short single line is its own fact; so is a bare value in a wrapper."""
    read = values(observation)
    text = spoken((read.root if read and isinstance(read.root, str) else observation).strip(), LONGEST_TEXT)
    if text is None or text[0] in "{[<(" or plain(text) in known or text not in observation:
        return None
    return Found(Shape.RECORD, (Fact("", text, text),), sure=True)


_DONE = (
    r"""\\?['"]?\b(?:status|state|success|result|message)\b\\?['"]?\s*:\s*\\?['"]?"""
    r"(?:success\w*|true|ok|done|completed?|confirmed|{done}\w*)|\bsuccessfully\b"
    r"""|\b{done}\b(?!\\?['"]\s*:)|\b{done}\\?['"]\s*:\s*true\b"""
)
"""Signs that a change was made. Its participle as the name of a field is none, unless that says so."""
_UNDONE = (
    r"\b(?:requested|pending|queued|drafts?|awaiting|in progress|will be|to be (?:{done}|confirmed|processed))\b"
    r"""|\b(?:not|no|nothing|0)(?: \w+)?(?: \w+)? {done}\b|\b{done}\\?['"]\s*:\s*(?:0\b|false|none|null|\[\])"""
)
"""Signs that it was only asked for, or touched nothing."""


def _change(step: Step, name: Phrase, known: list[Input]) -> Finding | None:
    """A change counts only if what came back says that it was made."""
    observation = step.observation or ""
    done = _search(_DONE, name, observation)
    if not known or done is None or _search(_UNDONE, name, observation):
        return None
    request = change(name, known)
    if request is None:
        return None
    return Finding(
        step=step.n,
        kind="change",
        subject=" ".join(name.thing),
        request=request,
        claims=(*_given(step, known), Evidence(text=f"it was {name.done}", step=step.n, quote=done.group())),
        found_out=_found_out(known),
        confidence=0.8,
    )


def _search(pattern: str, name: Phrase, text: str) -> re.Match[str] | None:
    return re.search(pattern.replace("{done}", name.done), text, re.IGNORECASE)
