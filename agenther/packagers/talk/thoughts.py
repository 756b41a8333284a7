"""Which thoughts may stand beside a new goal.

A thought was written for the goal that failed. It is kept only when each of its words is one of the new goal, of its
own calls, of what was seen before them, or of those that any agent says: one false sentence of reasoning teaches more
than one missing sentence.
"""

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
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
LITTLE = frozenset(
    "a an the this that these those it its i me my we us our you your he she they them their there here and or"
    " but so as because since while of in on at to for from with by into onto through under within via about is"
    " are am was were be been being do does did doing done have has had having will would shall should can could"
    " may might must let lets ll ve re s m d t now then first next up out down back".split()
)
"""Words that say nothing by themselves. Not among them: how much, how many, which, who, other, before, more, also."""
OF_ANY_RUN = frozenset(
    "look see find get go open click press type enter select choose search use check view show list display visit"
    " navigate scroll load start begin proceed continue read fetch call run perform take need want ask know think"
    " page site website link button menu tab box bar field form side result item option query step action tool function"
    " information detail summary request user task".split()
)
"""What agents do and see whatever their goal is."""

LONG = 4
"""Letters. A word that begins with another one so long may be made of it."""
ENDINGS = ("ing", "ies", "ed", "es", "s", "y", "e")


class Grounds:
    """What a thought may speak of: the new goal, its own calls, and what the demonstration has shown before them.

    A word of the failed goal that the new one lacks may stand on any page: only the thought's own calls vouch for it.
    """

    def __init__(self, original_goal: str, goal: str, start: str) -> None:
        self.is_own = goal == original_goal
        """No failed goal: a success under its own."""
        self.asked = stems(goal) | PLAIN
        self.failed = stems(original_goal) - self.asked
        self.seen: set[str] = set()
        self._unread = [start]

    def show(self, texts: Iterable[str]) -> None:
        """`texts` are now part of the demonstration."""
        self._unread.extend(texts)

    def keep(self, thought: str, acts: Iterable[str]) -> str:
        """The thought before `acts`, without template marks, or "" when it speaks of anything else or of failing."""
        text = TAGS.sub("", thought).strip()
        if FAILING.search(text.casefold().replace("’", "'")):
            return ""
        return text if self.is_own or self._vouch_for(stems(text), acts) else ""

    def _vouch_for(self, said: set[str], acts: Iterable[str]) -> bool:
        said = said - self.asked - stems("\n".join(acts))
        if said and not any(map(self._may_be_of_the_failed_goal, said)):
            self.seen |= stems("\n".join(self._unread))
            self._unread.clear()
            said -= self.seen
        return not said

    def _may_be_of_the_failed_goal(self, word: str) -> bool:
        """Is it one of that goal's words, or one made of it: bestsellers, of the best?"""
        return word in self.failed or any(word.startswith(part) for part in self.failed if len(part) >= LONG)


def inline(thought: str) -> str:
    """A thought as the beginning of a text."""
    return f"{OPEN}{thought}{CLOSED}" if thought else ""


def stems(text: str) -> set[str]:
    """The stems of a text's words."""
    return set(map(stem, WORD.findall(text.casefold())))


def stem(word: str) -> str:
    """The word without a common English ending, so that "compare" and "comparing" are one."""
    for ending in ENDINGS if word.endswith(ENDINGS) else ():
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


PLAIN = frozenset(map(stem, LITTLE | OF_ANY_RUN))
