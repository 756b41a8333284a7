"""The request, taken apart: sentences, orders within them, and what may be left out of a sentence."""

import re
from collections.abc import Iterator

from agenther.stages.lexicon import pattern, table
from agenther.stages.relabel.english import sentence

_ABBREVIATED = re.compile(r"\b(?:vs|mr|mrs|ms|dr|st|inc|ltd|co|corp|no|e\.g|i\.e|u\.s|approx|etc|jr)\.$", re.IGNORECASE)
_EVERYTHING = r"\b(?:all|every|complete|full|comprehensive|entire) (?:of )?(?:the )?"
_OF_SERVICE = r",? (?:using|via|through) the [\w &]*(?:API|tool)(?=[.?!]?$)"
_ALSO = r"(?:(?<=\byou)|(?<=uld)|(?<='d)|(?<='m)|(?<=\bI)|(?<=\bwe)) also\b"
_IT_WOULD = r"^it would (?:also )?be \w+ if you (?:could|can) (?:also )?"
_VERBS = (
    r"(?:provide|give|find|fetch|get|show|tell|list|retrieve|search|suggest|recommend|calculate|convert|translate"
    r"|determine|check|generate|include)"
)
_OPENER = re.compile(
    r"(?:(?:can|could|would|will) you(?: please)?|please|(?:i|we)(?:'d| would)?(?: also)? (?:need|want|like) to"
    r"|help me(?: to)?)\b ?",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of a request."""
    found: list[str] = []
    for piece in re.split(r"(?<=[.?!])[\"')]?\s+(?=[A-Z\"'¿¡(])|(?<=[。？！])", " ".join(text.split())):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def clauses(text: str) -> list[str]:
    """A sentence that gives two orders is two: "Can you find A and show me B?" goes on with "Can you show me B?"."""
    opener = _OPENER.match(text)
    first, *rest = re.split(rf",? and (?:also |then |please )*(?={_VERBS}\b)", text)
    if not rest or not (opener or re.match(_VERBS, first, re.IGNORECASE)):
        return [text]
    end = text[-1] if text[-1] in ".?!" else "."
    start = opener.group() if opener else ""
    return [f"{first}{end}", *(sentence(f"{start}{one}") for one in rest)]


def is_asking(text: str) -> bool:
    """Does the sentence ask for something, or order it?"""
    return text.endswith(("?", "？")) or bool(pattern("requests", "asks").search(by_itself(text)))


def by_itself(text: str) -> str:
    """The sentence without what ties it to the one before, and without the name of the service."""
    connected = rf"^(?:(?:{table('requests')['connectives']})\b,? )+".replace("\n", "")
    for expression in (connected, _ALSO, _OF_SERVICE):
        text = _without(expression, text)
    return sentence(re.sub(_IT_WOULD, "Please ", text, flags=re.IGNORECASE))


def variants(text: str) -> Iterator[str]:
    """The sentence by itself, then with less and less before and behind what is asked for."""
    bare = by_itself(text)
    shorter = dict.fromkeys([bare, *(sentence(_without(lead, bare)) for lead in table("requests")["leads"])])
    some = dict.fromkeys(_without(_EVERYTHING, one) for one in shorter)
    for one in dict.fromkeys([*shorter, *some]):
        yield one
        body = one.rstrip(".?!")
        for tail in table("requests")["tails"]:
            if (cut := _without(tail, body)) != body:
                yield cut.rstrip(" ,") + one[len(body) :]


def _without(expression: str, text: str) -> str:
    return re.sub(expression, "", text, count=1, flags=re.IGNORECASE)
