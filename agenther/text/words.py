"""The words of texts: which of them carry meaning, and whether they occur in what another text holds."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property, lru_cache

from agenther.text.clauses import stems
from agenther.text.dates import dates, without_dates
from agenther.text.flat import unmarked
from agenther.text.particulars import Kind, Particular
from agenther.text.specifics import AT_HAND, tokens

FEW = 20
"""Questions that are answered by looking; for more, a text is taken apart, once."""
TRIES = 8
"""Places behind each mark that are looked at before a text is taken apart."""
_BEFORE = " \n\t\"'“‘`([{<="
_BEHIND = frozenset(" \n\t\"'”’`)]}>;!?")
_MARKS = frozenset(".,:")


class Words:
    """What texts hold that another text can be checked against: their wording, numbers, ids and dates."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)
        self._asked = 0

    @cached_property
    def _whole(self) -> str:
        return _unescaped("\n".join(self._texts))

    @cached_property
    def text(self) -> str:
        return squeezed(self._whole)

    @cached_property
    def tokens(self) -> frozenset[str]:
        return frozenset(tokens(self._whole))

    @cached_property
    def stems(self) -> frozenset[str]:
        return stems(self.text)

    @cached_property
    def dates(self) -> frozenset[tuple[int, int, int]]:
        return frozenset(dates(self._whole))

    def has(self, text: str) -> bool:
        """Does the wording occur, whatever its case and white space?"""
        return text in self._whole or squeezed(text) in self.text

    def holds(self, one: Particular) -> bool:
        """Does it occur in any of its readings?"""
        if one.days and any(map(self.has_date, one.days)):
            return True
        if one.kind in {Kind.NUMBER, Kind.ID} and any(map(str.isdecimal, one.text + one.readings[0])):
            return any(map(self.has_number, one.readings))
        if one.kind is Kind.NAME:
            return self.has_name(one.text)
        return not one.days and (self.has(one.text) or (one.kind is Kind.QUOTATION and self.has_words(one.text)))

    def has_words(self, text: str) -> bool:
        """Do the same words occur one after the other, whatever stands between them?"""
        words = _words_alone(text)
        return bool(words.strip()) and words in self._alone

    @cached_property
    def _alone(self) -> str:
        return _words_alone(self._whole)

    def has_name(self, name: str) -> bool:
        """Does a word begin so, whatever its case, its marks and whether there is one or more of it?"""
        folded = squeezed(name)
        one = folded.removesuffix("s") if len(folded) > 2 else folded
        return any(self._begins(form) for form in {folded, one, folded.replace("-", ""), folded.replace("-", " ")})

    def _begins(self, word: str) -> bool:
        at = self.text.find(word)
        while at > 0 and self.text[at - 1].isalnum():
            at = self.text.find(word, at + 1)
        return at >= 0

    def has_token(self, token: str) -> bool:
        """Is it one of the spellings of the words?"""
        return self.has_one((token,))

    def has_one(self, spellings: Collection[str]) -> bool:
        """Is any of these one of the spellings of the words? Most that are asked for stand there as they are."""
        self._asked += 1
        is_quick = self._asked <= FEW and "tokens" not in self.__dict__
        return (is_quick and any(map(self._stands_alone, spellings))) or not self.tokens.isdisjoint(spellings)

    @cached_property
    def _folded(self) -> str:
        return self._whole.casefold()

    def _stands_alone(self, token: str) -> bool:
        """Does it occur with nothing about it that could make it a part of another word?"""
        text = self._folded
        if token and text.startswith(token) and _is_end(text, len(token)):
            return True
        return any(_is_end(text, end) for mark in _BEFORE for end in _ends(text, mark + token)) if token else False

    @cached_property
    def _undated(self) -> frozenset[str]:
        rest = without_dates(self._whole)
        return self.tokens if rest == self._whole else frozenset(tokens(rest))

    def has_number(self, token: str) -> bool:
        """Does it occur, and not just as the day or the month of a date?"""
        return self.has_token(token) if len(token) > 2 else token in self._undated

    def has_date(self, date: tuple[int, int, int]) -> bool:
        """(year, month, day) with 0 for a year or a day that is not given, which then fits any."""
        return any(all(part in {0, its} for part, its in zip(date, other, strict=True)) for other in self.dates)


def _words_alone(text: str) -> str:
    return f" {' '.join(_ALONE.findall(unmarked(text).casefold()))} "


_ALONE = re.compile(r"[^\W_]+")


def _ends(text: str, words: str) -> Iterator[int]:
    """Where the words end, for the first few times that they occur."""
    at = 0
    for _ in range(TRIES):
        if (at := text.find(words, at)) < 0:
            return
        at += len(words)
        yield at


def _is_end(text: str, at: int) -> bool:
    """Is a word over there? A mark that may stand within a number ends it only before white space."""
    if at < len(text) and text[at] in _MARKS:
        return at + 1 == len(text) or text[at + 1].isspace()
    return at == len(text) or text[at] in _BEHIND


def squeezed(text: str) -> str:
    """Lower case, every run of white space one space, typographic quotes and dashes plain."""
    folded = text.casefold()
    if not folded.isascii():
        for mark, plain in _PLAIN.items():
            folded = folded.replace(mark, plain)
    return " ".join(folded.split())


_ESCAPED = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|([\"'/]))")


def _unescaped(text: str) -> str:
    """`text`, followed by what it says once the escapes of JSON strings in it are undone."""
    if "\\" not in text or not _ESCAPED.search(text):
        return text
    return f"{text}\n{_ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)}"


_PLAIN = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"}


_WORD = re.compile(r"[^\W_]{3,}")
_STOP = frozenset(
    "the and for with from that this these those you your are was were have has had can could would should will please"
    " what which who when where how tell give find get show list all any its his her their our into onto about than"
    " then there here also let know need want like".split()
)


@lru_cache(maxsize=AT_HAND)
def content(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, in lower case: no short ones, no function words."""
    return tuple(word for word in _WORD.findall(text.casefold()) if word not in _STOP)
