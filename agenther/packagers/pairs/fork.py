"""Where two conversations part: the first decision in which they differ, after the same acts and results."""

from typing import Any, NamedTuple

from agenther.packagers.base import Row
from agenther.packagers.selection.sameness import digest
from agenther.packagers.talk.turns import Call, Conversation, Turn


class Pair(NamedTuple):
    """Two acts after the same prompt, of which one is preferred."""

    talk: Conversation
    history: tuple[Turn, ...]
    chosen: Turn
    rejected: Turn
    columns: Row

    @property
    def calls(self) -> list[Call]:
        return [call for turn in (*self.history, self.chosen, self.rejected) for call in turn.calls]


def pair_of(good: Conversation, bad: Conversation, columns: Row) -> Pair | None:
    """None where the prompts differ before the acts do, and where the act of the good side serves nothing."""
    at = fork(good, bad)
    if at is None or not good.acts[at].serves:
        return None
    chosen, rejected = good.acts[at], bad.acts[at]
    if not (chosen.thought and rejected.thought):
        chosen, rejected = chosen._replace(thought=""), rejected._replace(thought="")
    return Pair(good, silent(good).turns[:at], chosen, rejected, columns)


def fork(one: Conversation, other: Conversation) -> int | None:
    """The number of the first act that differs; None when what came back differs before, or one of them ends."""
    for n, (mine, yours) in enumerate(zip(one.acts, other.acts, strict=False)):
        if not _is_act(mine) or not _is_act(yours):
            return None
        if said(mine) != said(yours):
            return n
        if (mine.results, mine.reply) != (yours.results, yours.reply):
            return None
    return None


def deeds(talk: Conversation) -> list[str]:
    """Of each act, what is the same for two runs with the same prompt that did it after the same acts and results."""
    found, before = [], ""
    for act in talk.acts:
        found.append(digest(before, repr(said(act))))
        before = digest(found[-1], repr((act.results, act.reply)))
    return found


def said(turn: Turn) -> tuple[Any, ...]:
    """The act itself, without its thought."""
    return turn.text.strip(), turn.calls


def silent(talk: Conversation) -> Conversation:
    """Without its thoughts."""
    return talk._replace(turns=tuple(turn._replace(thought="") for turn in talk.turns))


def _is_act(turn: Turn) -> bool:
    return bool(turn.calls or turn.text.strip())


def whole(pair: Pair) -> str:
    """The same for pairs with the same prompt and both acts the same."""
    talk, history = pair.talk, [(turn.text, turn.calls, turn.results, turn.reply) for turn in pair.history]
    prompt = (talk.goal, talk.system, talk.start, talk.tools, history)
    return digest(repr((prompt, said(pair.chosen), said(pair.rejected))))
