"""Was a step of a failed run right when it was taken, under the goal that the run missed? The mechanical judge says
what it can tell without reading; a model says it of all steps in one call.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from agenther.errors import AnswerError
from agenther.evidence import quoted
from agenther.evidence.trouble import complains, troubles
from agenther.judges.grounded import NAME
from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidSound, SaidSoundness
from agenther.prompt import Prompts
from agenther.records import Evidence, Step, Trajectory, Verdict
from agenther.rendering.runs import thoughts
from agenther.rendering.tags import plain
from agenther.text.giving_up import gives_up

StepJudge = Callable[[Trajectory, tuple[int, ...]], Awaitable[dict[int, Verdict]]]
"""Given the steps in question; what it does not answer for is not in what it says."""


def mechanical(trajectory: Trajectory, step: Step) -> Verdict:
    """No call that failed, and no message that passes over the error before it as if all had gone well."""
    for rule, finds in (("failed", _failed), ("cites-error", _cites_error)):
        if why := finds(trajectory, step):
            return Verdict(judge=NAME, valid=False, confidence=0, rule=rule, reason=why)
    return Verdict(judge=NAME, valid=True, confidence=1)


def _failed(trajectory: Trajectory, step: Step) -> str:
    """Why its call came to nothing; a message needs no reply."""
    return troubles(trajectory).get(step.n, "") if step.says is None or step.observation else ""


def _cites_error(trajectory: Trajectory, step: Step) -> str:
    """What is told after a call that failed has to speak of that."""
    words = step.says
    before = trajectory.steps[step.n - 2] if step.n > 1 else None
    if not words or before is None or not (why := _failed(trajectory, before)):
        return ""
    return "" if gives_up(words) or complains(words) else f"it passes over the error at step {before.n}: {why}"


@dataclass(frozen=True)
class SoundJudge:
    """A model, asked about all steps of a run at once; it sees the run up to the last of them, and nothing later."""

    model: Model
    prompts: Prompts
    name: str
    """As it stands in verdicts."""

    async def __call__(self, trajectory: Trajectory, steps: tuple[int, ...]) -> dict[int, Verdict]:
        """A verdict on each step that it was asked about and answers for. Who cannot answer has confirmed nothing."""
        end = max(steps)
        values = {
            "goal": trajectory.goal,
            "goal_seen": trajectory.goal_seen,
            "thoughts": [one for one in thoughts(trajectory) if one["n"] in steps],
            "policy": trajectory.system or "",
            "opening": trajectory.opening if trajectory.is_dialogue else "",
            "steps": ", ".join(map(str, steps)),
        }
        try:
            said = await put(self.model, self.prompts, trajectory, Question("sound", values, end), SaidSoundness)
        except AnswerError as error:
            raw = error.raw.encode("utf-8", "replace").decode()
            why = f"no usable answer: {error}"
            return {end: Verdict(judge=self.name, valid=False, confidence=0, reason=why, raw=raw)}
        answers = {n: [one for one in said.steps if one.n == n] for n in steps}
        return {n: verdict(trajectory, n, found, self.name) for n, found in answers.items() if found}


def verdict(trajectory: Trajectory, n: int, said: Sequence[SaidSound], judge: str) -> Verdict:
    """Of a step, sound only if it is so each time that it is named, and each time with words that stand in it."""
    shown = [any(quoted(trajectory, one) for one in _evidence(answer)) for answer in said]
    valid = all(answer.sound for answer in said) and all(shown)
    reasons = [answer.reason for answer in said if answer.reason and not answer.sound]
    if not valid and not reasons:
        reasons = ["held to be unsound without a reason" if all(shown) else "its quote does not stand in the step"]
    return Verdict(
        judge=judge,
        valid=valid,
        confidence=min(answer.confidence for answer in said) if valid or all(shown) else 0,
        reason="" if valid else " ".join(reasons),
        claims=tuple((answer.quote, holds, n) for answer, holds in zip(said, shown, strict=True)),
    )


def _evidence(said: SaidSound) -> list[Evidence]:
    return [Evidence(text="", step=said.n, quote=quote) for quote in dict.fromkeys((said.quote, plain(said.quote)))]
