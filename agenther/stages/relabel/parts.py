"""The words of the request itself: a part of it that a call served and its answer met is the goal.

    I'm planning a trip. Can you find hotels in Oslo? Also, give me the latitude and longitude of Bergen.
        -> Give me the latitude and longitude of Bergen.

No English is made but for the answer. A part is used only if every word in it is spoken of by the calls, their inputs
or what came back; what is left over is cut where that leaves a sentence, and otherwise the part is not used.
"""

import re
from collections.abc import Iterator, Sequence

from agenther.records import Evidence
from agenther.stages.lexicon import pattern, words
from agenther.stages.relabel.answers import Answer, Goal
from agenther.stages.relabel.demands import Met, met, phrases, without
from agenther.stages.relabel.english import is_plural, joined, sentence, singular, spelt, telling, told
from agenther.stages.relabel.request import by_itself, clauses, is_asking, sentences, variants
from agenther.stages.relabel.spoken import served, unspoken

LONGEST_ANSWER = 2_000
MOST_IN_LINE = 8
"""Names that are told in one sentence."""
FEW_FACTS = 4
LONG = 200
"""Up to so many facts, of up to so many characters, are told in one sentence."""
_INNER = frozenset("its their them same these those".split())


def parts_met(request: str, answers: Sequence[Answer]) -> Iterator[Goal]:
    """Every part of a request, or of what a user says in a turn, that one of the answers meets, in its order."""
    said = sentences(request)
    answers = [answer for answer in answers if served(request, answer, answers)]
    known: set[str] = set()
    for n, text in enumerate(said):
        whole = next(_found(said, n, text, answers), None)
        for clause in [text] if whole else clauses(text):
            part = whole or next(_found(said, n, clause, answers), None)
            if part and not {fact.quote for fact in part.facts} <= known:
                known |= {fact.quote for fact in part.facts}
                yield part


def _found(said: Sequence[str], n: int, text: str, answers: Sequence[Answer]) -> Iterator[Goal]:
    for ask in variants(text):
        if is_asking(ask):
            for before in ("", *(by_itself(one) for one in said[max(0, n - 1) : n] if not is_asking(one))):
                for answer in answers:
                    if part := _part(before, ask, answer, answers, said if answer.whole else ()):
                        yield part


def _part(before: str, ask: str, answer: Answer, answers: Sequence[Answer], said: Sequence[str]) -> Goal | None:
    found = met(ask, answer)
    if found is None:
        return None
    its, lost = found
    asked = without(ask, lost) if lost else ask
    if asked is None or (not before and _points_back(asked)):
        return None
    goal = f"{before} {asked}".strip()
    steps = served(goal, answer, answers)
    heads = [phrase.words[-1] for phrase in phrases(asked)]
    if steps is None or unspoken(goal, steps, heads) or not (_tells_apart(goal, its) or _stands(asked, said)):
        return None
    text = _answer(its, asked, is_whole=answer.whole)
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


def _answer(its: Met, asked: str, *, is_whole: bool) -> str:
    """What was found, in a sentence or, where it is much, line by line."""
    values = [fact.value for _, fact in its.single]
    said = []
    if len(values) == 1 and not its.entries and (values[0].endswith(".") or len(values[0]) > LONG):
        said.append(values[0])
    elif len(values) == 1 and not its.entries and re.search(rf"\ban? {re.escape(its.single[0][0])}", asked):
        said.append(f"Here is one: {values[0]}")
    elif values and len(values) <= FEW_FACTS and all(len(value) < LONG for value in values):
        said.append(telling([(name, fact.value) for name, fact in its.single]))
    else:
        said += [f"- {name}: {fact.value}" for name, fact in its.single]
    return "\n".join([*said, *(_listing(its, is_whole=is_whole) if its.entries else [])])


def _listing(its: Met, *, is_whole: bool) -> list[str]:
    entries = list(its.entries.values())
    names = [told(entry[0][1].value) for entry in entries]
    if all(len(entry) == 1 for entry in entries):
        if len(names) == 1:
            return [sentence(f"There is only one: {names[0]}")]
        if not any('"' in name for name in names) and len(names) <= MOST_IN_LINE and is_plural(its.listed):
            return [f"{'The' if is_whole else 'Some of the'} {its.listed} are {joined(names)}."]
    told_of = [", ".join(f"{singular(name)} {fact.value}" for name, fact in entry[1:]) for entry in entries]
    lines = [f"- {entry[0][1].value}{': ' * bool(more)}{more}" for entry, more in zip(entries, told_of, strict=True)]
    return [f"Here are {'the' if is_whole else 'some of the'} {its.listed}:", *lines]
