"""From WebArena's blocks, one for each page seen and act taken, to a Trajectory; for both of its formats.

A block holds the page *before* its act. So a step's observation is the page of the next block, and
what the last act led to was never written down.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agenther.readers import build
from agenther.readers.json_text import clean as without_surrogates
from agenther.readers.values import text
from agenther.readers.webarena.actions import TOOLS, predicted, rendered, thought
from agenther.readers.webarena.scoring import clean, score
from agenther.readers.webarena.side_files import Records
from agenther.records import Action, Ending, Label, Source, Step, Trajectory

SYNTHETIC = {
    "Early stop: Failed to parse": Ending.PARSE_FAILURE,
    "Early stop: Same ": Ending.REPEATED,
    "Early stop: Reach max steps": Ending.STEP_LIMIT,
    "Early stop: ": Ending.UNKNOWN,
    "ERROR: ": Ending.CRASHED,
}
"""Answers that the harness gives when it ends a run, by their first words."""
NO_SUCH_ELEMENT = "Attempt to perfom "
"""How the harness begins to tell, in its own spelling, that an element is not on the page."""
UNPARSED = "No action could be read from the agent's output."
VISUAL_KEYS = frozenset({"image", "visual_difficulty", "reasoning_difficulty", "overall_difficulty"})


class Block(NamedTuple):
    """One page and, unless the log ends there, what the agent did on it."""

    url: str
    page: str
    before: str = ""
    """What the harness told the agent about its act before this one."""
    output: str | None = None
    """The model's text. A last block with neither this nor `act` is no step, only what the step before led to."""
    act: str | None = None
    """The parsed action as rendered."""


class Task(NamedTuple):
    """What a log tells about the task. `fields` holds its config."""

    id: str
    fields: Mapping[str, Any]
    template: str
    check: Any
    """The `eval` object."""

    @property
    def is_visual(self) -> bool:
        return not VISUAL_KEYS.isdisjoint(self.fields)

    @property
    def domain(self) -> str:
        sites = self.fields.get("sites")
        return without_surrogates("+".join(map(str, sites)) if isinstance(sites, list) else str(sites or ""))


def run(source: Source, task: Task, blocks: Sequence[Block], records: Records, *, cut: bool = False) -> Trajectory:
    """The run, labelled by the records or, if they are silent, by offline scoring.

    `cut`: the log breaks off, so that the absence of an ending tells nothing. Raises ReadError without a goal.
    """
    is_open = bool(blocks) and blocks[-1].act is None and blocks[-1].output is None
    acted = blocks[:-1] if is_open else blocks
    steps = [_step(n, block, blocks[n] if n < len(blocks) else None) for n, block in enumerate(acted, 1)]
    stop = str(steps[-1].action.arguments.get("answer", "")) if steps and steps[-1].final else None
    ending = Ending.UNKNOWN if cut and stop is None else _ending(stop)
    is_own = ending in {Ending.ANSWERED, Ending.GAVE_UP}
    reason = None if is_own else stop or (records.errors.get(task.id) if ending is Ending.CRASHED else None)
    benchmark = "visualwebarena" if task.is_visual else "webarena"
    goal = text(task.fields.get("intent"))
    return build.run(
        source,
        steps,
        stop if is_own else None,
        goal=goal,
        task_id=task.id,
        benchmark=benchmark,
        domain=task.domain,
        template=f"{benchmark}/{task.template}",
        tools=TOOLS,
        start=blocks[0].page if blocks else None,
        ending=ending,
        label=_label(task, records, acted, ending, stop),
        failure_reason=reason,
        flags=("truncated",) * cut + ("goal-has-placeholder",) * ("{{" in goal),
    )


def _step(n: int, block: Block, after: Block | None) -> Step:
    act = rendered(block.act, block.page) if block.act is not None else predicted(block.output or "", block.page)
    failed = act.name == "none"
    return Step(
        n=n,
        turn=n,
        # an output that is no action is kept whole: there is no telling which part of it was meant as one
        thought=(block.output or "").strip() or None if failed else thought(block.output or ""),
        action=act,
        observation=after.page if after else None,
        error=_error(act, after.before if after else ""),
        url=block.url or None,
        final=act.name == "stop",
    )


def _error(act: Action, told: str) -> str | None:
    if act.name == "none":
        _, quoted, reason = told.rpartition('". ')  # behind the agent's output, quoted
        return reason.strip() if quoted else UNPARSED
    return told if told.startswith(NO_SUCH_ELEMENT) else None


def _ending(stop: str | None) -> Ending:
    """How a run with this last answer ended; None is a run that never stopped."""
    if stop is None:
        return Ending.CRASHED
    for words, ending in SYNTHETIC.items():
        if stop.startswith(words):
            return ending
    return Ending.GAVE_UP if clean(stop) == "n/a" else Ending.ANSWERED


def _label(task: Task, records: Records, acted: Sequence[Block], ending: Ending, stop: str | None) -> Label:
    if (passed := records.passed.get(task.id)) is not None:
        return Label(success=passed, source="log", score=float(passed))
    if ending in {Ending.ANSWERED, Ending.GAVE_UP}:
        # an error on record is an evaluator's, or an earlier attempt's: this run came to its end
        return score(task.check, stop, acted[-1].url, visual=task.is_visual)
    if stop is not None:
        return score(task.check, None, acted[-1].url, visual=task.is_visual)
    if ending is Ending.UNKNOWN:
        return Label()  # the rest of the log is missing
    if task.id in records.errors:
        return Label(success=False, source="error-log", score=0)
    return score(task.check, None, None) if acted else Label(success=False, source="no answer", score=0)
