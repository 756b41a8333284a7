"""What in a goal can be changed by mistake, and what it could be mistaken for."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from random import Random
from typing import NamedTuple

from agenther.evidence import arguments
from agenther.records import Trajectory
from agenther.text.dates import date_spans, dates
from agenther.text.particulars import spoken_names
from agenther.text.specifics import COUNTS, URL, numbered, quotations, specifics, tokens
from agenther.text.words import squeezed

LOOKED_AT = 200_000
"""Characters of a run in which other numbers and names are looked for."""


class Kind(StrEnum):
    """What was done to the goal."""

    NUMBER = "number"
    DATE = "date"
    URL = "url"
    QUOTED = "quoted"
    NAME = "name"
    ITEM = "item"
    SUPERLATIVE = "superlative"
    SIDE_EFFECT = "side-effect"


class Spot(NamedTuple):
    kind: Kind
    start: int
    end: int


class RunWords:
    """The words of a run that a slip could put into a goal, by kind, in order."""

    def __init__(self, trajectory: Trajectory) -> None:
        told = [text for step in trajectory.steps if not step.final for text in arguments(step)]
        texts = [*told, *(text for _, text in trajectory.observations())]
        self.text = "\n".join(texts)[:LOOKED_AT]
        self.tokens = frozenset(tokens(self.text))
        spoken = (text for text in told if text.isprintable() and len(text) < 100 and not text.isdecimal())
        self.words: dict[Kind, list[str]] = {
            Kind.NUMBER: _unique(match.group().strip(".") for match in numbered(self.text)),
            Kind.DATE: _unique(self.text[start:end] for start, end in date_spans(self.text)),
            Kind.URL: _unique(match.group().rstrip(".,;") for match in URL.finditer(self.text)),
            Kind.QUOTED: _unique(text for text in (*spoken, *quotations(self.text)) if "\\" not in text),
            Kind.NAME: _unique(spoken_names(self.text)),
        }


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def spots(goal: str) -> Iterator[Spot]:
    """What can be changed in a goal. What lies within something larger is left alone."""
    taken: list[tuple[int, int]] = []
    found = [Spot(Kind.URL, *match.span()) for match in URL.finditer(goal)]
    found += [Spot(Kind.QUOTED, *_span(goal, text)) for text in quotations(goal)]
    found += [Spot(Kind.DATE, *span) for span in date_spans(goal)]
    found += [Spot(Kind.NUMBER, *match.span()) for match in numbered(goal) if not _HALF.match(goal, match.end())]
    found += [Spot(Kind.NUMBER, *match.span()) for match in COUNTS.finditer(goal)]
    found += [Spot(Kind.NAME, *_span(goal, text)) for text in spoken_names(goal)]
    for spot in found:
        end = spot.start + len(goal[spot.start : spot.end].rstrip(".,:"))
        if all(end <= low or spot.start >= high for low, high in taken):
            taken.append((spot.start, end))
            yield Spot(spot.kind, spot.start, end)


_HALF = re.compile(r"\s?[ap]\.?m\b", re.IGNORECASE)


def _span(goal: str, text: str) -> tuple[int, int]:
    start = goal.index(text)
    return start, start + len(text)


_MIXED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d]{4,}")


def _shape(word: str) -> str:
    """Which characters are digits, small and large letters; of a code, how long it is."""
    if _MIXED.fullmatch(word):
        return f"{len(word)} {word.isupper()}"
    shape = re.sub(r"\d", "9", word)
    shape = re.sub(r"[^\W\d_]", lambda letter: "A" if letter.group().isupper() else "a", shape)
    return re.sub(r"a{2,}", "aa", shape)


def alike(kind: Kind, was: str, now: str) -> bool:
    """Could one be put in the other's place by mistake, and would that be wrong?"""
    one, other = squeezed(was), squeezed(now)
    if one in other or other in one:
        return False
    if kind is Kind.NUMBER:
        said, meant = ({spelling for one in specifics(text) for spelling in one} for text in (was, now))
        return _shape(was) == _shape(now) and bool(said) and not said & meant
    if kind is Kind.DATE:
        return _shape(was) == _shape(now) and not set(dates(was)) & set(dates(now))
    if kind is Kind.NAME:
        return was.isupper() == now.isupper()
    if kind is Kind.QUOTED:
        near = 0.5 <= len(now) / len(was) <= 2 and abs(len(was.split()) - len(now.split())) <= 1
        return near and was[0].isupper() == now[0].isupper()
    return True


def _numbers(was: str, run: RunWords, random: Random) -> list[str]:
    """The same with other digits, as it occurs nowhere in the run; of a count in words, another count."""
    if COUNTS.fullmatch(was):
        return random.sample([word for word in ("two", "three", "four", "five", "seven") if word != was.casefold()], 1)
    for _ in range(20):
        other = re.sub(r"\d", lambda digit: digit.group() if random.random() < 0.5 else random.choice("123456789"), was)
        if not {spelling for one in specifics(other) for spelling in one} & run.tokens:
            return [other]
    return []


def _dates(was: str, _run: RunWords, random: Random) -> list[str]:
    """Some days later in the same month; where no day is named, another year."""
    day = re.search(r"(?<![\d])\d{1,2}(?!\d)(?!.*(?<!\d)\d{1,2}(?!\d))", was) if not was[:4].isdecimal() else None
    day = day or re.search(r"\d{1,2}$", was)
    if day is None or re.search(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", was):
        return [re.sub(r"\d{4}", lambda year: str(int(year.group()) - random.randint(1, 3)), was, count=1)]
    other = (int(day.group()) + random.randint(1, 20)) % 28 + 1
    return [f"{was[: day.start()]}{other:0{len(day.group())}d}{was[day.end() :]}"]


def _urls(was: str, _run: RunWords, random: Random) -> list[str]:
    last = was.rstrip("/").rfind("/")
    return [f"{was[: last + 1]}{random.choice(('archive', 'help', 'old'))}/{was[last + 1 :]}"]


def _quotations(was: str, run: RunWords, random: Random) -> list[str]:
    """One of its words is another of the run, or it gets one more."""
    parts = was.split()
    if not parts:
        return []
    place = random.randrange(len(parts))
    others = [word for word in _WORD.findall(run.text[:5_000]) if word.casefold() not in was.casefold()]
    other = random.choice(others) if others else "other"
    changed = [*parts[:place], other, *parts[place + (len(parts) > 1) :]]
    return [text for text in [" ".join(changed)] if squeezed(text) not in squeezed(run.text)]


_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{4,12}(?![^\W_])")


def _names(was: str, run: RunWords, random: Random) -> list[str]:
    invented = ("Kestrelby", "Ashmore", "Valdany", "Brightwick", "Olmstrand")
    others = [name for name in invented if name.casefold() not in run.text.casefold()]
    return [random.choice(others).upper()[: len(was)] if was.isupper() else random.choice(others)] if others else []


INVENTED: dict[Kind, Callable[[str, RunWords, Random], list[str]]] = {
    Kind.NUMBER: _numbers,
    Kind.DATE: _dates,
    Kind.URL: _urls,
    Kind.QUOTED: _quotations,
    Kind.NAME: _names,
}
