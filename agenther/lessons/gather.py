"""What many runs have in common."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from agenther.evidence import quoted
from agenther.evidence.trouble import troubles
from agenther.lessons.asked import is_turned_away, shapes
from agenther.lessons.changes import ERROR, FREE, NOTHING, Change, How, prefixes, told_value
from agenther.lessons.errors import error, mark
from agenther.lessons.group import Group, Key
from agenther.lessons.known import Known
from agenther.lessons.occasion import Occasion, api, is_blank, is_call, tool, values
from agenther.lessons.occasions import occasions
from agenther.lessons.pages import left, page, site
from agenther.lessons.records import FEW, Kind, Signature
from agenther.lessons.shapes import is_name, leaves, shape
from agenther.records import RULES, Attribution, Step, Trajectory
from agenther.text.names import bare

ALIKE, RECOMMENDED = "alike", "recommended"
VALUES = 3
"""Of an argument, that have to fail before it is to be left out."""


class Refused(NamedTuple):
    """What was given for an argument in a call that failed."""

    run_id: str
    shape: str
    value: str
    """Its mark."""


class Gathered:
    """All runs so far. Kept of them is what they have in common, and their ids."""

    def __init__(self, by: str = RULES) -> None:
        self.by = by
        """Who tells more than rules can."""
        self.groups: dict[Key, Group] = {}
        self._alone: dict[Key, Group] = {}
        """Of those that were never tried again."""
        self.runs: set[str] = set()
        self.failures = 0
        self.calling: Counter[str] = Counter()
        """Runs that call each tool, or see each site."""
        self._open: set[str] = set()
        """Tools of which some call brought nothing back, so that nobody knows what came of it."""
        self._worked: Counter[tuple[str, ...]] = Counter()
        """Runs in which a call with some feature worked."""
        self._shapes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        """Of a tool and one of its arguments: runs in which each shape worked."""
        self._failed: Counter[tuple[str, ...]] = Counter()
        """Calls with some feature that failed with some error."""
        self._refused: defaultdict[tuple[str, str, str], set[Refused]] = defaultdict(set)
        """Of a tool, an error and an argument: what was given in calls that failed so."""
        self._given: defaultdict[str, set[tuple[str, frozenset[str]]]] = defaultdict(set)
        """Of an API, or a tool of none: run, and arguments of each call that worked."""
        self._answered: Counter[str] = Counter()
        """Runs in which each tool was there, be it that it failed."""
        self._left: Counter[tuple[str, str]] = Counter()
        """Runs that went on from each page after few acts."""

    def add(self, run: Trajectory, attribution: Attribution, told: Iterable[Occasion] = ()) -> None:
        """A run that came before is passed over. `told`: what a model says of it, as far as it is believed."""
        if run.id in self.runs:
            return
        known = Known(run)
        self.runs.add(run.id)
        self.failures += not run.label.success
        calls = [step for step in run.steps if is_call(step)]
        sites = {site(where.site, known) for step in calls if (where := page(step))}
        self.calling.update({tool(step.action.name, known) for step in calls} | sites - {""})
        bad = troubles(run)
        worked = [step for step in calls if step.n not in bad and not is_blank(step)]
        self._worked.update({feature for step in worked for feature in _features(step, known)})
        for name, path, looks in {one for step in worked for one in _shapes(step, known)}:
            self._shapes[name, path][looks] += 1
        for step in calls:
            if step.n in bad and (why := error(step, values(step))):
                own = {*_features(step, known), *_shapes(step, known)}
                self._failed.update({(key[0], why.key, *key[1:]) for key in own})
                for path, many in leaves(step.action.arguments).items():
                    one = Refused(run.id, shape(many), mark(str(many)))
                    for prefix in prefixes(path):
                        self._refused[tool(step.action.name, known), why.key, prefix].add(one)
        for step in worked:
            name = tool(step.action.name, known)
            self._given[api(name) or name].add((run.id, frozenset(step.action.arguments)))
        there = (step for step in calls if not is_blank(step) and not (step.n in bad and is_turned_away(step)))
        self._answered.update({tool(step.action.name, known) for step in there})
        self._left.update(set(left(run, known)))
        self._open.update(tool(step.action.name, known) for step in calls if is_blank(step))
        suspected = {suspect.step for suspect in attribution.suspects}
        for found in (*occasions(run, known), *told):
            key = Key(found.signature, found.changes)
            agent = found.agent if known.may_tell(found.agent) else ""
            is_decisive = bool(suspected & {one.step for one in found.failures})
            groups = self._alone if found.is_alone else self.groups
            groups.setdefault(key, Group(key)).add(run, _standing(run, found), agent, is_decisive=is_decisive)

    def against(self, group: Group) -> int:
        """Runs in which just what it warns of did no harm."""
        signature, changes = group.key
        if signature.kind != Kind.REPAIRED and not changes:
            return len(group.succeeding) + self._left[signature.site, signature.error]
        return max((self._speaks_against(group, change) for change in changes), default=0)

    def is_enough(self, group: Group) -> bool:
        """Were other values of an argument that is to be left out tried, which are not all written alike?"""
        name, why = group.key.signature.tool, group.key.signature.error
        dropped = [self._refused[name, why, one.path] for one in group.key.changes if one.how == How.DROPPED]
        return all(
            len({one.value for one in given}) >= VALUES
            and len({one.shape for one in given}) >= FEW
            and len({one.run_id for one in given}) >= FEW
            for given in dropped
        )

    def _speaks_against(self, group: Group, change: Change) -> int:
        """Runs in which what it warns of went well, or what it recommends did not."""
        name, why = group.key.signature.tool, group.key.signature.error
        if change.how != How.BLAMED:
            return self._went_well(name, change)
        tried = Counter(
            run_id for run_id, value in {(one.run_id, one.value) for one in self._refused[name, why, change.path]}
        )
        in_vain = {run_id for run_id, many in tried.items() if many > 1}
        worked = {run_id for run_id, given in self._given[api(name) or name] if change.path not in given}
        return len((in_vain | worked) & group.runs)

    def is_shown(self, group: Group) -> bool:
        """Does what it recommends set calls that worked apart from those that failed in the same way?"""
        return all(self._is_apart(group.key.signature, change) for change in group.key.changes)

    def _is_apart(self, signature: Signature, change: Change) -> bool:
        """Did no call that failed have what it recommends, and did some have it that worked?"""
        name, alike = signature.tool, (signature.tool, signature.error)
        if change.how == How.DROPPED:
            return self._failed[alike] == self._failed[*alike, "with", change.path]
        usual = self.usual(name, change) or change.after
        right = {
            How.ADDED: ("with", change.path),
            How.DEMANDED: ("with", change.path),
            How.RESHAPED: (change.path, usual) if change.before not in NOTHING else (),
            How.REPLACED: (change.after, change.path),
            How.MISSHAPEN: (change.path, usual),
            How.SOURCED: ("heard", change.path) if change.source != ERROR else (),
            How.UNHEARD: ("heard", change.path),
        }.get(change.how, ())
        is_seen = {How.MISSHAPEN: bool(usual), How.UNHEARD: bool(self._worked[name, *right])}
        return is_seen.get(change.how, True) and not (right and self._failed[*alike, *right])

    def usual(self, name: str, change: Change) -> str:
        """The shape in which the argument works in most runs; empty where it works in few, or in any."""
        if change.how != How.MISSHAPEN:
            return ""
        found = self._shapes.get((name, change.path), Counter())
        (shape, runs), *others = [*sorted(found.items(), key=lambda one: (-one[1], one[0])), ("", 0)][:2]
        is_clear = runs >= FEW and not shape.startswith(FREE) and runs > sum(many for _, many in others)
        return shape if is_clear and shape != change.before else ""

    def look_at(self, group: Group) -> None:
        """What is known of its tool in all runs; with those that tried it once, where nothing else is to be said."""
        name = group.key.signature.tool
        group.works = bool(self._worked[name,])
        group.is_open = name in self._open
        group.is_passing = any(self._worked[name, ALIKE, one.shapes] for one in group.tried)
        group.namesake = "" if group.works else max(self._working.get(bare(name), ()), default="")
        if (alone := self._alone.get(group.key)) and group.is_dead_with(alone):
            group.join(alone)

    @cached_property
    def _working(self) -> dict[str, list[str]]:
        """Tools of which a call worked before anybody spoke of them, by their own names. When all runs are there."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in (key[0] for key in self._worked if key[1:] == (RECOMMENDED,)):
            found[bare(name)].append(name)
        return found

    def _went_well(self, name: str, change: Change) -> int:
        """Runs in which a call worked that was as the one that failed."""
        match change.how:
            case How.ADDED | How.DEMANDED:
                return self._worked[name,] - self._worked[name, "with", change.path]
            case How.DROPPED:
                return self._worked[name, "with", change.path]
            case How.RESHAPED | How.MISSHAPEN:
                return self._shapes.get((name, change.path), Counter())[change.before]
            case How.UNKNOWN:
                return self._answered[name]
            case How.UNHEARD | How.REPLACED:
                return self._worked[name, change.before or "unheard", change.path]
            case _:
                return 0


def _standing(run: Trajectory, found: Occasion) -> Occasion:
    """With those of its quotes that stand in the run."""
    failures, successes = ([one for one in many if quoted(run, one)] for many in (found.failures, found.successes))
    return found._replace(failures=tuple(failures), successes=tuple(successes))


def _features(step: Step, known: Known) -> Iterator[tuple[str, ...]]:
    """What can be told of a call, to hold those that worked against those that failed."""
    name = tool(step.action.name, known)
    yield (name,)
    yield name, ALIKE, shapes(step)
    if known.may_recommend(step.action.name, step.n):
        yield name, RECOMMENDED
    for path, many in leaves(step.action.arguments).items():
        if word := told_value(many, known):
            yield name, word, path
        if is_name(many):
            yield name, "unheard" if known.is_made_up(many, step) else "heard", path
        for prefix in prefixes(path):
            yield name, "with", prefix


def _shapes(step: Step, known: Known) -> Iterator[tuple[str, str, str]]:
    """(tool, path, shape) of each of its arguments."""
    name = tool(step.action.name, known)
    return ((name, path, shape(many)) for path, many in leaves(step.action.arguments).items())
