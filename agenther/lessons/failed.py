"""Calls that failed in one run: those that were overcome, and those that never were."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from agenther.evidence.trouble import SHORT, troubles
from agenther.lessons.asked import blamed, is_fit, is_turned_away, mistyped, tried
from agenther.lessons.changes import FREE, RESULT, Change, How, changes
from agenther.lessons.errors import EMPTY, Error, error, field
from agenther.lessons.known import Known
from agenther.lessons.occasion import Occasion, cited, is_blank, is_call, tool, values
from agenther.lessons.records import Cited, Kind, Signature
from agenther.lessons.shapes import NAMES, is_name, leaves, shape
from agenther.records import Step, Trajectory
from agenther.text.names import bare, spelt

_WORD = re.compile(r"[^\W\d_]+")
MOST, ALL = 20, 200
"""Calls of one run with one error, and with any, of which each is looked at: a log may have a tool to each call."""


def failed(run: Trajectory, known: Known) -> Iterator[Occasion]:
    """Each error with what may be learned from it."""
    bad, met = troubles(run), Counter[tuple[str, str]]()
    calls: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in filter(is_call, run.steps):
        calls[step.action.name, step.agent].append(step)
    for step in filter(is_call, run.steps):
        if step.n in bad and (why := error(step, values(step))):
            met[step.action.name, why.key] += 1
            if met.total() > ALL:
                return
            if met[step.action.name, why.key] <= MOST:
                yield from _Failed(known, step, why, calls[step.action.name, step.agent]).occasions()


class _Failed:
    """One call that failed, and all calls of its tool by its agent."""

    def __init__(self, known: Known, step: Step, why: Error, same: list[Step]) -> None:
        self.run, self.known, self.step, self.why = known.run, known, step, why
        self.bad = troubles(self.run)
        self.same, self.later = same, [one for one in same if one.n > step.n]

    def occasions(self) -> Iterator[Occasion]:
        worked = next(filter(self._worked, self.later), None)
        if self._is_unknown():
            yield self._unknown()
        elif demanded := self._demanded():
            yield self._told(Kind.UNRECOVERED, (demanded,), ())
        if worked:
            told = changes(self.step, worked, self.known, empty=self.why.phrase == EMPTY)
            between = self.run.steps[self.step.n : worked.n - 1]
            if told and (told[0].how != How.NONE or not any(map(is_call, between))):
                yield self._overcome(worked, told)
        elif self.why.phrase != EMPTY:
            yield from (self._told(Kind.UNRECOVERED, (change,), ()) for change in self._suspect())
            if not any(self._worked(one) or is_blank(one) for one in self.same):
                blamed = self._blamed() if self.later else ()
                yield from (self._told(Kind.UNRECOVERED, (change,), ()) for change in blamed)
                yield self._never()

    def _worked(self, step: Step) -> bool:
        return step.n not in self.bad and not is_blank(step)

    def _told(
        self,
        kind: Kind,
        told: Iterable[Change],
        successes: tuple[Cited, ...],
        sources: tuple[tuple[str, str], ...] = (),
        failures: tuple[Cited, ...] = (),
    ) -> Occasion:
        name = tool(self.step.action.name, self.known)
        return Occasion(
            Signature(kind=kind, tool=name, error=self.why.key),
            tuple(self._safe(change) for change in told),
            self.why.words,
            failures or (cited(self.known, self.step, self.why.phrase),),
            successes,
            self.step.agent,
            self.step.at,
            sources,
        )

    def _overcome(self, worked: Step, told: tuple[Change, ...]) -> Occasion:
        seen = worked.observation or ""
        ours = (word for word in _WORD.findall(seen[:SHORT]) if word.casefold() in self.known.vocabulary)
        shown = field(seen) or next(ours, "")
        successes = (cited(self.known, worked, "it worked", shown),) if shown else ()
        return self._told(Kind.REPAIRED, told, successes, self._sources(worked, told))

    def _never(self) -> Occasion:
        """No call of the tool ever worked in the run."""
        others = sum(one.action != self.step.action for one in self.later)
        again = f"the last of {len(self.same)} calls that failed, {others} of them with other arguments"
        last = [cited(self.known, one, again) for one in self.later[-1:]]
        failures = cited(self.known, self.step, self.why.phrase), *last
        alike = [one for one in self.same[:MOST] if self._is_alike(one) and is_fit(one, self.known)]
        given = tuple(sorted({tried(one, self.known) for one in alike}))
        made = self._told(Kind.UNRECOVERED, (), (), failures=failures)
        return made._replace(others=others, tried=given, is_alone=len(self.same) == 1)

    def _is_alike(self, step: Step) -> bool:
        """Did it fail in the same way?"""
        why = error(step, values(step)) if step.n in self.bad else None
        return why is not None and why.key == self.why.key

    def _blamed(self) -> Iterator[Change]:
        """What the error speaks of by name, of the arguments of the call."""
        odd = {change.path: change for change in mistyped(self.step, self.known)}
        for name in blamed(self.step):
            if self.known.may_tell(name):
                yield odd.get(name, Change(how=How.BLAMED, path=name))

    def _unknown(self) -> Occasion:
        """The agent has no such tool."""
        name, has = self.step.action.name, self.known.tools
        near = [one for one in sorted(has) if bare(one) == bare(name)]
        worked = (one for one in self.run.steps if one.action.name in near[:1] and is_call(one) and self._worked(one))
        way = next((one for one in worked if self.known.may_recommend(one.action.name, one.n)), None)
        successes = (cited(self.known, way, "it worked"),) if way else ()
        change = Change(how=How.UNKNOWN, after=way.action.name if way else "")
        return self._told(Kind.UNRECOVERED, (change,), successes)

    def _is_unknown(self) -> bool:
        """Has the agent no such tool? A list of tools is not believed where one worked that is not in it, nor an error
        that may be the tool's own.
        """
        has = self.known.tools
        if not has or self.step.action.name in has or not is_turned_away(self.step):
            return False
        return not any(one.action.name not in has and is_call(one) and self._worked(one) for one in self.run.steps)

    def _demanded(self) -> Change | None:
        """The argument of which the error speaks, of those that the tool has and the call has not."""
        has = set(self.known.parameters(self.step.action.name)) - set(self.step.action.arguments)
        words = set(self.why.words.split())
        named = sorted(name for name in has if len(name) > 2 and name.casefold() in words)
        return Change(how=How.DEMANDED, path=named[0]) if len(named) == 1 else None

    def _suspect(self) -> Iterator[Change]:
        """Values of which the error speaks by the argument's name: those that nobody had spoken of, and the shapes."""
        for path, many in leaves(self.step.action.arguments).items():
            if set(spelt(path.rpartition(".")[2])) & set(self.why.words.split()):
                found = shape(many)
                if is_name(many) and self.known.is_made_up(many, self.step):
                    yield Change(how=How.UNHEARD, path=path)
                elif not found.startswith(FREE) and not self._is_guess(many):
                    yield Change(how=How.MISSHAPEN, path=path, before=found)

    def _is_guess(self, many: tuple[JsonValue, ...]) -> bool:
        """Does it name what nobody had spoken of, so that it says nothing of how it is written?"""
        return shape(many) in NAMES and self.known.is_made_up(many, self.step)

    def _safe(self, change: Change) -> Change:
        """Without a name that may not be told."""
        return change if self.known.may_tell(change.path) else change.model_copy(update={"path": ""})

    def _sources(self, worked: Step, told: Iterable[Change]) -> tuple[tuple[str, str], ...]:
        """(path, tool): in whose results the values stood that worked."""
        before, after = leaves(self.step.action.arguments), leaves(worked.action.arguments)
        paths = [change.path for change in told if change.source == RESULT]
        found = ((path, tuple(one for one in after[path] if one not in before[path])) for path in paths)
        origins = ((path, self.known.origin(new, worked)) for path, new in found)
        safe = ((path, one) for path, one in origins if one and self.known.may_recommend(one.source, one.step))
        return tuple(sorted({(path, one.source) for path, one in safe}))
