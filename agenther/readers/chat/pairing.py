"""Which call a result answers: the one of its id, else of its name, else the only one that waits. Nothing is guessed.

Calls and results are looked at together, once all results of a turn are there, so that their order tells nothing.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from agenther.text.names import bare

MOST_OF_ONE_ID = 100
"""Calls of one turn that share an id; among more, nothing is looked for."""
REPEATED = "results-repeated"
"""A second result for a call that has one is dropped: the first is what the agent went on with."""


class Asked(NamedTuple):
    """A call, as far as it tells which result is its own."""

    id: str
    name: str
    turn: int
    waits: bool
    """Was it made since the agent last got to see results?"""
    answered: bool = False


class Given(NamedTuple):
    """A result, as far as it tells which call it answers; what the log does not tell is empty."""

    id: str = ""
    name: str = ""


class Pairs(NamedTuple):
    """For each result the place of its call, or None: then it is `repeated`, or nothing tells its call."""

    calls: list[int | None]
    repeated: frozenset[int]


def pair(calls: Sequence[Asked], results: Sequence[Given], names: Container[str]) -> Pairs:
    """The call of each result.

    `calls` are those that wait, and earlier ones of which a result tells the id; `names` those of all calls up to here.
    """
    return _Pairing(calls, results, names).made()


def _whole(name: str, names: Container[str], spelt: Mapping[str, set[str]]) -> str:
    """The name of a call, of which a result may leave out the namespace."""
    whole = spelt.get(bare(name), set()) if name not in names else set()
    return next(iter(whole)) if len(whole) == 1 else name


class _Pairing:
    def __init__(self, calls: Sequence[Asked], results: Sequence[Given], names: Container[str]) -> None:
        self.calls, self.names = calls, names
        spelt = defaultdict[str, set[str]](set)
        for call in calls:
            spelt[bare(call.name)].add(call.name)
        self.results = [result._replace(name=_whole(result.name, names, spelt)) for result in results]
        self.answered = {n for n, call in enumerate(calls) if call.answered}
        self.found: list[int | None] = [None] * len(results)
        self.repeated: set[int] = set()

    def made(self) -> Pairs:
        by_id, by_name, others = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list), list[int]()
        places, waiting = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for n, call in enumerate(self.calls):
            places[call.id].append(n)
        have_ids = bool(places.keys() - {""})
        for n, result in enumerate(self.results):
            if result.id and have_ids:
                by_id[result.id].append(n)
            elif result.name in self.names:
                by_name[result.name].append(n)
            else:
                others.append(n)  # a name that no call has is that of a speaker
        for name, group in by_id.items():
            self._by_id(places.get(name, []), group)
        for n in self._waiting():
            waiting[self.calls[n].name].append(n)
        for name, group in by_name.items():
            if len(waiting[name]) == len(group) == 1:
                self._take(group[0], waiting[name][0])
        self._rest(others)
        return Pairs(self.found, frozenset(self.repeated))

    def _by_id(self, places: list[int], group: list[int]) -> None:
        """Of the calls with this id, those of the nearest turn count; ids may repeat in later turns."""
        turn = self.calls[places[-1]].turn if places else 0
        near = [n for n in places if self.calls[n].turn == turn]
        earlier = [n for n in places[: -len(near)] if self.calls[n].waits and n not in self.answered] if near else []
        if earlier and len(group) > 1:
            return  # one id for calls of several turns, and results of which nothing tells whose they are
        for n in group if len(near) < MOST_OF_ONE_ID else ():
            said = self.results[n].name
            fits = [at for at in near if self._may_be(said, at, alone=len(near) == 1)]
            if len(fits) != 1:
                continue
            if fits[0] in self.answered:
                self.repeated.add(n)
            else:
                self._take(n, fits[0])

    def _may_be(self, said: str, at: int, *, alone: bool) -> bool:
        """Does the name that a result gives allow for this call? Where several calls share an id, it has to be told."""
        return said == self.calls[at].name or (alone and said not in self.names)

    def _rest(self, group: list[int]) -> None:
        """Results without id and name. Of several, all are doubtful, unless there was but one call to answer."""
        free = self._waiting()
        only = sum(call.waits for call in self.calls) == 1
        if len(free) == 1 and group and (only or len(group) == 1):
            self._take(group[0], free[0])

    def _waiting(self) -> list[int]:
        return [n for n, call in enumerate(self.calls) if call.waits and n not in self.answered]

    def _take(self, result: int, call: int) -> None:
        self.found[result] = call
        self.answered.add(call)
