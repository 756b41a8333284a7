"""What a sentence asks for, and what of an answer meets it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from agenther.stages.findings import Fact, Path
from agenther.stages.lexicon import pattern, several, words
from agenther.stages.relabel.answers import Answer
from agenther.stages.relabel.english import is_plural, meant, parts, spelt

_TOKEN = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)|\([^)]*\)|[^\W_](?:[\w'’/-]*\w)?|[,;:]")
_AGAIN = frozenset("the its their his her any all".split())
_WRAPPERS = frozenset("data result results response items item content payload body output value values".split())
_BARE = frozenset("name title id code value type abbreviation number status description text".split())
_CODES = frozenset("identifier uid uuid hash icon image slug url".split())
MOST_ENTRIES = 30
FEWEST_ENTRIES = 3
"""Of a list that goes on."""
FEWEST_FIELDS = 2
"""Facts that make up details."""


@dataclass(frozen=True)
class Phrase:
    """One thing that is asked for, and where it ends in the sentence."""

    text: str
    end: int
    is_all: bool
    """Is every one of them asked for: the fonts?"""

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(self.text.casefold().split())


@dataclass
class Met:
    """What is told: single facts under their names, and of each entry of a list its name and what else is told."""

    single: list[tuple[str, Fact]] = field(default_factory=list)
    nested: list[Fact] = field(default_factory=list)
    """What the one thing lists that the single facts are of."""
    listed: str = ""
    entries: dict[str, list[tuple[str, Fact]]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, Fact]]:
        inner = [(" ".join(spelt(fact.key)), fact) for fact in self.nested]
        return [*self.single, *inner, *(one for its in self.entries.values() for one in its)]


@lru_cache(maxsize=200)
def phrases(text: str) -> tuple[Phrase, ...]:
    """What is asked for: the nouns before "of" and "for", and those behind "including"."""
    found: list[list[re.Match[str]]] = [[]]
    inside, started = True, False
    tokens = list(_TOKEN.finditer(text))
    for n, token in enumerate(tokens):
        word = token.group().casefold()
        behind = tokens[n + 1].group().casefold() if n + 1 < len(tokens) else ""
        if word in words("requests", "including") or (started and word in {"and", ","} and behind in _AGAIN):
            inside = True
            found.append([])
        elif inside and word in {",", "and", "or", "&"}:
            found.append([])
        elif inside and started and word in words("requests", "stops"):
            inside = not found[-1] and word in {"with", "as"}  # along with, such as
        elif inside and word[0] in "\"'“(":
            inside = not started
        elif inside and word[0].isalnum() and not _is_passed(word, started=started):
            started = True
            found[-1].append(token)
    return tuple(_phrase(text, its) for its in found if its)


def _is_passed(word: str, *, started: bool) -> bool:
    is_verb = not started and word in words("requests", "verbs")
    return is_verb or (word in words("requests", "free") and word not in words("requests", "general"))


def _phrase(text: str, tokens: list[re.Match[str]]) -> Phrase:
    lead = text[: tokens[0].start()]
    before = re.search(r"\b(?:the|all|every|each|these|those)\s+(?:\w+\s+)?$", lead, re.IGNORECASE)
    is_all = bool(before or pattern("requests", "everything").search(text))
    return Phrase(" ".join(one.group() for one in tokens), tokens[-1].end(), is_all)


_OF = re.compile(r"[^.?!]*?\b(?:of|for|about|on) ((?:[\w'’-]+ ?)+)", re.IGNORECASE)


def _is_of_several(behind: str) -> bool:
    """Is it about each of something, or about the boats?"""
    found = _OF.match(behind)
    about = found[1].split() if found else [""]
    end = next((n for n, word in enumerate(about) if n and word.casefold() in words("requests", "stops")), len(about))
    return about[0].casefold() in {"each", "every", "all"} or (is_plural(about[end - 1]) and about[end - 1].islower())


def met(text: str, answer: Answer) -> Met | None:
    """What the answer tells of what the sentence asks for; None if it does not tell all of it."""
    its, asked = Met(), phrases(text)
    verb = asked[0].words[0] if asked else ""
    if verb in several("requests", "doing"):
        is_met = _done(verb, answer, its)
    else:
        is_met = all(_meets(phrase, answer, its, text) for phrase in asked)
    return its if is_met and its.pairs else None


def _done(verb: str, answer: Answer, its: Met) -> bool:
    """What a conversion brought: a number, or several with what each is."""
    name = "translation" if verb == "translate" else "converted amount"
    for key in several("requests", "doing")[verb]:
        found = [fact for fact in answer.record if key == "".join(parts(fact.key))]
        if len(found) == 1:
            its.single.append((name, found[0]))
            return True
    entries = next(iter(answer.lists.values()), {})
    its.listed, its.entries = f"{name}s", {n: [("", one) for one in facts] for n, facts in entries.items()}
    pairs = its.entries.values()
    return answer.whole and bool(pairs) and all([fact.is_number for _, fact in its_] == [False, True] for its_ in pairs)


def _meets(phrase: Phrase, answer: Answer, its: Met, text: str) -> bool:
    """Puts what meets the phrase into `its`; False if nothing does."""
    named = [word for word in phrase.text.split() if word.casefold() not in words("requests", "free")]
    plain = [word.casefold() for word in named]
    if not named or phrase.words[-1] in words("requests", "general"):
        is_of = all(meant(word) in answer.topic for word in plain) and not _is_of_several(text[phrase.end :])
        return is_of and record(answer, its)
    made_of = several("requests", "several").get(plain[-1], [])
    if made_of and len(named) > 1:
        named, plain, made_of = named[:-1], plain[:-1], []  # longitude coordinates
    if made_of:
        return all(_single([one], one, answer, its) for one in made_of)
    name = " ".join(named)
    if _single(plain, name, answer, its) or _each(plain, name, answer, its):
        return True
    is_open = not phrase.is_all and bool(pattern("requests", "open").search(text))
    return _list(plain, name, answer, its, is_open=is_open)


def _single(plain: Sequence[str], name: str, answer: Answer, its: Met) -> bool:
    """A field that is told once; several of a thing are no single one, and a measure needs its unit."""
    found = answer.called(plain, answer.record)
    if len({fact.value for fact in found}) != 1 or (is_plural(plain[-1]) and not is_plural(spelt(found[0].key)[-1])):
        return False
    if found[0].is_number and {*map(meant, plain)} & words("requests", "measured"):
        return False
    its.single.append((name, found[0]))
    return True


def _each(plain: Sequence[str], name: str, answer: Answer, its: Met) -> bool:
    """A field of each entry of the list that is already asked for."""
    _, entries = _entries(answer)
    found = {n: answer.called(plain, entries.get(n, ())) for n in its.entries}
    if not found or not all(len(ones) == 1 for ones in found.values()):
        return False
    for n, ones in found.items():
        its.entries[n] += [] if ones[0] in [fact for _, fact in its.entries[n]] else [(name, ones[0])]
    return True


def _entries(answer: Answer) -> tuple[Path, dict[str, tuple[Fact, ...]]]:
    """Those of the longest list, and where it stands."""
    path = max(answer.lists, key=lambda one: len(answer.lists[one]), default=())
    return path, answer.entries(path)


def _list(plain: Sequence[str], name: str, answer: Answer, its: Met, *, is_open: bool) -> bool:
    """The names of what is listed; of a list that goes on only if not all of it is wanted."""
    path, _ = _entries(answer)
    is_several = is_plural(plain[-1]) or plain[-1] in words("requests", "alike")
    if not is_several or its.entries or not (answer.is_all or is_open):
        return False
    head = meant(plain[-1])
    is_other = bool(path) and path[-1].casefold() not in _WRAPPERS and head not in parts(path[-1])
    found = names(head, answer, path)
    if is_other or not found or not answer.is_called(head):
        return False
    its.listed, its.entries = name, {n: [("", one)] for n, one in found.items()}
    _each(plain, name, answer, its)  # the reading of each of the readings
    return True


def names(head: str, answer: Answer, path: Path) -> dict[str, Fact]:
    """What tells each entry of a list from the others; none if that is not told of all, or they are too many.

    Of a list that goes on, so many have to be there that they are worth telling.
    """
    entries = answer.entries(path)
    found = {n: one for n, facts in entries.items() if (one := _name(head, answer, facts))}
    is_told = len(found) == len(entries) and (answer.is_all or len(found) >= FEWEST_ENTRIES)
    return found if is_told and len({one.value for one in found.values()}) == len(found) <= MOST_ENTRIES else {}


def _name(head: str, answer: Answer, entry: Sequence[Fact]) -> Fact | None:
    """Its name or title, what it is called or numbered by, or the only text in it."""
    top = min(len(fact.path) for fact in entry)
    texts = [fact for fact in entry if len(fact.path) == top and fact.value not in {"True", "False"}]
    texts = [fact for fact in texts if not fact.is_address]
    if own := [fact for fact in texts if {*parts(fact.key)[-1:]} & {"name", "title"}]:
        return min(own, key=lambda fact: len(fact.key))
    numbered = [fact for fact in texts if parts(fact.key) == (head, "number")]
    if called := numbered or answer.called([head], entry):
        return called[0]
    bare = [fact for fact in texts if not fact.value[:1].isdecimal()]
    is_bare = len(bare) == 1 or all(fact.path[-1].isdecimal() for fact in entry)
    return bare[-1] if bare and is_bare else None


def record(answer: Answer, its: Met) -> bool:
    """Puts all that is told of one thing and that people read, with what it lists.

    None of a list of things, and of an answer that goes on: what is missing may be what matters most.
    """
    once = set(answer.record)
    facts = {fact.quote: fact for fact in answer.record if _is_read(fact)}
    inner = [fact for fact in answer.facts if fact not in once and _is_read(fact)]
    lists = [path for path, entries in answer.lists.items() if len(entries) > 1]
    is_list = any(not path or path[-1].casefold() in _WRAPPERS for path in lists)
    labels = [label(fact) for fact in facts.values()]
    if not answer.whole or is_list or len(set(labels)) < len(labels) or len(labels) < FEWEST_FIELDS:
        return False
    known = {fact.quote for _, fact in its.single}
    its.single += [one for one in zip(labels, facts.values(), strict=True) if one[1].quote not in known]
    its.nested += inner
    return True


def _is_read(fact: Fact) -> bool:
    key, value = parts(fact.key), fact.value.casefold()
    is_count = value == "success" or "".join(key) in words("findings", "counting")
    return not (is_count or _CODES & {*key} or fact.is_address)


def label(fact: Fact) -> str:
    """What a field is called, with the thing that it is of where it stands in one."""
    key, above = " ".join(spelt(fact.key)), [part for part in fact.path[:-1] if not part.isdecimal()]
    is_of = key in _BARE and above and above[-1].casefold() not in _WRAPPERS
    return f"{' '.join(spelt(above[-1]))} {key}" if is_of else key
