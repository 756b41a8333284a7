"""What a record says of its success, in whatever field people write it.

    {"success": true}   {"info": {"resolved": 1}}   {"final_reward": "1.0"}   {"score": 7, "max_score": 10}

A field is known by the words of its name, of which none may say more: `task_success` tells it, `success_rate` does not.
Of a score the maximum is a success and 0 a failure, and what lies between tells neither. The maximum is 1, unless
another one stands beside the score: `max_score`, `scoreMax`, `total`. Fields that contradict each other make the run
unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from agenther.readers.values import number, unpacked
from agenther.records import Label
from agenther.text.lexicon import words
from agenther.text.names import spelt

LONGEST = 60
"""Characters of a field's name."""
DEEPEST = 3
"""Objects about the run that are looked into, one in the other."""
MOST_UNREAD = 8
"""Fields that look like labels, of which a run keeps the names."""


class Told(NamedTuple):
    """What one field says."""

    source: str
    success: bool | None
    score: float | None = None
    reward: float | None = None


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
    near = next((one.reward for one in (best, *told) if one.reward is not None), None)
    return Label(success=best.success, source=best.source, score=best.score, unread=also, **reward(near))


def _fields(
    record: Mapping[str, Any], path: str = "", *, is_own: bool = True
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Each field, as `resolved` or `info.resolved`, with its object, and whether that is about the run."""
    for name, value in record.items():
        if len(name) > LONGEST or (path and "." in name):
            continue
        inside = value if isinstance(value, dict) else {}
        is_about = is_own and bool(inside) and _is_about_the_run(name)
        if not is_about:
            yield path + name, record, is_own
        if (is_about and path.count(".") < DEEPEST) or not path:
            yield from _fields(inside, f"{path}{name}.", is_own=is_about)


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
    says_so = isinstance(value, str) and bool(kind_of(value[:LONGEST])) and verdict(value) is not None
    if value in (None, "", [], {}) or not (kind_of(own) or says_so):
        return False
    return words("labels", "most").isdisjoint(spelt(own)) or not any(_is_most(own, other) for other in holder)


def _told(name: str, holder: Mapping[str, Any]) -> Told | None:
    kind, value = kind_of(name.rpartition(".")[2]), _value(name, holder)
    if kind in ("", "like"):
        return None
    said = verdict(value)
    if said is not None:
        return Told(name, said)
    score = _number(value)
    if score is None or kind == "word":
        return None
    most = _most(name, holder)
    own = None if kind == "verdict" and most == 1 and score in (0, 1) else score
    return Told(name, judged(score, most), own, part(score, score + failed if (failed := _failed(holder)) else most))


def judged(score: float, most: float = 1) -> bool | None:
    """Is a score of at most `most` a success?"""
    return {0.0: False, most: True}.get(score)


def part(score: float | None, most: float = 1) -> float | None:
    """Which part of the most a score is; None where it cannot be one of at most that."""
    return None if score is None or not 0 <= score <= most or not most else score / most


def reward(near: float | None, by: str = "score") -> dict[str, Any]:
    """How near the run came to its goal, as the fields of a label that tell it."""
    return {} if near is None else {"reward": near, "reward_by": by}


def together(labels: Sequence[Label]) -> list[Label]:
    """The labels of one file: where a score in it is above 1, one of the same name that is 1 is not the most."""
    beyond = {one.source for one in labels if one.success is None and (one.score or 0) > 1}
    unknown = {one.source for one in labels if one.reward is None and (one.score or 0) > 1}
    return [
        one.model_copy(
            update=({"success": None} if one.score == 1 and one.success and one.source in beyond else {})
            | ({"reward": None, "reward_by": ""} if one.source in unknown else {})
        )
        for one in labels
    ]


def verdict(value: Any) -> bool | None:
    """What true, false, or a word for either says."""
    if isinstance(value, bool):
        return value
    word = value.strip().casefold() if isinstance(value, str) else ""
    return True if word in words("labels", "good") else False if word in words("labels", "bad") else None


def _number(value: Any) -> float | None:
    """A number, also as text, as tables have it."""
    return number(unpacked(value[:LONGEST]) if isinstance(value, str) else value)


def _most(name: str, holder: Mapping[str, Any]) -> float:
    """What a score of that name would be at most; of things counted, those that failed count, too."""
    own = name.rpartition(".")[2]
    given = (most for other, value in holder.items() if _is_most(other, own) and (most := _number(value)))
    return next(given, 1 + _failed(holder))


def _failed(holder: Mapping[str, Any]) -> float:
    """Of things counted, those that failed."""
    counts = (count for other, value in holder.items() if _counts_failures(other) and (count := _number(value)))
    return sum(counts, 0.0)


@lru_cache(maxsize=4096)
def _is_most(name: str, own: str) -> bool:
    """Does a field of that name hold the maximum of one called `own`?"""
    if max(len(name), len(own)) > LONGEST or kind_of(own) not in ("verdict", "score"):
        return False
    said = {*spelt(name)}
    more = said - {*spelt(own)}
    return bool(more) and more <= words("labels", "most") and kind_of(name) not in ("verdict", "score")


@lru_cache(maxsize=4096)
def _counts_failures(name: str) -> bool:
    own = {*spelt(name)} - words("labels", "filler") if len(name) <= LONGEST else set()
    return bool(own) and own <= words("labels", "bad")
