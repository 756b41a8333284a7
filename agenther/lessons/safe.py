"""What a lesson must be: in each of its fields what our own rules could have written, and nothing else. It is told by
what it is made of, and not by phrases, so that it holds for lessons that others made, too.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

from agenther.lessons.errors import EMPTY, NAMELESS, SPELT, phrase, quote, short
from agenther.lessons.known import is_name
from agenther.lessons.occasion import HIDDEN, api, is_few
from agenther.lessons.pages import is_host, is_page
from agenther.lessons.private import is_private
from agenther.lessons.records import Cited, Kind, Lesson, Signature, Why, named
from agenther.lessons.write import CHANGES, LOOKS
from agenther.text.lexicon import table
from agenther.text.names import words

LONGEST, WIDEST = 500, 32
"""Characters of a sentence of a lesson, and of words in it out of an error."""
_NAME = re.compile(r"`([^`“”]*)`")
_SAID = re.compile(r"“([^`“”]*)”")
_WORDS = re.compile(r"[^\W\d_]+")
_REST = re.compile(r"[\w\s.,;:()/#+-]*", re.ASCII)
_MARK = re.compile(r"#[0-9a-f]{8}")
_RUN = re.compile(r"([a-z0-9_-]{1,40})-[0-9a-f]{16}")


def fault(lesson: Lesson) -> Why | None:
    """Why a lesson must not be told; None where nothing speaks against it."""
    for sentence in (lesson.wrong, lesson.instead):
        if not _is_marked_well(sentence, lesson):
            return Why.QUOTES
        if not _is_ours(_SAID.sub(" ", _NAME.sub(" ", sentence)), "sentences"):
            return Why.ORDERS
        if is_private(sentence):
            return Why.QUOTES
    if not (_is_known_by_forms(lesson) and all(map(_is_cited_well, (*lesson.failures, *lesson.successes)))):
        return Why.QUOTES
    return None if lesson.failures and all(one.quote for one in lesson.failures) else Why.UNPROVED


def is_quote(text: str, own: Iterable[str] | None = None) -> bool:
    """Could it be what we quote of a step whose call has these `own` words; of any step, where none are told?

    What we quote of a text, we would quote of that quote, too.
    """
    is_plain = all(letter.isprintable() or letter.isspace() for letter in text) and not is_private(text)
    return is_plain and (is_few(text) or quote(text, SPELT.findall(text) if own is None else own) == text)


def _is_marked_well(sentence: str, lesson: Lesson) -> bool:
    """Do marks hold names, and words that say an error, or one word?

    What names anything applies only where a tool or a site of its own is at hand. The names of these may be long, and
    their words are in others, too: who is told them has them.
    """
    names, said = _NAME.findall(sentence), _SAID.findall(sentence)
    when, signature = lesson.when, lesson.when.signature
    is_somewhere = signature.site or (when.tools and (signature.tool or signature.domain))
    its = {*when.tools, *when.sites, signature.domain, *({_said(signature)} if signature.kind == Kind.LOST else ())}
    known = words(" ".join(when.tools))
    is_short = len(sentence) <= LONGEST and sentence.isprintable()
    are_names = all(name in its or _is_short(name.replace("[]", ""), known=known) for name in names)
    return bool(is_short and are_names and (is_somewhere or not names)) and all(map(_is_phrase, said))


def _is_phrase(text: str) -> bool:
    """Is it one word, a mark between words, or a known error?"""
    return len(text) <= WIDEST and (_is_short(text) or not _WORDS.search(text) or _is_error(text))


def _is_known_by_forms(lesson: Lesson) -> bool:
    """Has all else that it holds, but for what it cites, the form that we give it?"""
    when = lesson.when
    signature, days = when.signature, (lesson.first_seen, lesson.last_seen, lesson.expires)
    is_at_home = {signature.tool, ""} <= {*when.tools, ""} and {signature.site, ""} <= {*when.sites, ""}
    forms: tuple[tuple[Callable[[str], bool], Iterable[str]], ...] = (
        (_is_tool, when.tools),
        (is_host, when.sites),
        (lambda name: _is_short(name, "template"), when.templates),
        (lambda name: _is_short(name, "agent"), lesson.agents),
        (lambda name: _is_short(name, "model"), (lesson.by,)),
        (_is_run, lesson.run_ids),
        (_is_day, filter(None, days)),
    )
    return (
        lesson.id == named(signature, lesson.wrong, lesson.instead)
        and is_at_home
        and (not signature.domain or signature.domain in map(api, when.tools))
        and all(map(_is_situation, (signature, *when.others)))
        and all(holds(text) for holds, texts in forms for text in texts)
    )


def _is_situation(one: Signature) -> bool:
    said, hashed = _said(one), one.error.partition(" #")[1:]
    is_error = is_page(said) if one.kind == Kind.LOST else _is_error(said)
    is_marked = not any(hashed) or bool(_MARK.fullmatch("".join(hashed).strip()))
    are_names = all(_is_tool(name) for name in (one.tool, one.domain) if name) and (not one.site or is_host(one.site))
    return (not one.error or (is_error and is_marked)) and are_names and not one.template


def _said(one: Signature) -> str:
    """The words of its error, or the page."""
    return one.error.partition(" #")[0]


def _is_cited_well(one: Cited) -> bool:
    is_told = _is_error(one.text) or (len(one.text) <= LONGEST and _is_ours(one.text, "sentences", "evidence"))
    return is_told and _is_run(one.run_id) and (not one.quote or is_quote(one.quote))


def _is_error(said: str) -> bool:
    """Is it one that is known to us?"""
    is_known = len(said) <= WIDEST and said.isprintable() and phrase(said) == said != ""
    return is_known or said in {NAMELESS, EMPTY}


def _is_short(name: str, what: str = "", known: Iterable[str] = ()) -> bool:
    """Is it a name of few words that are not `known`, or what stands for `what`?"""
    return short(what, name, known) == name != "" or bool(what and _is_hidden(name, what))


def _is_hidden(name: str, what: str) -> bool:
    return name.startswith(f"{what} #") and bool(_MARK.fullmatch(name.removeprefix(f"{what} ")))


def _is_tool(name: str) -> bool:
    return is_name(name) or name in {CHANGES, LOOKS} or _is_hidden(name, HIDDEN)


def _is_run(run_id: str) -> bool:
    found = _RUN.fullmatch(run_id)
    return bool(found and _is_short(found[1]))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_ours(rest: str, *lists: str) -> bool:
    known = frozenset[str]().union(*map(_vocabulary, lists))
    return bool(_REST.fullmatch(rest)) and all(word.casefold() in known for word in _WORDS.findall(rest))


@cache
def _vocabulary(name: str) -> frozenset[str]:
    return frozenset(table("agenther.lessons.lexicon", "templates")[name].split())
