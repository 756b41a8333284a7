"""What is said in nearly the same words, and what speaks of something, by TF-IDF."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from agenther.extras import needs
from agenther.lessons.records import Lesson

NEAR = 0.8
"""Cosine, from which on two errors are one."""

MOST = 1_000
"""Things of which each is held against the others: those that come first. Any more stand alone."""

_WORD = re.compile(r"[^\W_]+")

T = TypeVar("T")


def alike(things: Sequence[T], words: Sequence[str]) -> list[list[T]]:
    """Each thing with those that are like the first of its cluster, in their order."""
    if len(things) < 2 or not all(words):
        return [[thing] for thing in things]
    vectors = _vectorizer()(tokenizer=str.split, token_pattern=None).fit_transform(words[:MOST])
    near = (vectors @ vectors.T).toarray() >= NEAR
    clusters: dict[int, list[T]] = {}
    for n, thing in enumerate(things[:MOST]):
        first = next((leader for leader in clusters if near[leader][n]), n)
        clusters.setdefault(first, []).append(thing)
    return [*clusters.values(), *([thing] for thing in things[MOST:])]


def nearest(query: str, lessons: Sequence[Lesson], most: int | None = None) -> list[Lesson]:
    """Those that share words with the query, the nearest first."""
    if not lessons or not _WORD.search(query):
        return []
    told = _vectorizer()(token_pattern=_WORD.pattern, sublinear_tf=True)
    vectors = told.fit_transform([_words(lesson) for lesson in lessons])
    scores = (vectors @ told.transform([query]).T).toarray().ravel().round(9)
    order = sorted((n for n in range(len(lessons)) if scores[n] > 0), key=lambda n: (-scores[n], n))
    return [lessons[n] for n in order[:most]]


def _words(lesson: Lesson) -> str:
    when = lesson.when
    return " ".join((lesson.wrong, lesson.instead, *when.tools, *when.sites, *when.templates, when.signature.error))


def _vectorizer() -> Any:
    """The class that makes vectors of texts. Raises AgentHERError where what it takes is not installed."""
    needs("lessons")
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an extra, and slow to import

    return TfidfVectorizer
