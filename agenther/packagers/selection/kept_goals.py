"""Failed runs under their own goal, as samples: their sound steps are learned, and no answer, which they did not find.

Such a sample ends with the last step that is learned. Its rows lie in datasets of their own.
"""

from collections.abc import Iterable, Iterator

from agenther.packagers.base import KEPT
from agenther.records import Kept, Sample, Trajectory, Verdict

BY = "agenther"
"""Nobody wrote a goal."""


def kept_goals(runs: Iterable[Trajectory], kept: Iterable[Kept]) -> Iterator[Sample]:
    """One of each run of which something is learned; `kept` is in the order of the runs."""
    found = (one for one in kept if one.trained)
    one = next(found, None)
    for run in runs if one else ():
        if one and one.run_id == run.id:
            yield _sample(run, one)
            one = next(found, None)


def _sample(run: Trajectory, kept: Kept) -> Sample:
    trained = [one for one in kept.steps if one.trained]
    return Sample.of_run(
        run,
        id=f"{run.id}.kept",
        goal=run.goal,
        kind=KEPT,
        start=run.start if run.goal_seen else None,
        opening=run.opening if run.is_dialogue else None,
        steps=run.steps[: max(kept.trained)],
        relevant_steps=kept.trained,
        answer="",
        answer_source="log",
        claims=(),
        rationale="",
        confidence=min(one.confidence for one in trained),
        failure_type=kept.failure_type,
        severity=0.0,
        weight=1.0,
        verdicts=tuple(map(_surest_doubt, zip(*(one.verdicts for one in trained), strict=True))),
        by=BY,
    )


def _surest_doubt(verdicts: tuple[Verdict, ...]) -> Verdict:
    """What a judge said of the step of which it was least sure."""
    return min(verdicts, key=lambda verdict: verdict.confidence)
