"""How a conversation ends: with a message to the user, or with a call that hands in the answer.

finish {"message": "All copies are out."}       attempt_completion {"result": …}       submit {}
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from agenther.readers.chat.acts import Act
from agenther.readers.content import joined
from agenther.records import Action
from agenther.text.lexicon import words
from agenther.text.names import spelt

ANSWERS = ("answer", "final_answer", "result", "message", "content", "text", "response", "output", "summary")
"""Parameters of a closing call that hold the answer, where it has several."""


class Closing(NamedTuple):
    reply: str | None = None
    """The text of the last message to the user."""
    acts: int = 0
    """How many acts, from the end, close the run; 0 where it goes on, or breaks off."""


def closing(last: Sequence[Act]) -> Closing:
    """Of the acts of the last turn."""
    act = last[-1]
    if act.says is not None:
        is_answered = act.result is not None or act.seen or act.notes
        return Closing(joined(one.says or "" for one in last), 0 if is_answered else len(last))
    if act.error or act.by_user or not closes(act.action.name):
        return Closing()
    return Closing(_answer(act.action), 1)


def closes(name: str) -> bool:
    """Is a tool of this name there to end the run? Every word of it has to say so: `submit_order` is an order."""
    said = spelt(name)
    return not words("closing", "closes").isdisjoint(said) and words("closing", "words") >= {*said}


def _answer(action: Action) -> str | None:
    texts = {name: value for name, value in action.arguments.items() if isinstance(value, str)}
    plain = {name: json.dumps(value) for name, value in action.arguments.items() if isinstance(value, int | float)}
    said = plain | texts
    given = next((said[name] for name in ANSWERS if name in said), None)
    return given or (next(iter(texts.values())) if len(texts) == 1 else action.raw) or None
