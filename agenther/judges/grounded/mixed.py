"""Names in a goal that are put together from two, or stand in the place of another."""

import re
from collections.abc import Iterator
from itertools import pairwise

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.counted import miscounted
from agenther.judges.grounded.likeness import Swap
from agenther.judges.grounded.swaps import swapped
from agenther.text.dates import without_dates
from agenther.text.particulars import COMMON, Kind, Particular, spoken_names
from agenther.text.words import squeezed

_TWICE = re.compile(
    r"\b([A-Z][\w'’.-]*(?: [\w'’.-]+){0,3}) (?:and|or|vs\.?|versus|against|played|than)"
    r"(?: (?:the|that|one|ones|those|at|in|of|from|on)){0,3} \1(?![\w'’-]| [A-Z])"
)
_PART = r"(?:(?:[A-Z]|Mrs?|Ms|Drs?|St|Prof)\.(?= )|[A-Z](?:[^\W\d]|-|['’](?!s\b))*(?!\w))"
_WHOLE_NAME = re.compile(rf"(?<=[a-z,;(] ){_PART}(?: (?:{_PART}|\d{{1,3}}(?![\w.,:%])))+")
_BETWEEN = r"(?:[\W_]{0,6}+(?:[^\W_]{1,3}+[\W_]{1,3}+)?|.{0,15}(?:name|number|id|code).{0,10})"
"""What may stand between the parts of a name: an initial, or what the other one is, in a field of its own."""


def mixed(case: Case) -> str | None:
    """No name is put together from two, stands twice where two are meant, or in the place of another."""
    for found in _TWICE.finditer(case.proposal.goal):
        if not (case.supplied.has(found.group()) or case.seen.has(found.group())):
            return f"The request says “{found[1]}” twice, where it seems to mean two things. Are they the same?"
    names = _WHOLE_NAME.findall(without_dates(case.proposal.goal))
    pairs = (pair for name in names for pair in pairwise(part.rstrip(".'-") for part in squeezed(name).split()))
    for one, other in dict.fromkeys(pairs):
        if not ({one, other} & COMMON or _are_together(case, one, other)):
            return f"The request names “{one}” and “{other}” as one. Does the run show them together?"
    swap = next((swap for swap in swapped(case) if not swap.is_hard), None) or next(_renamed(case), None)
    if swap := swap or next(miscounted(case), None):
        return f"The request says “{swap.now}”. Is that what the agent worked with?"
    return None


def _renamed(case: Case) -> Iterator[Swap]:
    """A name that was only seen, where a claim speaks of one that was given and that the goal leaves out."""
    given = (case.supplied, case.user)
    asked = [one for one in case.asked if one.kind is Kind.NAME]
    seen = [one for one in asked if not any(words.holds(one) for words in given)]
    for claim in case.proposal.claims if seen else ():
        for name in spoken_names(claim.text):
            other = Particular(Kind.NAME, name)
            if not case.goal.holds(other) and any(words.holds(other) for words in given):
                yield from (Swap(one.text, name, is_hard=False) for one in seen)


def _are_together(case: Case, one: str, other: str) -> bool:
    """Are they somewhere, in any order? So they count if one of them was never seen: it comes from elsewhere."""
    whole = [rf"(?<![^\W_]){re.escape(part)}(?![^\W_])" for part in (one, other)]
    near = [re.compile(f"{first}{_BETWEEN}{second}") for first, second in (whole, reversed(whole))]
    known = (case.supplied, case.cited, case.user, case.shown)
    if any(pattern.search(words.text) for words in known for pattern in near):
        return True
    texts = [words.text for words in (case.tools, case.policy, case.seen, case.supplied)]
    is_known = all(any(re.search(part, text) for text in texts) for part in whole)
    return not is_known or any(pattern.search(text) for text in texts for pattern in near)
