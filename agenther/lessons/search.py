"""Lessons that speak of something, by TF-IDF."""

import re
from collections.abc import Sequence

from agenther.extras import needs
from agenther.lessons.records import Lesson

_WORD = re.compile(r"[^\W_]+")


def nearest(query: str, lessons: Sequence[Lesson], most: int | None = None) -> list[Lesson]:
    """Those that share words with the query, the nearest first."""
    if not lessons or not _WORD.search(query):
        return []
    needs("lessons")
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - an extra, and slow to import

    told = TfidfVectorizer(token_pattern=_WORD.pattern, sublinear_tf=True)
    vectors = told.fit_transform([_words(lesson) for lesson in lessons])
    scores = (vectors @ told.transform([query]).T).toarray().ravel().round(9)
    order = sorted((n for n in range(len(lessons)) if scores[n] > 0), key=lambda n: (-scores[n], n))
    return [lessons[n] for n in order[:most]]


def _words(lesson: Lesson) -> str:
    when = lesson.when
    return " ".join((lesson.wrong, lesson.instead, *when.tools, *when.sites, *when.templates, when.signature.error))
