"""What a model says went wrong in a failed run, and what of it is believed.

A model reads a log, and whoever wrote the log would like to speak through it. So it writes no lesson: it chooses one of
our sentences and names a tool or an argument in it, which have to be the agent's own. What it says is held against the
run, word by word where it quotes, and by what the log itself shows of the calls.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agenther.errors import AnswerError
from agenther.evidence import place
from agenther.evidence.changes import is_change
from agenther.ladder import ASK_LESSON
from agenther.lessons.changes import RESULT, Change, How
from agenther.lessons.errors import error
from agenther.lessons.known import TASK, USER, Known
from agenther.lessons.occasion import Occasion, cited, is_call, is_few, tool, values
from agenther.lessons.pages import page, site
from agenther.lessons.records import Cited, Kind, Signature, Why
from agenther.lessons.shapes import leaves
from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidEvidence, SaidLesson, SaidLessons
from agenther.prompt import OPENING, Prompts
from agenther.records import Attribution, Evidence, Step, Trajectory

SHOWN = 3
"""Quotes of a run, at most, that show what went wrong, and what was right."""
SOURCES = {"": "", "task": TASK, "user": USER, "result": RESULT}
WITHOUT_TOOL = frozenset({How.STOPPED, How.CLAIMED})


Said = tuple[SaidLesson, ...] | None
"""What a model says of a run; None where it gave no answer that could be used."""


@dataclass(frozen=True)
class Teller:
    """A model that is asked what others may learn from a failed run."""

    model: Model
    prompts: Prompts

    async def tell(self, run: Trajectory, attribution: Attribution) -> Said:
        """Raises ModelError as every call does."""
        suspects = [{"step": one.step, "reason": one.reason} for one in attribution.suspects]
        about = {"goal": run.goal, "goal_seen": run.goal_seen, "answer": run.answer, "suspects": suspects}
        try:
            said = await put(self.model, self.prompts, run, Question(ASK_LESSON.question, about), SaidLessons)
        except AnswerError:
            return None
        return said.lessons

    @property
    def fingerprints(self) -> dict[str, str]:
        return {name: self.prompts.fingerprints[name] for name in (OPENING, ASK_LESSON.question)}


class Told:
    """What was said of all runs so far, counted."""

    def __init__(self) -> None:
        self.said = self.unanswered = 0
        self.refused: Counter[str] = Counter()

    def of(self, run: Trajectory, said: Said) -> list[Occasion]:
        """What of it is believed."""
        self.said += len(said or ())
        self.unanswered += said is None
        return list(believed(run, said, self.refused)) if said else []

    def counts(self) -> dict[str, object]:
        """As `Counts` has them."""
        return {"told": self.said, "refused": dict(sorted(self.refused.items())), "unanswered": self.unanswered}


def believed(run: Trajectory, said: Iterable[SaidLesson], refused: Counter[str]) -> Iterator[Occasion]:
    """Of each kind of mistake one, as far as the run bears it out; why others do not count is added to `refused`."""
    known, seen = Known(run), set[Change]()
    for one in said:
        found = _occasion(known, one)
        if isinstance(found, Why):
            refused[found] += 1
        elif found.changes[0] in seen:
            refused[Why.MERGED] += 1
        else:
            seen.add(found.changes[0])
            yield found


def _occasion(known: Known, said: SaidLesson) -> Occasion | Why:
    failures = _shown(known, said.failures, "what went wrong")
    step = known.run.steps[failures[0].step - 1] if failures else None
    if step is None:
        return Why.UNPROVED
    how = How(said.fault)
    change = Change(how=how, source=SOURCES[said.source] if how == How.MISGIVEN else "")
    if how not in WITHOUT_TOOL:
        checked = _checked(known, step, said, change)
        if isinstance(checked, Why):
            return checked
        change = checked
    name = "" if how in WITHOUT_TOOL else tool(step.action.name, known)
    why, where = error(step, values(step)), page(step)
    signature = Signature(
        kind=Kind.TOLD,
        tool=name,
        error=why.key if why and name else "",
        site=site(where.site, known) if where and name else "",
    )
    successes = _shown(known, said.successes, "what would have been right")
    return Occasion(signature, (change,), "", failures, successes, step.agent, step.at)


def _checked(known: Known, step: Step, said: SaidLesson, change: Change) -> Change | Why:
    """With the names that it is about; why it is refused, where the log does not bear it out."""
    name = step.action.name
    if not is_call(step):
        return Why.UNPROVED
    match change.how:
        case How.MISGIVEN:
            return _argument(known, step, said.argument, change)
        case How.SKIPPED | How.UNFIT:
            return _needed(known, step, said.needed, change)
        case How.UNASKED if not is_change(name):
            return Why.UNPROVED
        case _:
            return change


def _argument(known: Known, step: Step, name: str, change: Change) -> Change | Why:
    """Of an argument that the call has."""
    paths = {path.replace("[]", ""): path for path in leaves(step.action.arguments)}
    if name not in paths:
        return Why.UNPROVED
    return change.model_copy(update={"path": name}) if known.may_tell(name) else Why.QUOTES


def _needed(known: Known, step: Step, name: str, change: Change) -> Change | Why:
    """Of a tool that the agent has. None is recommended that changes something in the place of one that does not."""
    calls = [one for one in known.run.steps if is_call(one)]
    if name == step.action.name or name not in known.tools | {one.action.name for one in calls}:
        return Why.UNPROVED
    if change.how == How.SKIPPED and any(one.action.name == name and one.n < step.n for one in calls):
        return Why.UNPROVED
    if not known.may_tell(name):
        return Why.QUOTES
    may_change = change.how == How.UNFIT and is_change(step.action.name)
    return change.model_copy(update={"after": name}) if may_change or not is_change(name) else Why.ORDERS


def _shown(known: Known, said: Iterable[SaidEvidence], text: str) -> tuple[Cited, ...]:
    """Those that stand in the run. Of a long quote nothing is kept but a few words that tell nobody to do anything."""
    found = []
    for one in said:
        stands = one.step > 0 and place(known.run, Evidence(text="", step=one.step, quote=one.quote))
        if stands:
            step, words = known.run.steps[one.step - 1], stands.quote
            found.append(cited(known, step, text, words if is_few(words) else ""))
    return tuple(one for one in found if one.quote)[:SHOWN]
