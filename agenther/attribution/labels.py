"""What people say of who made a run fail, and when; and why that cannot be used where it does not fit the run."""

from typing import NamedTuple

from agenther.records import Source, Trajectory


class Truth(NamedTuple):
    """What people say of a run."""

    run_id: str
    task: str
    benchmark: str
    step: int
    """The number of the step to which the message belongs that they name: the act in it, or what came back of it."""
    agent: str | None
    """None where they name none, or one who never acts, and where only one acts at all."""
    agents: tuple[str, ...]
    """Who acted at each step."""

    @property
    def steps(self) -> int:
        return len(self.agents)


class Label(NamedTuple):
    """Of a run that people have read."""

    source: Source
    truth: Truth | None
    unusable: str = ""
    """Why it cannot be used, or its agent cannot."""


def label(run: Trajectory) -> Label | None:
    """What people say of the run, as far as it fits it; None where they say nothing."""
    if run.blame is None:
        return None
    if why := _misfit(run):
        return Label(run.source, None, why)
    before = [step.n for step in run.steps if step.message is not None and step.message <= (run.blame.message or 0)]
    agents = tuple(step.agent for step in run.steps)
    acts = run.blame.agent in agents
    truth = Truth(
        run_id=run.id,
        task=run.task_id or run.goal,
        benchmark=run.benchmark,
        step=max(before),
        agent=run.blame.agent if acts and len(set(agents)) > 1 else None,
        agents=agents,
    )
    never = f"it names {run.blame.agent}, who never acts in the run; its step is used"
    return Label(run.source, truth, "" if acts or not run.blame.agent else never)


def _misfit(run: Trajectory) -> str:
    """Why the step cannot be told, in a few words; "" where it can."""
    assert run.blame is not None
    named = run.blame.message
    places = [step.message for step in run.steps if step.message is not None]
    if run.label.success:
        return f"the log says that the run met its goal ({run.label.source})"
    if len(run.steps) < 2:
        return f"the run has {'one step, which is right whoever names it' if run.steps else 'no step'}"
    if named is None:
        return "it names no step"
    if not places:
        return "the log does not tell which of its messages are steps"
    if named < places[0]:
        return f"it names message {named}, and the first act is in message {places[0]}"
    last = places[-1] + (run.steps[-1].observation is not None)
    return f"it names message {named}, and the last is {last}" if named > last else ""


def where(source: Source) -> str:
    """A run's place, for people."""
    line = f":{source.line}" if source.line else ""
    return f"{source.path}{line} {source.key}".rstrip()
