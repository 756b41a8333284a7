"""Who knows what: the inputs that a goal tells, and the words of a goal that the calls speak of."""

import re
from collections.abc import Iterator, Sequence

from agenther.records import Evidence
from agenther.stages.findings import only_letters
from agenther.stages.lexicon import words
from agenther.stages.relabel.answers import Answer
from agenther.stages.relabel.english import meant
from agenther.text import languages
from agenther.text.dates import apart, dates
from agenther.text.words import Words, squeezed

_PARTICULAR = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)|([^\W_][\w'’.,/:@+%#&-]*\w|\w)")
_PURPOSE = re.compile(r"\b(?:for|of|in|by|about|when) [a-z]+ing$")
"""For adding captions: what it is wanted for, no demand."""
LONGEST_DATE = 30
SHORT = 3
"""Letters. So short an input has to stand in the goal as a word of its own."""


def served(goal: str, answer: Answer, answers: Sequence[Answer]) -> list[Answer] | None:
    """The calls that the goal needs: this one, and those that showed its inputs; None if an input is nowhere told."""
    known, needed = Words([goal]), [answer]
    for _, item in inputs(answer):
        if item in (None, "") or is_said(item, known):
            continue
        before = (one for one in answers if one.step.n < answer.step.n)
        source = next((one for one in before if any(fact.value == str(item) for fact in one.facts)), None)
        earlier = served(goal, source, answers) if source else None
        if earlier is None:
            return None
        needed = [*earlier, *needed]
    return needed


def inputs(answer: Answer) -> Iterator[tuple[str, object]]:
    """Each input by its parameter, those of a list one by one."""
    for key, value in answer.step.action.arguments.items():
        for item in value if isinstance(value, list) else [value]:
            yield key, item


def given(answer: Answer, known: Words) -> Iterator[Evidence]:
    """The inputs that are told word for word."""
    for key, item in inputs(answer):
        if not isinstance(item, bool | dict) and str(item).strip() and known.has(str(item)):
            yield Evidence(text=f"{key} {item}", step=answer.step.n, quote=str(item))


def is_said(item: object, known: Words) -> bool:
    """Is the input told, in these words or as people say it?"""
    text = str(item).strip()
    if isinstance(item, bool | dict):
        return False
    if "," in text and " " not in text:
        return all(is_said(one, known) for one in text.split(",") if one)
    days = dates(text) if text[:1].isdecimal() and len(text) < LONGEST_DATE else []
    if days or text.replace(".", "").isdecimal():
        return any(map(known.has_date, days)) or known.has_token(text) or known.has_number(text.removesuffix(".0"))
    is_word = bool(re.search(rf"(?<!\w){re.escape(squeezed(text))}(?!\w)", known.text))
    language = languages.named(text)
    return is_word or _holds(known, text) or bool(language and known.has(language))


def _holds(known: Words, text: str) -> bool:
    """Does it hold the letters, however they are spaced?"""
    letters = only_letters(text)
    return len(letters) > SHORT and letters in only_letters(known.text)


def unspoken(goal: str, steps: Sequence[Answer], asked: Sequence[str]) -> list[str]:
    """The words and particulars of the goal that none of the calls speaks of, but those that are `asked` for."""
    texts = [str(item) for one in steps for _, item in inputs(one)]
    known, shown = Words(texts), " ".join(one.shown for one in steps)
    topic = frozenset(asked).union(*(one.topic | one.keys for one in steps))
    dated = [one for one in apart(goal)[0] if any(map(known.has_date, dates(one)))]
    lost = []
    for found in _PARTICULAR.finditer(goal):
        quoted, word = next(filter(None, found.groups()[:3]), ""), found[4] or ""
        plain = (quoted or word).casefold().rstrip(".,")
        if quoted or any(map(str.isdecimal, word)):
            is_spoken = known.has_token(plain) or is_said(plain, known) or any(plain in day.casefold() for day in dated)
            is_spoken = is_spoken or bool(quoted and squeezed(quoted) in shown)
        else:
            is_aside = (len(word) < SHORT and word.islower()) or _PURPOSE.search(goal[: found.end()])
            is_spoken = bool(is_aside) or _is_spoken(word, known, shown, topic)
        lost += [] if is_spoken else [quoted or word]
    return lost


def _is_spoken(word: str, known: Words, shown: str, topic: frozenset[str]) -> bool:
    """Is the word spoken of, by its beginning? A name also by what came back."""
    plain = word.casefold().removesuffix("'s").removesuffix("’s")
    if plain in words("requests", "free") | words("requests", "verbs") or {plain, meant(plain)} & topic:
        return True
    if re.search(r"[-/]", plain):
        return all(_is_spoken(piece, known, shown, topic) for piece in re.split(r"[-/]", plain) if piece)
    stem = plain[: max(SHORT + 1, len(plain) - SHORT)]
    if known.has(plain) or any(
        one.startswith(stem) or (len(plain) > SHORT and plain in one) for one in topic if len(one) > SHORT
    ):
        return True
    is_name = word[0].isupper() or len(plain) > SHORT + 1
    return (is_name and f" {plain} " in shown) or any(languages.named(code) == word for code in known.text.split())
