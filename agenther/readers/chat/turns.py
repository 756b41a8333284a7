"""Messages as an agent's run: `conversation` pairs calls with their results (see `pairing`) and tells who said what.

Each call is a step; so is each message of the agent without calls, as `respond`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import NamedTuple

from agenther.errors import ReadError
from agenther.readers.build import act
from agenther.readers.chat.acts import Act
from agenther.readers.chat.asking import Examples, asked, asks
from agenther.readers.chat.closing import closing
from agenther.readers.chat.messages import Message
from agenther.readers.chat.pairing import pair
from agenther.readers.content import joined
from agenther.records import SET_ASIDE, Reason, Step

RESPOND = "respond"


class Conversation(NamedTuple):
    """A run, without what the format alone can tell."""

    system: str
    goal: str
    """The first request of the user; empty if there is none."""
    start: str
    """What else was said before the first act."""
    steps: tuple[Step, ...]
    reply: str | None
    """The text of the last turn, if it is a message to the user, or of the call that closes the run."""
    flags: tuple[str, ...]
    speakers: str
    """How many messages each role has, as the log spells it."""


@dataclass(eq=False)
class _Run:
    """A conversation as it grows, message by message."""

    system: list[str] = field(default_factory=list)
    goal: str = ""
    goal_is_doubtful: bool = False
    start: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    by_id: dict[str, list[Act]] = field(default_factory=dict)
    """The calls of the last turn that has one of this id."""
    names: set[str] = field(default_factory=set)
    waiting: list[Act] = field(default_factory=list)
    """The calls made since the agent last got to see results."""
    came: list[Message] = field(default_factory=list)
    """What came back for them."""
    flags: list[str] = field(default_factory=list)
    examples: Examples = field(default_factory=Examples)

    def add(self, message: Message, *, goes_on: bool) -> None:
        """Take the next message; `goes_on` tells that the one before it was the agent's, too."""
        if self.examples.hold(message.role, marked=message.example, calls=bool(message.calls)):
            self.flags.append("examples-dropped")
        elif message.role == "agent":
            self._act(message, goes_on=goes_on)
        elif message.role == "system" and not self.acts:
            self.system.append(message.text)
        elif message.role == "user" and (not self.goal or (self.goal_is_doubtful and not self.names)):
            self._ask(message)
        elif message.role in {"result", "environment"} and (self.acts or message.answers or message.name):
            self.came.append(message)
        elif not self.acts:
            self.start.append(message.text)
        else:
            self._note(self.acts[-1], message)

    def _note(self, act: Act, message: Message) -> None:
        """Keep what is said after an act. A picture alone, or what a harness writes, is no word of the user."""
        act.notes.append(message.text)
        act.is_apart = act.is_apart or act.result is not None or any(one.role == "result" for one in self.came)
        if message.role == "user":
            act.by_user = act.by_user or not act.is_apart or asks(message.text)

    def _ask(self, message: Message) -> None:
        """Take a message of the user while there is no goal, or one that may be the harness's."""
        said = asked(message.text)
        if said.context:
            self.system.append(said.context)
            self.flags.append("context-in-system")
        if said.request and not (self.goal and said.is_doubtful):
            if self.goal:
                self.system.append(self.goal)
                self.flags.append("context-in-system")
                self.acts.clear()  # "Got it. Thanks for the context!"
            self.goal, self.goal_is_doubtful = said.request, said.is_doubtful
        elif said.request:
            self.start.append(said.request)
        elif message.text.strip() and not said.context:
            self.flags.append("greeting-dropped")

    def _act(self, message: Message, *, goes_on: bool) -> None:
        self.settle()
        if not message.calls and not self.goal and not self.acts:
            self.flags.append("greeting-dropped")  # "How can I help you?" before any request is no act towards it
            return
        last = self.acts[-1] if self.acts and goes_on else None
        joins = last is not None and last.origin.agent == message.origin.agent
        turn, thought = (self.acts[-1].turn + 1 if self.acts else 1), [message.thought]
        if last and last.says is not None and (message.calls or (joins and not last.says)):
            said = self.acts.pop()  # words and calls of one turn, logged as two messages
            turn, thought, joins = said.turn, [said.thought, said.says or "", message.thought], False
        joins = joins and last is not None and (last.says is None) == bool(message.calls)
        if not goes_on:
            self.waiting.clear()
        if not message.calls:
            action = act(RESPOND, {"content": message.text})
            self.acts.append(Act(turn, action, joined(thought), message.origin, says=message.text, goes_on=joins))
            return
        words = joined([*thought, message.text])
        for call in message.calls:
            made = Act(turn, act(call.name, call.arguments), words, message.origin, call.id, goes_on=joins)
            joins = False
            words = ""  # the first of parallel calls carries the thought
            self.acts.append(made)
            self.waiting.append(made)
            same = self.by_id.get(call.id, [])
            self.by_id[call.id] = [*same, made] if same and same[-1].turn == turn else [made]
            self.names.add(call.name)

    def settle(self) -> None:
        """Give what came back to the calls that it answers."""
        if not self.came:
            return
        results = [message for message in self.came if message.role == "result"]
        others = [message for message in self.came if message.role != "result"]
        self.came.clear()
        last = self.acts[-1] if self.acts else None
        is_unnamed = bool(results) and not (results[0].answers or results[0].name)
        if last and last.says is not None and not self.waiting and is_unnamed:
            said = results.pop(0)
            last.take(said.text, said.beside)  # the agent wrote its call as text
        ids = dict.fromkeys(message.answers for message in results if message.answers)
        waits = set(self.waiting)
        earlier = [made for name in ids for made in self.by_id.get(name, ()) if made not in waits]
        self.flags += pair(earlier, self.waiting, results, self.names)
        for message in others:
            free = [made for made in self.waiting if made.result is None]
            if len(free) == 1:
                free[0].take(message.text, message.beside)
            elif last and len(self.waiting) < 2:
                last.seen.append(message.text)
            else:
                self.flags.append(SET_ASIDE)


def conversation(messages: Iterable[Message], goal: str = "") -> Conversation:
    """The run that `messages` tell. Raises ReadError when they hold no act of an agent.

    `goal`: the task, where the log tells it elsewhere; then no message of the user is looked through for it.
    """
    run = _Run(goal=goal)
    before = ""
    speakers = Counter[str]()
    for message in messages:
        run.add(message, goes_on=before == "agent")
        before = message.role
        speakers[message.origin.role or message.role] += 1
    run.settle()
    if not run.acts:
        raise ReadError(Reason.NO_STEPS, f"no message of an agent after the request; {_told(speakers)}")
    opens = (not act.goes_on and before.turn != act.turn for before, act in pairwise(run.acts))
    turns = list(accumulate(opens, initial=1))
    end = closing([act for act, turn in zip(run.acts, turns, strict=True) if turn == turns[-1]])
    open_acts = len(run.acts) - end.acts
    numbered = enumerate(zip(run.acts, turns, strict=True), 1)
    return Conversation(
        system=joined(run.system),
        goal=run.goal,
        start=joined(run.start),
        steps=tuple(act.step(n, turn, final=n > open_acts) for n, (act, turn) in numbered),
        reply=end.reply,
        flags=tuple(dict.fromkeys(run.flags)),
        speakers=_told(speakers),
    )


def _told(speakers: Counter[str]) -> str:
    by = ", ".join(f"{name[:40]} {times}" for name, times in speakers.most_common(8))
    return f"messages by role: {by}" if by else "the list of messages is empty"
