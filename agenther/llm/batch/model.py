"""A model that is asked by letter: it gives what was answered already, and writes down everything else."""

import json
from dataclasses import dataclass, field

from agenther.errors import AnswerError, ModelError, PendingError
from agenther.llm.answers import is_of_use
from agenther.llm.batch.box import Box
from agenther.llm.clients.chat import completion
from agenther.llm.clients.faults import RefusedError, TransientError, meaning
from agenther.llm.clients.manner import STRUCTURED, UNBOUNDED, Manners, parameters
from agenther.llm.layers.cached import key
from agenther.llm.layers.shorter import halved
from agenther.llm.model import Completion, Request
from agenther.llm.money.purse import Purse

Outcome = Completion | TransientError | ModelError | None
TRIES = 4
"""How often a request is sent, all in all, when no answer comes back or only an error does."""
MARK = 40
"""Hexadecimal digits of a request's hash in its id; some providers take 64 characters at most."""


@dataclass(frozen=True)
class Batched:
    """A model behind a box of requests and answers."""

    name: str
    endpoint: str
    box: Box
    purse: Purse
    copy: int = 1
    """Which of those of this name it is."""
    manners: Manners = field(default_factory=lambda: Manners({STRUCTURED: UNBOUNDED}))

    async def complete(self, request: Request) -> Completion:
        """The answer, if it is there. Raises PendingError when it is not: the request is noted, or on its way."""
        mark = key(self.name, self.copy, request).hex()[:MARK]
        asked = self.purse.bounded(self.name, request)
        outcome = self._outcome(mark, request.stage)
        if mark not in self.box.out or (mark in self.box.good and isinstance(outcome, Completion)):
            if less := self._less(mark, asked, outcome):
                asked = less
            elif isinstance(outcome, Completion):
                self.purse.settle(self.name, asked, 0.0, outcome)
                return outcome
            elif outcome:
                self._check(mark, request, outcome)
            self.manners.learn(self.manners.without(self.box.refused.get(self.name, {})), "so its answers say")
            self.box.note(mark, self.name, self.endpoint, parameters(asked, self.manners.known))
        self.box.owed[mark] = self.purse.most(self.name, asked)
        raise PendingError(f"{self.name}: the answer is not there yet")

    def _outcome(self, mark: str, stage: str) -> Outcome:
        """What became of a request that was sent; None if it never was."""
        outcome = self._said(mark)
        if not self.box.again or not isinstance(outcome, Completion) or outcome.finish_reason == "context_length":
            return outcome
        may_come = mark in self.box.out or self.box.asked[mark] < TRIES
        return TransientError("the answer was of no use") if may_come and not is_of_use(stage, outcome) else outcome

    def _said(self, mark: str) -> Outcome:
        """The same as the last answer tells."""
        reply = self.box.reply(mark)
        if reply is None:
            return TransientError("no answer came back") if mark in self.box.asked else None
        if reply.is_good:
            return completion(reply.body, json.dumps(reply.body))
        if reply.refused and self._has_others(reply.refused):
            return TransientError(f"the model does not take {reply.refused} as it was sent")
        said = reply.failure
        # without a status nobody tried, as when a batch expires
        outcome = meaning(self.name, reply.status or 503, said._replace(message=said.message or said.code), {})
        if isinstance(outcome, RefusedError) and not outcome.bound and self.name in self.box.answered:
            return Completion(f"{outcome} (other prompts are answered)", "context_length")
        return outcome

    def _has_others(self, part: str) -> bool:
        """Is there a form of a part that was not refused?"""
        return not self.box.refused.get(self.name, {}).get(part, set()).issuperset(self.manners.forms(part))

    def _less(self, mark: str, asked: Request, outcome: Outcome) -> Request | None:
        """The request with less room for its answer, if that may be what was wrong; see `Shorter`.

        Down in larger steps than there, and for a prompt that is too long only once: each time takes a wave.
        """
        sent = self.box.asked.get(mark, 0)
        is_refused = isinstance(outcome, RefusedError) and outcome.bound and sent < TRIES
        is_long = isinstance(outcome, Completion) and outcome.finish_reason == "context_length" and sent == 1
        less = asked if is_refused or is_long else None
        for _ in range(2 * sent):
            less = halved(less) if less else None
        return less

    def _check(self, mark: str, request: Request, why: TransientError | ModelError) -> None:
        """Raises an error if sending the request again is of no use."""
        if isinstance(why, ModelError) and self.name not in self.box.answered:
            how = f"to send it again all the same, remove {self.box.folder}/responses-*"
            raise ModelError(self.name, f"{why.why}; {how}")
        if self.box.asked[mark] >= TRIES:
            raise AnswerError(request.stage, f"{self.name}: {why}, after being sent {TRIES} times", "")

    async def aclose(self) -> None:
        """Nothing to give back."""
