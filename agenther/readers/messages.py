"""Chat messages as an agent's run: what tau-bench and the three chat formats share.

A reader turns its own messages into `Message`s; `conversation` pairs calls with their results, by id and else by order,
and tells who said what. Each call is a step; so is each message of the agent without calls, as `respond`.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from agenther.errors import ReadError
from agenther.readers.trajectory import act
from agenther.records import Action, Reason, Step

RESPOND = "respond"
TEXTS = ("text", "input_text", "output_text", "refusal")
MEDIA = {
    **dict.fromkeys(("image", "image_url", "input_image"), "image"),
    **dict.fromkeys(("audio", "input_audio", "audio_url"), "audio"),
    **dict.fromkeys(("file", "input_file", "document"), "file"),
    **dict.fromkeys(("video", "video_url"), "video"),
}
"""Types of content parts that hold no text, and the word that stands for them."""


class Call(NamedTuple):
    """A tool call as logged. `id` is empty where the log gives none."""

    id: str
    name: str
    arguments: Any


class Message(NamedTuple):
    """One message, or one part of a message that holds several results."""

    role: Literal["system", "user", "agent", "result", "environment"]
    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    answers: str = ""
    """Of a result, the id of its call."""
    failed: bool = False
    """Of a result, whether the log marks it as an error."""


class Conversation(NamedTuple):
    """A run, without what the format alone can tell."""

    system: str
    goal: str
    """The first user message before the first act; empty if there is none."""
    start: str
    """What else was said before the first act."""
    steps: tuple[Step, ...]
    reply: str | None
    """The text of the last act, if it is a message to the user."""
    flags: tuple[str, ...]


@dataclass(eq=False)
class _Act:
    turn: int
    action: Action
    thought: str
    says: str | None = None
    seen: list[str] = field(default_factory=list)
    by_user: bool = False
    error: str | None = None

    def step(self, n: int, *, final: bool) -> Step:
        return Step(
            n=n,
            turn=self.turn,
            thought=self.thought or None,
            action=self.action,
            observation="\n".join(self.seen) if self.seen else None,
            answered_by="user" if self.by_user else "environment",
            error=self.error,
            final=final,
        )


@dataclass(eq=False)
class _Run:
    """A conversation as it grows, message by message."""

    system: list[str] = field(default_factory=list)
    goal: str = ""
    start: list[str] = field(default_factory=list)
    acts: list[_Act] = field(default_factory=list)
    by_id: dict[str, _Act] = field(default_factory=dict)
    waiting: deque[_Act] = field(default_factory=deque)
    greeted: bool = False

    def add(self, message: Message, *, goes_on: bool) -> None:
        """Take the next message; `goes_on` tells that the one before it was the agent's, too."""
        if message.role == "agent":
            self._act(message, goes_on=goes_on)
        elif message.role == "system" and not self.acts:
            self.system.append(message.text)
        elif message.role == "user" and not self.goal and not self.acts:
            self.goal = message.text
        elif not self.acts:
            self.start.append(message.text)
        else:
            self._observe(message)

    def _act(self, message: Message, *, goes_on: bool) -> None:
        if not message.calls and not self.goal and not self.acts:
            self.greeted = True  # "How can I help you?" before any request is no act towards it
            return
        turn, thought = (self.acts[-1].turn + 1 if self.acts else 1), [message.thought]
        if message.calls and goes_on and self.acts and self.acts[-1].says is not None:
            said = self.acts.pop()  # words and calls of one turn, logged as two messages
            turn, thought = said.turn, [said.thought, said.says or "", message.thought]
        if not goes_on:
            self.waiting.clear()
        if not message.calls:
            action = act(RESPOND, {"content": message.text})
            self.acts.append(_Act(turn, action, joined(thought), says=message.text))
            return
        words = joined([*thought, message.text])
        for call in message.calls:
            made = _Act(turn, act(call.name, call.arguments), words)
            words = ""  # the first of parallel calls carries the thought
            self.acts.append(made)
            self.waiting.append(made)
            earlier = self.by_id.get(call.id)
            if call.id and (earlier is None or earlier.turn != turn):
                self.by_id[call.id] = made

    def _observe(self, message: Message) -> None:
        about = self.acts[-1]
        if message.role == "result":
            while self.waiting and self.waiting[0].seen:
                self.waiting.popleft()
            known = self.by_id.get(message.answers)
            first = self.waiting[0] if self.waiting else None
            about = (known if known and not known.seen else first) or known or about
            about.error = complaint(message.text, marked=message.failed)
        about.seen.append(message.text)
        about.by_user = about.by_user or message.role == "user"


def conversation(messages: Iterable[Message]) -> Conversation:
    """The run that `messages` tell. Raises ReadError when they hold no act of an agent."""
    run = _Run()
    before = ""
    for message in messages:
        run.add(message, goes_on=before == "agent")
        before = message.role
    if not run.acts:
        raise ReadError(Reason.NO_STEPS, "no message of an agent after the request")
    last = run.acts[-1]
    closed = last.says is not None and not last.seen
    return Conversation(
        system=joined(run.system),
        goal=run.goal,
        start=joined(run.start),
        steps=tuple(one.step(n, final=closed and one is last) for n, one in enumerate(run.acts, 1)),
        reply=last.says,
        flags=("greeting-dropped",) if run.greeted else (),
    )


def read_all(raw: Any, messages_of: Callable[[dict[str, Any]], Iterator[Message]]) -> Iterator[Message]:
    """Each message of a log's list. Raises ReadError when it is no list of messages."""
    if not isinstance(raw, list):
        raise ReadError(Reason.MALFORMED, "no list of messages")
    for n, message in enumerate(raw, 1):
        if not isinstance(message, dict):
            raise ReadError(Reason.MALFORMED, f"message {n} is no object")
        try:
            yield from messages_of(message)
        except ReadError as error:
            raise ReadError(error.reason, f"message {n}: {error}") from None


def complaint(text: str, *, marked: bool = False) -> str | None:
    """The first line of a result that opens with "Error:", or that the log has `marked` as an error."""
    line = text.strip().partition("\n")[0]
    if marked:
        return line or "marked as an error"
    return line if line[:6].lower() == "error:" else None


def split_thought(text: str) -> tuple[str, str]:
    """(thought, rest) of a text that opens with <think>…</think>."""
    opening, closing = "<think>", "</think>"
    if not text.lstrip().startswith(opening) or closing not in text:
        return "", text
    thought, _, rest = text.lstrip()[len(opening) :].partition(closing)
    return thought.strip(), rest.lstrip("\n")


def joined(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)


def content_text(content: Any) -> str:
    """A message's content as text, with "[image]" and the like for what is none; JSON if it is no content at all."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = [_part_text(part) for part in (content if isinstance(content, list) else [content])]
    return json.dumps(content, ensure_ascii=False) if None in parts else "\n".join(filter(None, parts))


def _part_text(part: Any) -> str | None:
    """The text of one content part; None for a value that is none."""
    if isinstance(part, str):
        return part
    kind = part.get("type", "text" if part.keys() == {"text"} else "") if isinstance(part, dict) else ""
    if kind in TEXTS:
        text = part.get("text", part.get("refusal"))
        return text if isinstance(text, str) else None
    return f"[{MEDIA[kind]}]" if isinstance(kind, str) and kind in MEDIA else None
