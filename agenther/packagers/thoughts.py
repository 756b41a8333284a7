"""Which thoughts may stand beside a new goal.

A thought was written for the goal that failed. It is kept only when nothing in it speaks of that goal, or of
failing: one false sentence of reasoning teaches more than one missing sentence.
"""

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
QUOTED = re.compile(r"""(?<!\w)["'“‘]([^"'“”‘’]{1,80})["'”’](?!\w)""")
OPEN, CLOSED = "<think>\n", "\n</think>\n\n"
"""Around a thought within a text."""
TAGS = re.compile(r"</?(?:think|tool_call)>")
"""Marks that chat templates put around thoughts and calls themselves."""

FAILING = re.compile(
    r"\b(?:fail(?:s|ed|ing|ure)?|errors?|unable|cannot|can't|couldn't|could not|can not|didn't|did not|doesn't|does not"
    r"|isn't|not (?:found|available|possible|enough|working)|no (?:results?|luck|way|matching|such)|nothing|invalid"
    r"|wrong|mistakes?|stuck|impossible|unfortunately|sorry|apologi[sz]e|giv(?:e|ing) up|gave up|restart|try again"
    r"|instead)\b"
)
PLAIN = frozenset(
    "about actually after again agent also answer around because been before being both call could details does doing"
    " down each every find first from function further gather give going have help here information into just keep"
    " know last like list look looking make more most much must need needed needs next once only other over please"
    " provide query relevant request requested result results same search show should some specific start step steps"
    " such sure task tell than that their them then there these they this those through tool tools using user users"
    " very want wants well were what when where which while will with within would your".split()
)
"""Words of four letters and more that tasks and thoughts share whatever they are about."""

ENDINGS = ("ing", "ies", "ed", "es", "s", "y", "e")


class Doubts:
    """The words of the original goal that neither the new goal nor, so far, the run itself has used."""

    def __init__(self, original_goal: str, goal: str, start: str) -> None:
        self.words = content_words(original_goal)
        self.clear([goal, start])

    def clear(self, texts: Iterable[str]) -> None:
        """Take out what `texts`, now part of the demonstration, say themselves."""
        for text in texts:
            if not self.words:
                return
            stems = tuple(self.words)
            self.words -= {stem(word) for word in set(WORD.findall(text.casefold())) if word.startswith(stems)}

    def keep(self, thought: str | None) -> str:
        """The thought without template marks, or "" when it speaks of the failed goal or of failing."""
        text = TAGS.sub("", thought or "").strip()
        folded = text.casefold().replace("’", "'")
        if FAILING.search(folded) or any(stem(word) in self.words for word in WORD.findall(folded)):
            return ""
        return text


def content_words(goal: str) -> set[str]:
    """Stems of what a goal is about: words of four letters and more, numbers, and all that stands in quotes."""
    folded = goal.casefold()
    words = {word for word in WORD.findall(folded) if len(word) >= 4 or any(map(str.isdigit, word))}
    quoted = {word for text in QUOTED.findall(folded) for word in WORD.findall(text)}
    return {stem(word) for word in (words | quoted) - PLAIN}


def stem(word: str) -> str:
    """The word without a common English ending, so that "compare" and "comparing" are one."""
    for ending in ENDINGS if word.endswith(ENDINGS) else ():
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
