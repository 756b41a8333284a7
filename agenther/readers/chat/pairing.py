"""Which call a result answers: the one of its id, else of its name, else the only one that waits. Nothing is guessed.

Calls and results are looked at together, once all results of a turn are there, so that their order tells nothing.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence

from agenther.readers.chat.acts import Act
from agenther.readers.chat.messages import Message
from agenther.records import SET_ASIDE
from agenther.text.names import bare

MOST_OF_ONE_ID = 100
"""Calls of one turn that share an id; among more, nothing is looked for."""
REPEATED = "results-repeated"
"""A second result for a call that has one is dropped: the first is what the agent went on with."""


def pair(
    earlier: Sequence[Act], waiting: Sequence[Act], results: Sequence[Message], names: Container[str]
) -> list[str]:
    """Give each result to its call; a flag comes back for each that is given to none.

    `waiting` are the calls made since the agent last got to see results, `earlier` others of which a result tells the
    id; `names` are those of all calls up to here.
    """
    return _Pairing(earlier, waiting, results, names).made()


def _whole(name: str, names: Container[str], spelt: Mapping[str, set[str]]) -> str:
    """The name of a call, of which a result may leave out the namespace."""
    whole = spelt.get(bare(name), set()) if name not in names else set()
    return next(iter(whole)) if len(whole) == 1 else name


class _Pairing:
    def __init__(
        self, earlier: Sequence[Act], waiting: Sequence[Act], results: Sequence[Message], names: Container[str]
    ) -> None:
        self.acts, self.waiting, self.names = [*earlier, *waiting], waiting, names
        self.waits = set(waiting)
        spelt = defaultdict[str, set[str]](set)
        for act in self.acts:
            spelt[bare(act.action.name)].add(act.action.name)
        self.results = [result._replace(name=_whole(result.name, names, spelt)) for result in results]
        self.flags = dict.fromkeys(range(len(results)), SET_ASIDE)

    def made(self) -> list[str]:
        by_id, by_name, others = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list), list[int]()
        acts, free = defaultdict[str, list[Act]](list), defaultdict[str, list[Act]](list)
        for act in self.acts:
            acts[act.id].append(act)
        have_ids = bool(acts.keys() - {""})
        for n, result in enumerate(self.results):
            if result.answers and have_ids:
                by_id[result.answers].append(n)
            elif result.name in self.names:
                by_name[result.name].append(n)
            else:
                others.append(n)  # a name that no call has is that of a speaker
        for name, group in by_id.items():
            self._by_id(acts.get(name, []), group)
        for act in self._free():
            free[act.action.name].append(act)
        for name, group in by_name.items():
            if len(free[name]) == len(group) == 1:
                self._give(group[0], free[name][0])
        self._rest(others)
        return list(self.flags.values())

    def _by_id(self, acts: list[Act], group: list[int]) -> None:
        """Of the calls with this id, those of the nearest turn count; ids may repeat in later turns."""
        near = [act for act in acts if act.turn == acts[-1].turn]
        before = acts[: -len(near)] if near else []
        if len(group) > 1 and any(act in self.waits and act.result is None for act in before):
            return  # one id for calls of several turns, and results of which nothing tells whose they are
        for n in group if len(near) < MOST_OF_ONE_ID else ():
            said = self.results[n].name
            fits = [act for act in near if self._may_be(said, act, alone=len(near) == 1)]
            if len(fits) == 1 and fits[0].result is not None:
                self.flags[n] = REPEATED
            elif len(fits) == 1:
                self._give(n, fits[0])

    def _may_be(self, said: str, act: Act, *, alone: bool) -> bool:
        """Does the name that a result gives allow for this call? Where several calls share an id, it has to be told."""
        return said == act.action.name or (alone and said not in self.names)

    def _rest(self, group: list[int]) -> None:
        """Results without id and name. Of several, all are doubtful, unless there was but one call to answer."""
        free = self._free()
        if len(free) == 1 and group and (len(self.waiting) == 1 or len(group) == 1):
            self._give(group[0], free[0])

    def _free(self) -> list[Act]:
        return [act for act in self.waiting if act.result is None]

    def _give(self, n: int, act: Act) -> None:
        act.take(self.results[n].text, self.results[n].beside)
        del self.flags[n]
