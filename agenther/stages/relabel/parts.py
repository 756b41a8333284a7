"""The words of the request itself: a part of it that a call served and its answer met is the goal.

    I'm planning a trip. Can you find hotels in Oslo? Also, give me the latitude and longitude of Bergen.
        -> Give me the latitude and longitude of Bergen.

No English is made but for the answer. A part is used only if every word in it is spoken of by the calls, their inputs
or what came back; what is left over is cut where that leaves a sentence, and otherwise the part is not used.
"""

from collections.abc import Iterator, Sequence

from agenther.records import Evidence
from agenther.stages.lexicon import pattern, words
from agenther.stages.relabel.answers import Answer, Goal
from agenther.stages.relabel.demands import Met, met, phrases
from agenther.stages.relabel.english import spelt
from agenther.stages.relabel.request import by_itself, is_asking, sentences, variants
from agenther.stages.relabel.spoken import served, unspoken
from agenther.stages.relabel.telling import LONGEST_ANSWER, answer_of

_INNER = frozenset("its their them same these those".split())


def parts_met(request: str, answers: Sequence[Answer]) -> Iterator[Goal]:
    """Every part of a request, or of what a user says in a turn, that one of the answers meets, in its order."""
    said = sentences(request)
    answers = [answer for answer in answers if served(request, answer, answers)]
    known: set[str] = set()
    for n, text in enumerate(said):
        part = next(_found(said, n, text, answers), None)
        if part and not {fact.quote for fact in part.facts} <= known:
            known |= {fact.quote for fact in part.facts}
            yield part


def _found(said: Sequence[str], n: int, text: str, answers: Sequence[Answer]) -> Iterator[Goal]:
    for ask in variants(text):
        if is_asking(ask):
            for before in ("", *(by_itself(one) for one in said[max(0, n - 1) : n] if not is_asking(one))):
                for answer in answers:
                    if part := _part(before, ask, answer, answers, said if answer.is_all else ()):
                        yield part


def _part(before: str, asked: str, answer: Answer, answers: Sequence[Answer], said: Sequence[str]) -> Goal | None:
    its = met(asked, answer)
    if its is None or (not before and _points_back(asked)):
        return None
    goal = f"{before} {asked}".strip()
    steps = served(goal, answer, answers)
    heads = [phrase.words[-1] for phrase in phrases(asked)]
    if steps is None or unspoken(goal, steps, heads) or not (_tells_apart(goal, its) or _stands(asked, said)):
        return None
    text = answer_of(its, asked, is_whole=answer.is_all)
    demand = asked.rstrip(".?! ")
    shown = [
        Evidence(text=f"{name if n else demand}: {fact.value}", step=fact.step, quote=fact.quote)
        for n, (name, fact) in enumerate(its.pairs)
    ]
    return Goal(goal, text, tuple(shown), tuple(steps), "part") if len(text) <= LONGEST_ANSWER else None


def _stands(asked: str, said: Sequence[str]) -> bool:
    """Did the user say just that, of all there are?"""
    return asked in map(by_itself, said) and bool(pattern("requests", "everything").search(asked))


def _points_back(ask: str) -> bool:
    """Does it refer to something that is not in it? "Its" behind a thing that is named refers to that."""
    end = next((phrase.end for phrase in phrases(ask)), len(ask))
    found = pattern("requests", "pointing").finditer(ask)
    return any(one.start() < end or one.group().casefold() not in _INNER for one in found)


def _tells_apart(goal: str, its: Met) -> bool:
    """Does the goal say which it wants, and not merely "the fonts"?"""
    names = [its.listed] if its.listed else [name for name, _ in its.single]
    told_of = {word for name in names for word in spelt(name)}
    rest = {*spelt(goal)} - words("requests", "free") - words("requests", "verbs")
    return bool(rest - told_of) or len(told_of) > 1 + (not its.listed)
