"""What a sentence asks for, and what of an answer meets it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from agenther.stages.findings import Fact, Path
from agenther.stages.lexicon import pattern, several, words
from agenther.stages.relabel.answers import Answer
from agenther.stages.relabel.english import is_plural, joined, meant, parts, spelt

_TOKEN = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)|\([^)]*\)|[^\W_](?:[\w'’/-]*\w)?|[,;:]")
_AGAIN = frozenset("the its their his her any all".split())
_MEASURES = frozenset("number variety range set".split())
_WRAPPERS = frozenset("data result results response items item content payload body output value values".split())
_BARE = frozenset("name title id code value type abbreviation number status description text".split())
_CODES = frozenset("identifier uid uuid hash icon image slug type url".split())
MOST_ENTRIES = 30
FEWEST_ENTRIES = 3
"""Of a list that goes on."""
FEWEST_FIELDS = 2
"""Facts that make up details."""


@dataclass(frozen=True)
class Phrase:
    """One thing that is asked for, and where it stands in the sentence."""

    text: str
    start: int
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
    listed: str = ""
    entries: dict[str, list[tuple[str, Fact]]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, Fact]]:
        return [*self.single, *(one for its in self.entries.values() for one in its)]


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
            is_measure = word == "of" and len(found[-1]) == 1 and found[-1][0].group().casefold() in _MEASURES
            inside = is_measure or (not found[-1] and word in {"with", "as"})  # along with, such as
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
    start, end = tokens[0].start(), tokens[-1].end()
    before = re.search(r"\b(?:the|all|every|each|these|those)\s+(?:\w+\s+)?$", text[:start], re.IGNORECASE)
    is_all = bool(before or pattern("requests", "everything").search(text))
    return Phrase(" ".join(one.group() for one in tokens), start, end, is_all)


_OF_EACH = re.compile(r"[^.?!]*?\b(?:of|for|about|on) (?:each|every|all)\b", re.IGNORECASE)
_NAMED_BEHIND = re.compile(r"[^.?!]*?,? (?:including|such as|like)\b", re.IGNORECASE)
"""Details are what is named behind them."""


def met(text: str, answer: Answer) -> tuple[Met, list[Phrase]] | None:
    """What the answer tells of what the sentence asks for, and what of it is not told; None if it tells nothing."""
    its, lost, asked = Met(), [], phrases(text)
    verb = asked[0].words[0] if asked else ""
    if verb in several("requests", "doing"):
        return (its, []) if _done(verb, answer, its) else None
    for phrase in asked:
        is_title = phrase.words[-1] in words("requests", "general") and _NAMED_BEHIND.match(text, phrase.end)
        if not is_title and not _meets(phrase, answer, its, text):
            lost.append(phrase)
    return (its, lost) if its.pairs else None


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
        return not _OF_EACH.match(text, phrase.end) and _general(plain, answer, its)
    made_of = several("requests", "several").get(plain[-1], [])
    if made_of and len(named) > 1:
        named, plain, made_of = named[:-1], plain[:-1], []  # longitude coordinates
    if made_of:
        return all(_single([one], one, answer, its) for one in made_of)
    name = " ".join(named)
    if _single(plain, name, answer, its) or _each(plain, name, answer, its):
        return True
    is_open = not phrase.is_all and bool(pattern("requests", "open").search(text))
    return _list(plain, name, answer, its, is_open=is_open) or _text(plain, name, answer, its)


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
    """Those of the longest list, and where it stands; what may be cut off is left out."""
    path = max(answer.lists, key=lambda one: len(answer.lists[one]), default=())
    entries = answer.lists.get(path, {})
    return path, entries if answer.whole else dict(list(entries.items())[:-1])


def _list(plain: Sequence[str], name: str, answer: Answer, its: Met, *, is_open: bool) -> bool:
    """The names of what is listed; of a list that goes on only if not all of it is wanted."""
    path, entries = _entries(answer)
    is_several = is_plural(plain[-1]) or plain[-1] in words("requests", "alike")
    if not is_several or its.entries or not 0 < len(entries) <= MOST_ENTRIES:
        return False
    if not answer.whole and (len(entries) < FEWEST_ENTRIES or not is_open):
        return False
    head = meant(plain[-1])
    is_other = bool(path) and path[-1].casefold() not in _WRAPPERS and head not in parts(path[-1])
    names = {n: one for n, facts in entries.items() if (one := _name(head, answer, facts))}
    if is_other or len({one.value for one in names.values()}) < len(entries) or not answer.is_called(head):
        return False
    its.listed, its.entries = name, {n: [("", one)] for n, one in names.items()}
    _each(plain, name, answer, its)  # the reading of each of the readings
    return True


def _name(head: str, answer: Answer, entry: Sequence[Fact]) -> Fact | None:
    """What tells an entry from the others: its name or title, what it is called by, or the only text in it."""
    top = min(len(fact.path) for fact in entry)
    texts = [fact for fact in entry if not fact.is_address and len(fact.path) == top]
    own = [fact for fact in texts if fact.key and parts(fact.key)[-1] in {"name", "title"}]
    bare = [fact for fact in texts if not fact.value[:1].isdecimal()]
    is_bare = len(bare) == 1 or all(fact.path[-1].isdecimal() for fact in entry)
    named = [
        *sorted(own, key=lambda fact: len(fact.key)),
        *answer.called([head], entry),
        *(bare[-1:] if is_bare else []),
    ]
    return next(iter(named), None)


def _general(plain: Sequence[str], answer: Answer, its: Met) -> bool:
    """All that a record tells that people read."""
    facts = [fact for fact in answer.record if _is_read(fact)]
    is_list = any(len(entries) > 1 for entries in answer.lists.values())
    is_other = any(meant(word) not in answer.topic | answer.keys for word in plain)
    if is_list or is_other or len(facts) < FEWEST_FIELDS + (not answer.whole):
        return False
    known = {fact.quote for _, fact in its.single}
    its.single += [
        (label(fact), fact) for fact in {one.quote: one for one in facts}.values() if fact.quote not in known
    ]
    return True


def _is_read(fact: Fact) -> bool:
    key, value = parts(fact.key), fact.value.casefold()
    is_count = value in {"true", "false", "0", "success"} or words("findings", "counting") & {*key}
    return not (is_count or _CODES & {*key} or fact.is_address)


def label(fact: Fact) -> str:
    """What a field is called, with the thing that it is of where it stands in one."""
    key, above = " ".join(spelt(fact.key)), [part for part in fact.path[:-1] if not part.isdecimal()]
    is_of = key in _BARE and above and above[-1].casefold() not in _WRAPPERS
    return f"{' '.join(spelt(above[-1]))} {key}" if is_of else key


def _text(plain: Sequence[str], name: str, answer: Answer, its: Met) -> bool:
    """An answer that is no more than a text."""
    if len(answer.facts) != 1 or answer.facts[0].path or is_plural(plain[-1]) or meant(plain[-1]) not in answer.topic:
        return False
    its.single.append((name, answer.facts[0]))
    return True


_BETWEEN = re.compile(r"\s*(?:,\s*)?(?:(?:and|or)\s+)?(?:(?:the|its|their|an?|any)\s+)?")
_BEFORE = re.compile(r",?\s+(?:and|as well as|along with|including)\s+(?:(?:the|its|their|any|all|a)\s+)*$")


def without(text: str, lost: Sequence[Phrase]) -> str | None:
    """The sentence without what was not told, where that stands among other things; None if that is no clean cut."""
    runs: list[list[Phrase]] = []
    for one in phrases(text):
        if runs and _BETWEEN.fullmatch(text[runs[-1][-1].end : one.start]):
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in reversed(runs):
        kept = [text[one.start : one.end] for one in run if one not in lost]
        if kept and len(kept) < len(run):
            text = text[: run[0].start] + joined(kept) + text[run[-1].end :]
        elif not kept:
            before = _BEFORE.search(text[: run[0].start])
            if not before or run is runs[0]:
                return None
            text = text[: before.start()] + (text[-1] if text[-1] in ".?!" else "")
    return text
