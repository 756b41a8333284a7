"""What the failed goal wanted and did not get must not come back in the new one."""

from functools import lru_cache

from agenther.judges.case import Case
from agenther.text.specifics import AT_HAND, without_quotations
from agenther.text.words import content

LEFT_OVER = 2
"""So many words of the failed goal, of which no evidence speaks, are a wish of it. One may be a turn of phrase."""
_ASKING = frozenset(
    "many much long far often whether please name names number amount details information both each every other some"
    " more most one two ones first last next same still currently exactly after before while until also too only"
    " within per then them they there its does did has have can could will shall may might must should was were been"
    " being mine our ours your yours his hers their theirs open look check use make sure see say between from into"
    " over".split()
)
"""Words that ask, order and point; they name nothing that could be shown."""


def carried_over(case: Case) -> str | None:
    """Words of the failed goal that are back in the new one are spoken of by a claim, an input or what was seen."""
    old = " ".join(["", *_words(case.trajectory.goal)])
    new = dict.fromkeys(_words(without_quotations(case.proposal.goal)))
    left = [word for word in new if f" {_stem(word)}" in old and not _is_spoken_of(case, word)]
    if len(left) < LEFT_OVER:
        return None
    return f"“{' '.join(left)}” is left of the failed goal, and no evidence speaks of it"


@lru_cache(maxsize=AT_HAND)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in content(text) if word not in _ASKING and not any(map(str.isdecimal, word)))


def _stem(word: str) -> str:
    return word[: max(3, len(word) - 3)]


def _is_spoken_of(case: Case, word: str) -> bool:
    return any(_stem(word) in source.text for source in (case.said, case.shown, case.seen_at_start))
