"""What models were asked, and what it cost: by run, by model and stage, and in all.

A run's entries hold what its answers cost when they were given, be it now or long ago. So a ledger is a property of
the results, and comes out the same however often the work was interrupted.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from agenther.records import Record, Spent
from agenther.tally.counts import Table

_COUNTED = ("calls", "retries", "uncounted", "prompt", "cached", "completion")
_bill: ContextVar["Bill | None"] = ContextVar("bill", default=None)


@dataclass
class Bill:
    """What is asked of models on behalf of one run."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    usd: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def entries(self, run_id: str) -> tuple[Spent, ...]:
        """One for each stage and model, by name: judges who are asked together answer in any order."""
        return tuple(
            Spent(
                run_id=run_id,
                stage=stage,
                model=model,
                usd=_rounded(self.usd[stage, model]),
                **{name: counts[name] for name in _COUNTED},
            )
            for (stage, model), counts in sorted(self.counts.items())
        )

    def charge(self) -> None:
        """Writes it all on the bill of the run that is in work, if there is one."""
        for (stage, model), counts in self.counts.items():
            charge(stage, model, self.usd[stage, model], **counts)


@contextmanager
def billed() -> Iterator[Bill]:
    """The bill on which `charge` writes down whatever is asked inside the block."""
    bill = Bill()
    token = _bill.set(bill)
    try:
        yield bill
    finally:
        _bill.reset(token)


def charge(stage: str, model: str, usd: float | None, **counts: int) -> None:
    """Writes an answer on the bill of the run that is in work, if there is one. `usd` None: the price is not known."""
    if bill := _bill.get():
        bill.counts.setdefault((stage, model), Counter()).update(counts)
        bill.usd[stage, model] = _sum(bill.usd.get((stage, model), 0.0), usd)


def total(amounts: Iterable[float | None]) -> float | None:
    """Of which nothing is known when a part is not."""
    usd: float | None = 0.0
    for amount in amounts:
        usd = _sum(usd, amount)
    return _rounded(usd)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _rounded(usd: float | None) -> float | None:
    """Without the rest that the order of a sum leaves."""
    return None if usd is None else round(usd, 9)


class Account(Record):
    """All calls of one stage to one model."""

    stage: str
    model: str
    calls: int
    retries: int
    uncounted: int
    prompt: int
    cached: int
    completion: int
    usd: float | None
    """What they cost when they were asked; None when a price was not known."""


class Ledger(Record):
    """What the results in a run folder cost."""

    accounts: tuple[Account, ...]
    usd: float | None
    """All of it; None when a price is not known."""
    usd_per_sample: float | None


class Books:
    """Adds up entries as they come."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Counter[str]] = {}
        self.usd: dict[tuple[str, str], float | None] = {}

    def add(self, spent: Spent) -> None:
        which = spent.model, spent.stage
        self.counts.setdefault(which, Counter()).update({name: getattr(spent, name) for name in _COUNTED})
        self.usd[which] = _sum(self.usd.get(which, 0.0), spent.usd)

    def ledger(self, samples: int) -> Ledger | None:
        """None when no model was asked."""
        if not self.counts:
            return None
        accounts = tuple(self._account(*which) for which in sorted(self.counts))
        usd = total(self.usd.values())
        each = round(usd / samples, 9) if usd is not None and samples else None
        return Ledger(accounts=accounts, usd=usd, usd_per_sample=each)

    def _account(self, model: str, stage: str) -> Account:
        counts = {name: self.counts[model, stage][name] for name in _COUNTED}
        return Account(stage=stage, model=model, usd=_rounded(self.usd[model, stage]), **counts)


def cell(usd: float | None, *, is_free: bool) -> str:
    """An amount, to look at. `is_free`: the model is one's own."""
    return "not known" if usd is None else "0 (local)" if is_free and not usd else f"{usd:.4f}"


def table(ledger: Ledger, free: Container[str] = ()) -> Table:
    """The accounts, to look at. Models in `free` are asked at local endpoints, for nothing."""
    rows = tuple(
        (
            account.model,
            account.stage,
            *(f"{number:,}" for number in (account.calls, account.retries, account.uncounted)),
            *(f"{number:,}" for number in (account.prompt, account.cached, account.completion)),
            cell(account.usd, is_free=account.model in free),
        )
        for account in ledger.accounts
    )
    return Table("Models", ("model", "stage", "calls", "retries", "guessed", "prompt", "cached", "answer", "USD"), rows)


def in_words(ledger: Ledger, *, now: float | None, calls: int) -> str:
    """All of it in one line: what the results cost, and what of that this start asked and paid, if that is known."""
    asked = sum(account.calls for account in ledger.accounts)
    each = f", {ledger.usd_per_sample:.4f} for each sample" if ledger.usd_per_sample is not None else ""
    cost = "of unknown cost" if ledger.usd is None else f"for {ledger.usd:.4f} USD{each}"
    paid = "the cost is not known" if calls and now is None else f"for {now or 0:.4f} USD"
    return f"{asked} answers {cost}; {calls} were asked for now, {paid}"
