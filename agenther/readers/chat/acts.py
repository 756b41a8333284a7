"""One act of the agent while its conversation is read, and what came back for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from agenther.readers.failures import failure
from agenther.records import Action, Step


class Origin(NamedTuple):
    """Where a message stands, and whose it is."""

    agent: str = ""
    """The name that the log gives who says it."""
    at: str = ""
    """When it was said, as the log writes it."""
    place: int | None = None
    """Its place in the log's list, from 0."""
    role: str = ""
    """As the log spells it."""


@dataclass(eq=False)
class Act:
    """A call, or a message of the agent to somebody."""

    turn: int
    """Of the message; that of the step may be less."""
    action: Action
    thought: str
    origin: Origin
    id: str = ""
    says: str | None = None
    goes_on: bool = False
    """Is it of one turn with the act before, though of another message?"""
    result: str | None = None
    seen: list[str] = field(default_factory=list)
    """What else came back."""
    notes: list[str] = field(default_factory=list)
    """What the user or the harness said after the act."""
    is_apart: bool = False
    """Are the notes no answer to it, since results stand before them?"""
    by_user: bool = False
    error: str | None = None

    def take(self, text: str, beside: Mapping[str, Any] | None) -> None:
        """Let `text` be the result; fields `beside` it may mark it as an error."""
        self.result = text
        self.error = failure(text, beside)

    def step(self, n: int, turn: int, *, final: bool) -> Step:
        """The act as a step; notes that answer it are what it brought."""
        seen = [*([] if self.result is None else [self.result]), *self.seen]
        is_note = bool(self.notes) and (self.is_apart or bool(seen))
        shown = seen if is_note else [*seen, *self.notes]
        speaker: Literal["user", "environment"] = "user" if self.by_user else "environment"
        return Step(
            n=n,
            turn=turn,
            thought=self.thought or None,
            action=self.action,
            observation="\n".join(shown) if shown else None,
            answered_by="environment" if is_note else speaker,
            error=self.error,
            final=final,
            note="\n".join(self.notes) if is_note else None,
            note_by=speaker if is_note else "environment",
            agent=self.origin.agent,
            message=self.origin.place,
            at=self.origin.at,
        )
