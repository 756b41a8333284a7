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
    from agenther.llm.layers.patience import Wait

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

    def __call__(self, wait: "Wait") -> None:
        now, kind = time.monotonic(), (wait.model, wait.status)
        quiet, until = self.told.get(kind, (now, now))
        ends = now + wait.seconds
        if now < quiet and ends <= until + LONGER:
            return
        self.told[kind] = now + AGAIN, ends
        silent = f"no answer for {wait.silent:.0f} s, " if wait.silent >= 1 else ""
        limit = f"({silent}--patience {wait.most:g})"
        self.say(f"agenther: {wait.model}: {wait.why}; asked again in {_told(wait.seconds)} {limit}")


class Countdown:
    """A line under a bar that says what is waited for, and how long still."""

    def __init__(self) -> None:
        self.wait: Wait | None = None
        self.until = 0.0

    def tell(self, wait: "Wait") -> None:
        if (ends := time.monotonic() + wait.seconds) > self.until:
            self.wait, self.until = wait, ends

    def __rich__(self) -> Text:
        left = self.until - time.monotonic()
        said = f"waiting {_told(left)} for {self.wait.model}: {self.wait.why}" if self.wait and left > 0 else ""
        return Text(said, "yellow", no_wrap=True, overflow="ellipsis")


def _told(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


@contextmanager
def waits_told(job: "Job", tell: "Callable[[Wait], None] | None" = None) -> Iterator[None]:
    """Waits for models are told, in lines where nothing else is given; and in the end, what may be paid for in vain."""
    if not job.access:
        yield
        return
    job.access.tell = lambda line: click.echo(f"agenther: {line}", err=True)
    job.access.tell_wait = tell or Lines(partial(click.echo, err=True))
    try:
        yield
    finally:
        purse = job.access.purse
        if purse.cut:
            each = "nothing" if purse.cap is None else "the most that it can cost"
            told = f"{purse.cut} calls were cut off at --timeout, and the provider may bill them all the same"
            click.echo(f"agenther: {told}; here each counts as {each}", err=True)
