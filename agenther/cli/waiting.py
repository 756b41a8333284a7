"""What is told of waits for models: in a line each, without saying the same over and over, or under the bar."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click
from rich.text import Text

if TYPE_CHECKING:
    from agenther.jobs.job import Job
    from agenther.llm.layers.patience import Silence, Wait

AGAIN = 30.0
"""Seconds after which a line about failures of one kind may be repeated."""
LONGER = 10.0
"""Seconds by which a wait has to go on longer than was told, to be told before that."""


class Lines:
    """Tells waits in lines: those of many calls at a time, and short ones after each other, only once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.told: dict[tuple[str, int | None], tuple[float, float]] = {}
        """By model and status: until when there is nothing new to say, and until when a wait was said to last."""

    def tell(self, wait: "Wait") -> None:
        now, kind = time.monotonic(), (wait.model, wait.status)
        quiet, until = self.told.get(kind, (now, now))
        ends = now + wait.seconds
        if now < quiet and ends <= until + LONGER:
            return
        self.told[kind] = now + AGAIN, ends
        silent = f"no answer for {wait.silent:.0f} s, " if wait.silent >= 1 else ""
        limit = f"({silent}--patience {wait.most:g})"
        self.say(f"agenther: {wait.model}: {wait.why}; asked again in {_told(wait.seconds)} {limit}")

    def silent(self, silence: "Silence") -> None:
        if silence.seconds:
            self.say(f"agenther: {_unheard(silence)}")


class Countdown:
    """A line under a bar that says what is waited for, and how long still."""

    def __init__(self) -> None:
        self.wait: Wait | None = None
        self.until = 0.0
        self.unheard: dict[str, Silence] = {}

    def tell(self, wait: "Wait") -> None:
        if (ends := time.monotonic() + wait.seconds) > self.until:
            self.wait, self.until = wait, ends

    def silent(self, silence: "Silence") -> None:
        self.unheard = {model: one for model, one in self.unheard.items() if model != silence.model}
        if silence.seconds:
            self.unheard[silence.model] = silence

    def __rich__(self) -> Text:
        left = self.until - time.monotonic()
        said = "; ".join(map(_unheard, self.unheard.values()))
        if self.wait and left > 0:
            said = f"waiting {_told(left)} for {self.wait.model}: {self.wait.why}"
        return Text(said, "yellow", no_wrap=True, overflow="ellipsis")


def _unheard(silence: "Silence") -> str:
    calls = f"the first {silence.calls} calls" if silence.calls > 1 else "the first call"
    return f"{silence.model}: no answer to {calls} for {silence.seconds:.0f} s; it may be slow, or still loading"


def _told(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


@contextmanager
def waits_told(job: "Job", told: Lines | Countdown | None = None) -> Iterator[None]:
    """Waits for models are told, in lines where nothing else is given; and in the end, what may be paid for in vain."""
    if not job.access:
        yield
        return
    job.access.tell = lambda line: click.echo(f"agenther: {line}", err=True)
    told = told or Lines(partial(click.echo, err=True))
    job.access.tell_wait, job.access.tell_silence = told.tell, told.silent
    try:
        yield
    finally:
        purse = job.access.purse
        if purse.cut:
            each = "nothing" if purse.cap is None else "the most that it can cost"
            cut = f"{purse.cut} calls were cut off at --timeout, and the provider may bill them all the same"
            click.echo(f"agenther: {cut}; here each counts as {each}", err=True)
