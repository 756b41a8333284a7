"""What was found out about runs and about methods, for people and for other programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from agenther.attribution.alone import Looked
from agenther.attribution.evaluate import Evaluation, Score, evaluation
from agenther.records import Attribution, Rejection
from agenther.stages.attribute.rules import FITTED_ON, METHOD
from agenther.tally.counts import Table
from agenther.tally.shares import Share

MOST = 20
"""Runs of which each is told."""
SHARES = {"agent": "agent", "step": "step", "top2": "first two", "off_by_1": "within 1", "off_by_3": "within 3"}
"""Columns of a score, by their fields."""


def as_object(found: Looked | Rejection) -> dict[str, object]:
    """What a run came to."""
    if isinstance(found, Rejection):
        return {"kind": "rejected", **found.model_dump(mode="json")}
    if found.rejection:
        return as_object(found.rejection)
    where = {"path": found.source.path, "line": found.source.line, "key": found.source.key, "steps": found.steps}
    made = found.attribution.model_dump(mode="json") if found.attribution else {"run_id": found.run_id}
    return {"kind": "attribution", **where, **made}


def as_objects(found: Evaluation) -> Iterator[dict[str, object]]:
    """What methods are worth."""
    took = {one.method: one.model_dump(exclude={"method"}) for one in found.took}
    yield {"kind": "evaluation", **found.model_dump(include={"runs", "tasks"})}
    for score in found.scores:
        shares = {name: _share(getattr(score, name)) for name in SHARES}
        lengths = {name: _share(share) for name, share in score.by_length.items()}
        above = {"over_prior": score.over_prior} if score.over_prior else {}
        told = {**shares, **above, "by_length": lengths, **took.get(score.method, {})}
        yield {"kind": "score", "method": score.method, **told}
    for pair, share in found.agreement.items():
        yield {"kind": "agreement", "methods": pair, **_share(share)}
    for run, why in found.unusable:
        yield {"kind": "unusable-label", "run": run, "why": why}


def _share(share: Share) -> dict[str, float]:
    low, high = (round(bound, 4) for bound in share.interval)
    return {"part": share.part, "of": share.of, "low": low, "high": high}


def evaluated(found: Evaluation) -> Iterator[Table]:
    """What methods are worth."""
    title = f"Decisive steps of {found.runs} labelled runs of {found.tasks} tasks, with 95 % intervals"
    yield Table(title, ("method", *SHARES.values(), "over the prior"), tuple(map(_row, found.scores)))
    lengths = list(dict.fromkeys(name for one in found.scores for name in one.by_length))
    rows = tuple(
        (one.method, *(_cell(one.by_length[name]) for name in lengths)) for one in found.scores if one.by_length
    )
    yield Table("Exact steps, by how many steps a run has", ("method", *lengths), rows)
    agree = tuple((pair, _cell(share)) for pair, share in found.agreement.items())
    yield Table("How often two methods name the same step", ("methods", "agree"), agree)
    took = tuple(
        (one.method, f"{one.calls:.1f}", "not known" if one.usd is None else f"{one.usd:.5f}", str(one.cut))
        for one in found.took
    )
    yield Table("What a run took, on the mean", ("method", "calls", "USD", "runs not shown whole"), took)
    yield Table("Labels that do not fit their runs", ("run", "why"), found.unusable)


def _row(score: Score) -> tuple[str, ...]:
    above = " to ".join(f"{100 * part:+.0f}" for part in score.over_prior[1:]) if score.over_prior else ""
    return (score.method, *(_cell(getattr(score, name)) for name in SHARES), above)


def _cell(share: Share) -> str:
    """Narrower than a share tells itself."""
    low, high = share.interval
    return f"{share.part}/{share.of}, {100 * low:.0f}–{100 * high:.0f} %" if share.of else "none"


def found_out(method: str, looked: Sequence[Looked | Rejection]) -> Iterator[Table]:
    """Who made the runs fail, and when."""
    told = [(one, one.attribution) for one in looked if isinstance(one, Looked) and one.attribution]
    title = f"Decisive steps, by {method}" + (f": the first {MOST} of {len(told)}" if len(told) > MOST else "")
    rows = tuple(_told(*pair) for pair in told[:MOST])
    yield Table(title, ("run", "step", "of", "likely", "agent", "why"), rows)
    agents = Counter(made.agent or made.party for _, made in told if made.suspects)
    counted = tuple((name, str(runs)) for name, runs in agents.most_common(MOST))
    yield Table(f"Who made them fail, by {method}", ("agent", "runs"), counted)


def _told(one: Looked, made: Attribution) -> tuple[str, ...]:
    if not made.suspects:
        return one.run_id, "-", str(one.steps), "-", "-", "nothing tells"
    first = made.suspects[0]
    likely = f"{first.weight:.0%}"
    return one.run_id, str(first.step), str(one.steps), likely, first.agent or made.party, first.reason


def in_short(looked: Sequence[Looked | Rejection]) -> str:
    """All that was read, in one line."""
    rejections = [rejection for one in looked if (rejection := rejected(one))]
    counted = Counter(one.reason for one in rejections).most_common()
    told = f" ({', '.join(f'{runs} {reason}' for reason, runs in counted)})" if counted else ""
    return f"{len(looked) - len(rejections)} runs attributed, {len(rejections)} rejected{told}"


def rejected(one: Looked | Rejection) -> Rejection | None:
    """Why it has no attribution."""
    return one if isinstance(one, Rejection) else one.rejection


def compared(by_method: Mapping[str, Sequence[Looked | Rejection]]) -> Evaluation:
    """What the methods are worth, on the runs of which people say who erred."""
    looked = {method: [one for one in found if isinstance(one, Looked)] for method, found in by_method.items()}
    labels = [one.label for one in next(iter(looked.values()), []) if one.label]
    in_sample = any(one.truth and one.truth.benchmark in FITTED_ON for one in labels)

    def name(method: str) -> str:
        return f"{method} (fitted on these)" if in_sample and method == METHOD else method

    return evaluation(
        labels,
        {name(one): {run.run_id: run.attribution for run in runs if run.attribution} for one, runs in looked.items()},
        {name(one): [entry for run in runs for entry in run.spent] for one, runs in looked.items()},
    )
