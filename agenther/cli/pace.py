"""How far the work of models is: answers, money, how fast they come and how long it may take still."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agenther.jobs.estimate import Estimate
    from agenther.jobs.job import Progress
    from agenther.llm.access import Access

ENOUGH = 10
"""Runs that were done, from which can be told how many answers the others will take; and answers, how long that is."""


@dataclass(frozen=True)
class Pace:
    """Of the models of one run, of which so much is expected."""

    access: "Access"
    expected: "Estimate | None" = None

    def told(self, progress: "Progress") -> str:
        """37 answers, 0.0123 USD, 41 tokens a second, about 12 min left. Empty before the first answer."""
        meter, usd = self.access.meter, self.access.paid_now
        if not meter.answers:
            return ""
        is_free = self.access.free >= self.access.asked
        parts = [f"{meter.answers} answer{'s' if meter.answers > 1 else ''}"]
        parts += [f"{usd:.4f} USD"] if usd is not None and not is_free else []
        parts += [f"{meter.a_second(meter.tokens):.0f} tokens a second"] if meter.asked else []
        left = self.left(progress)
        parts += [f"about {duration(left)} left"] if left is not None else []
        return ", ".join(parts)

    def left(self, progress: "Progress") -> float | None:
        """Seconds, about; None while too little is known."""
        meter = self.access.meter
        if not self.expected or not self.expected.runs or meter.asked < ENOUGH or self.access.waves:
            return None
        each = sum(item.calls for item in self.expected.items) / self.expected.runs
        if progress.settled >= ENOUGH:
            each = progress.calls / progress.settled
        under_way = meter.answers - progress.calls
        answers = max(self.expected.runs - progress.settled, 0) * each - under_way
        return max(answers, 1) / meter.a_second(meter.asked)


def duration(seconds: float) -> str:
    """40 s, 12 min or 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
