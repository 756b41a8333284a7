"""What a record says of its success, in whatever field people write it.

    {"success": true}   {"info": {"resolved": 1}}   {"final_reward": "1.0"}   {"score": 7, "max_score": 10}

A field is known by the words of its name, of which none may say more: `task_success` tells it, `success_rate` does not.
Of a score the maximum is a success and 0 a failure, and what lies between tells neither. The maximum is 1, unless the
record has another one under `max_` and the score's name. Fields that contradict each other make the run unknown.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from agenther.readers.values import number, unpacked
from agenther.records import Label
from agenther.text.lexicon import words
from agenther.text.names import spelt

LONGEST = 60
"""Characters of a field's name."""
MOST_UNREAD = 8
"""Fields that look like labels, of which a run keeps the names."""


class Told(NamedTuple):
    """What one field says."""

    source: str
    success: bool | None
    score: float | None = None


def label(record: Mapping[str, Any]) -> Label:
    """The label that the record gives, with the field that it stands in; unknown where fields contradict each other."""
    told, unread = [], []
    for name, holder, is_own in _fields(record):
        if is_own and (one := _told(name, holder)):
            told.append(one)
        elif _is_like(name, holder):
            unread.append(name)
    sure = sorted((one for one in told if one.success is not None), key=lambda one: one.score is not None)
    also = tuple(unread[:MOST_UNREAD])
    if len({one.success for one in sure}) > 1:
        return Label(source=f"contradicting: {', '.join(one.source for one in sure)}", unread=also)
    best = next(iter(sure or told), Told("none", None))
    return Label(success=best.success, source=best.source, score=best.score, unread=also)


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Each field, as `resolved` or `info.resolved`, with its object, and whether that is about the run."""
    for name, value in record.items():
        if len(name) <= LONGEST:
            inside = value if isinstance(value, dict) else {}
            is_own = bool(inside) and _is_about_the_run(name)
            if not is_own:
                yield name, record, True
            yield from (
                (f"{name}.{inner}", inside, is_own) for inner in inside if len(inner) <= LONGEST and "." not in inner
            )


@lru_cache(maxsize=4096)
def _is_about_the_run(name: str) -> bool:
    """Does the name of an object say so, and nothing else?"""
    said, within = {*spelt(name)}, words("labels", "within")
    return not said.isdisjoint(within) and said <= within | words("labels", "filler") | words("labels", "score")


def _value(name: str, holder: Mapping[str, Any]) -> Any:
    return holder[name.rpartition(".")[2] if name not in holder else name]


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Literal["verdict", "score", "word", "like", ""]:
    """What a field of that name may hold, if any label at all."""
    said = {*spelt(name)}
    own = said - words("labels", "filler")
    if len(own) == 1:
        kinds: tuple[Literal["verdict", "score", "word"], ...] = ("verdict", "score", "word")
        for kind in kinds:
            if own <= words("labels", kind):
                return kind
    return "" if said.isdisjoint(words("labels", "like")) else "like"


def _is_like(name: str, holder: Mapping[str, Any]) -> bool:
    """Does a field look like a label, by its name or by a word such as "failed" in it? The most of a score does not."""
    value, own = _value(name, holder), name.rpartition(".")[2]
    if value in (None, "", [], {}) or any(own in _mosts(other) for other in holder if len(other) < len(own)):
        return False
    return bool(kind_of(own)) or (
        isinstance(value, str) and bool(kind_of(value[:LONGEST])) and verdict(value) is not None
    )


def _told(name: str, holder: Mapping[str, Any]) -> Told | None:
    kind, value = kind_of(name.rpartition(".")[2]), _value(name, holder)
    if kind in ("", "like"):
        return None
    said = verdict(value)
    if said is not None:
        return Told(name, said)
    score = number(unpacked(value[:LONGEST]) if isinstance(value, str) else value)
    if score is None or kind == "word":
        return None
    if kind == "verdict" and score in (0, 1):
        return Told(name, bool(score))
    return Told(name, judged(score, _most(name, holder)), score)


def judged(score: float, most: float = 1) -> bool | None:
    """Is a score of at most `most` a success?"""
    return {0.0: False, most: True}.get(score)


def verdict(value: Any) -> bool | None:
    """What true, false, or a word for either says."""
    if isinstance(value, bool):
        return value
    word = value.strip().casefold() if isinstance(value, str) else ""
    return True if word in words("labels", "good") else False if word in words("labels", "bad") else None


def _most(name: str, holder: Mapping[str, Any]) -> float:
    own = name.rpartition(".")[2]
    given = (number(holder.get(most)) for most in _mosts(own))
    return next((most for most in given if most), 1.0)


def _mosts(name: str) -> tuple[str, str]:
    return f"max_{name}", f"{name}_max"
