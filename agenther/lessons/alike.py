"""What is said in nearly the same words, by TF-IDF."""

from collections.abc import Sequence
from typing import TypeVar

from agenther.extras import needs

NEAR = 0.8
"""Cosine, from which on two errors are one."""

MOST = 1_000
"""Things of which each is held against the others: those that come first. Any more stand alone."""

T = TypeVar("T")


def alike(things: Sequence[T], words: Sequence[str]) -> list[list[T]]:
    """Each thing with those that are like the first of its cluster, in their order."""
    if len(things) < 2 or not all(words):
        return [[thing] for thing in things]
    needs("lessons")
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an extra, and slow to import

    vectors = TfidfVectorizer(tokenizer=str.split, token_pattern=None).fit_transform(words[:MOST])
    near = (vectors @ vectors.T).toarray() >= NEAR
    clusters: dict[int, list[T]] = {}
    for n, thing in enumerate(things[:MOST]):
        first = next((leader for leader in clusters if near[leader][n]), n)
        clusters.setdefault(first, []).append(thing)
    return [*clusters.values(), *([thing] for thing in things[MOST:])]
