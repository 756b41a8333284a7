"""True goals in free wording, written by hand for invented runs: what the mechanical judge must not refuse.

Each file of `cases/probe` is a list of runs. A step is (tool, arguments, observation), a claim (text, step, quote).
"""

import json
from collections.abc import Iterator
from pathlib import Path

from builders import a_sample

from agenther.records import Evidence, Label, Sample, Source, Step, Trajectory

CASES = Path(__file__).parent / "cases" / "probe"


def samples() -> Iterator[tuple[Sample, Trajectory]]:
    for path in sorted(CASES.glob("*.json")):
        for number, run in enumerate(json.loads(path.read_text("utf-8"))):
            for goal in run["goals"]:
                trajectory = a_trajectory(f"{path.stem}-{number}", run, set(goal.get("skip", ())))
                yield sample(trajectory, goal), trajectory


def a_trajectory(name: str, run: dict, skipped: set[int]) -> Trajectory:
    """The run; of the steps in `skipped` nothing but their place is left, as in a run that did not take them."""
    return Trajectory(
        id=name,
        source=Source(format="openai-chat", path=f"{name}.jsonl"),
        goal=run["original_goal"],
        system=run.get("system"),
        start=run.get("start"),
        steps=tuple(
            Step(n=n, turn=n, action={"name": tool, "arguments": given}, observation=seen, final=n in skipped)
            for n, (tool, given, seen) in enumerate(run["steps"], 1)
        ),
        label=Label(success=False, source="log"),
    )


def sample(trajectory: Trajectory, goal: dict) -> Sample:
    claims = tuple(Evidence(text=text, step=step, quote=quote) for text, step, quote in goal["claims"])
    end = max(*goal["relevant"], *(claim.step for claim in claims))
    return a_sample(
        id=f"{trajectory.id}.{goal['goal']}",
        run_id=trajectory.id,
        goal=goal["goal"],
        original_goal=trajectory.goal,
        system=trajectory.system,
        start=trajectory.start,
        steps=trajectory.steps[:end],
        relevant_steps=tuple(goal["relevant"]),
        answer=goal["answer"],
        claims=claims,
    )
