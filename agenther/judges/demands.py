"""Rules on what is particular in a goal: each number, date, address and name has to come from somewhere.

It may come from the evidence that the claims quote, or from what the agent put into the acts that serve the goal;
that it occurs somewhere in the run is not enough.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agenther.judges.case import Case
from agenther.text import specifics as texts
from agenther.text.dates import MONTH, date_spans, dates, days_apart, without_dates
from agenther.text.languages import named
from agenther.text.specifics import quotations, urls
from agenther.text.words import Words


@dataclass(frozen=True)
class Demand:
    """Something particular in a goal: a date, a number or an id, or words that have to occur as they are.

    It is in a text that holds one of its dates, one of its spellings, or its words.
    """

    shown: str
    dates: tuple[tuple[int, int, int], ...] = ()
    spellings: tuple[str, ...] = ()

    def is_in(self, words: Words) -> bool:
        if self.dates:
            return any(map(words.has_date, self.dates))
        return any(map(words.has_number, self.spellings)) if self.spellings else words.has(self.shown)


_DAY_AND_TIME = re.compile(r"(?<=\d)T(?=\d\d:)")


@lru_cache(maxsize=texts.AT_HAND)
def numbers(goal: str) -> tuple[Demand, ...]:
    """The dates, each as one, then the other numbers and ids."""
    rest = days_apart(_DAY_AND_TIME.sub(" ", texts.URL.sub(" ", goal)))
    dated = [rest[start:end] for start, end in date_spans(rest)]
    others = texts.specifics(without_dates(rest))
    return (
        *(Demand(text, dates=tuple(dates(text))) for text in dated),
        *(Demand(spellings[0], spellings=spellings) for spellings in others),
    )


def specifics(case: Case) -> str | None:
    """Numbers, ids and dates come from the agent's inputs or from cited evidence."""
    for demand in numbers(case.proposal.goal):
        if demand.is_in(case.supplied) or demand.is_in(case.cited) or _in_parts(case, demand):
            continue
        if demand.shown not in texts.ranked(case.proposal.goal):  # of the first N, `counts` looks at how many there are
            return f"“{demand.shown}” in the goal occurs in no input and no evidence"
    return None


def _in_parts(case: Case, demand: Demand) -> bool:
    """Was the date given as year, month and day, each an input of its own?"""
    return any({str(part) for part in date if part} <= case.values for date in demand.dates)


def wording(case: Case) -> str | None:
    """Addresses and quoted words come from the agent's inputs or from cited evidence."""
    for text in verbatim(case):
        if not (case.supplied.has(text) or case.cited.has(text)):
            return f"“{text}” in the goal occurs in no input and no evidence"
    return None


def verbatim(case: Case) -> tuple[str, ...]:
    return (*urls(case.proposal.goal), *quotations(case.proposal.goal))


_NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z][\w'’.-]+")
_PHRASE = re.compile(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)*")
COMMON = frozenset("i i'm i'd i'll api url id json ok pdf html csv am pm python markdown excel linux git".split())
_OTHERWISE_CHECKED = re.compile(
    rf".*\d.*|{MONTH}|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tue|wed|thu|fri|sat|sun)\b", re.IGNORECASE
)
_OF_LANGUAGE = re.compile(r".*lang.*|source|target", re.IGNORECASE)
"""Names of parameters that take the code of a language."""


@lru_cache(maxsize=texts.AT_HAND)
def spoken_names(text: str) -> tuple[str, ...]:
    """Capitalised words inside a sentence, those left out that are checked as numbers or dates."""
    found = (name.rstrip(".'’-").removesuffix("'s").removesuffix("’s") for name in _NAME.findall(text))
    return tuple(name for name in found if name.casefold() not in COMMON and not _OTHERWISE_CHECKED.fullmatch(name))


def names(case: Case) -> str | None:
    """A name comes from the agent's inputs, from cited evidence, or whole from what a relevant step showed."""
    for name in spoken_names(case.proposal.goal):
        is_given = case.supplied.has(name) or case.cited.has(name) or _called(case).has(name)
        if not (is_given or _is_language(case, name)):
            return f"the name “{name}” in the goal occurs in no input and no evidence"
    return None


def _called(case: Case) -> Words:
    """The names in the goal that relevant steps showed, each whole, and the labels of things."""
    shown = [phrase for phrase in _PHRASE.findall(case.proposal.goal) if case.shown.has(phrase)]
    return Words([*shown, *_labels(case)])


def _labels(case: Case) -> Iterator[str]:
    """Names of tools, of their parameters and of the site, and the labels of what was observed.

    A label is in capitals (ISBN, IMDb), or a claim speaks of it.
    """
    for step in case.steps:
        yield from (step.action.name, *step.action.arguments)
    yield from (case.trajectory.domain, case.trajectory.benchmark)
    for name in spoken_names(case.proposal.goal):
        if sum(map(str.isupper, name)) > 1 or any(name in claim.text for claim in case.proposal.claims):
            yield from [name] if case.shown.has(name) else []


def _is_language(case: Case, name: str) -> bool:
    """Is it the language of which an act was given the code: "en" for English?"""
    given = (pair for step in case.relevant for pair in step.action.arguments.items())
    return any(_OF_LANGUAGE.fullmatch(key) and isinstance(value, str) and named(value) == name for key, value in given)
