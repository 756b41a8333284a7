"""Runs that met their own goal, as samples: demonstrations to mix with those of hindsight."""

from collections.abc import Iterable, Iterator

from agenther.records import Sample, Trajectory

KIND = "success"


def successes(runs: Iterable[Trajectory]) -> Iterator[Sample]:
    """Labelled successes whose agent saw the goal, acted, and answered.

    Dialogues have no single goal to show, and where results were set aside the answer may rest on one of those.
    """
    for run in runs:
        steps = tuple(step for step in run.steps if not step.final)
        shows = run.goal_seen and not run.is_dialogue and not run.lacks_results
        if run.label.success and shows and run.answer and steps:
            yield Sample.of_run(
                run,
                id=f"{run.id}.0",
                goal=run.goal,
                kind=KIND,
                steps=steps,
                relevant_steps=tuple(step.n for step in steps),
                answer=run.answer,
                answer_source="log",
                claims=(),
                rationale="",
                confidence=1.0,
                failure_type=None,
                severity=0.0,
                weight=1.0,
                verdicts=(),
                by=run.label.source,
            )
