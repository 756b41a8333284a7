"""The request, taken apart: its sentences, and what may be left out of one."""

import re
from collections.abc import Iterator

from agenther.stages.lexicon import pattern, table
from agenther.stages.relabel.english import sentence

_ABBREVIATED = re.compile(r"\b(?:vs|mr|mrs|ms|dr|st|inc|ltd|co|corp|no|e\.g|i\.e|u\.s|approx|etc|jr)\.$", re.IGNORECASE)
_EVERYTHING = r"\b(?:all|every|complete|full|comprehensive|entire) (?:of )?(?:the )?"
_OF_SERVICE = r",? (?:using|via|through) the [\w &]*(?:API|tool)(?=[.?!]?$)"
_LEAD = r"^(?:as an?|since|because|while|with|being an?|for) [^,.?!]*, "
_ALSO = r"(?:(?<=\byou)|(?<=uld)|(?<='d)|(?<='m)|(?<=\bI)|(?<=\bwe)) also\b"


def sentences(text: str) -> list[str]:
    """The sentences of a request."""
    found: list[str] = []
    for piece in re.split(r"(?<=[.?!])[\"')]?\s+(?=[A-Z\"'¿¡(])|(?<=[。？！])", " ".join(text.split())):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


def is_asking(text: str) -> bool:
    """Does the sentence ask for something, or order it?"""
    return text.endswith(("?", "？")) or bool(pattern("requests", "asks").search(by_itself(text)))


def by_itself(text: str) -> str:
    """The sentence without what ties it to the one before, who asks it and the name of the service."""
    connected = rf"^(?:(?:{table('requests')['connectives']})\b,? )+".replace("\n", "")
    for expression in (connected, _LEAD, _ALSO, _OF_SERVICE):
        text = _without(expression, text)
    return sentence(text)


def variants(text: str) -> Iterator[str]:
    """The sentence by itself, not for all of it, then with less behind what is asked for."""
    bare = by_itself(text)
    for one in dict.fromkeys([bare, _without(_EVERYTHING, bare)]):
        yield one
        body = one.rstrip(".?!")
        for tail in table("requests")["tails"]:
            if (cut := _without(tail, body)) != body:
                yield cut.rstrip(" ,") + one[len(body) :]


def _without(expression: str, text: str) -> str:
    return re.sub(expression, "", text, count=1, flags=re.IGNORECASE)
