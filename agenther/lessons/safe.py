"""A lesson is text that other agents read: what it must not hold, told by what it is made of, not by phrases."""

import re

from agenther.lessons.records import Lesson, Why
from agenther.redaction import redact

LONGEST = 400
"""Characters of a sentence of a lesson."""
_KEY = bytes(16)
"""No placeholder is written: what would need one is left out."""
_MARKED = re.compile(r"`[\w.:/…\[\]-]{1,200}`|“[\w '()._-]{1,40}”")


def is_private(text: str) -> bool:
    """Is there a secret in it, or anything personal?"""
    return bool(redact(text, _KEY).findings)


def fault(lesson: Lesson) -> Why | None:
    """Why a lesson by rules must not be told; None where nothing speaks against it."""
    if any(len(text) > LONGEST or not text.isprintable() for text in (lesson.wrong, lesson.instead)):
        return Why.QUOTES
    if is_private(f"{lesson.wrong}\n{lesson.instead}"):
        return Why.QUOTES
    if not lesson.failures or not all(one.quote for one in lesson.failures):
        return Why.UNPROVED
    return None
