"""Where two conversations part: the first decision in which they differ, after the same acts and results."""

from typing import Any

from agenther.packagers.talk.turns import Conversation, Turn


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


def said(turn: Turn) -> tuple[Any, ...]:
    """The act itself, without its thought."""
    return turn.text.strip(), turn.calls


def silent(talk: Conversation) -> Conversation:
    """Without its thoughts."""
    return talk._replace(turns=tuple(turn._replace(thought="") for turn in talk.turns))


def _is_act(turn: Turn) -> bool:
    return bool(turn.calls or turn.text.strip())
