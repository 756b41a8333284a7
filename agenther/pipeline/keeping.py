"""What of a failed run is learned under its own goal (SRFT, arXiv 2605.10674): what came before the decisive step and,
where the agent recovered, what came after it. Mistakes stay in sight and carry no loss; no step carries any that a
model did not confirm.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

from agenther.judges.sound import StepJudge, mechanical
from agenther.pipeline.gate import passes
from agenther.records import Attribution, Diagnosis, Kept, Soundness, Tag, Trajectory, Verdict
from agenther.settings import Settings
from agenther.together import together

SOUND = frozenset({Tag.GOOD, Tag.RECOVERY})


async def keep(
    trajectory: Trajectory,
    diagnosis: Diagnosis,
    attribution: Attribution,
    judges: Mapping[str, StepJudge],
    settings: Settings,
) -> Kept:
    """The steps that are learned, each with what was said of it, or why there are none."""
    made = Kept(run_id=trajectory.id, failure_type=diagnosis.failure_type)
    if why := _beforehand(trajectory, attribution, judges):
        return made.model_copy(update={"why": why})
    proven = {n: mechanical(trajectory, trajectory.steps[n - 1]) for n in candidates(trajectory, attribution)}
    asked = tuple(n for n, verdict in proven.items() if verdict.valid)
    said = await together([ask(trajectory, asked) for ask in judges.values()]) if asked else []
    verdicts = {n: (one, *_of_step(n, said, judges)) if n in asked else (one,) for n, one in proven.items()}
    sound = {n for n, found in verdicts.items() if _is_confirmed(found, settings)}
    whole = _in_whole_turns(trajectory, sound)
    steps = tuple(Soundness(step=n, verdicts=found, trained=n in whole) for n, found in verdicts.items())
    why = "" if whole else "no step is confirmed" if verdicts else "no step before the decisive one could be learned"
    return made.model_copy(update={"steps": steps, "why": why})


def candidates(trajectory: Trajectory, attribution: Attribution) -> Iterator[int]:
    """The steps that may be learned: before the decisive one and, where the agent recovered after it, all others that
    are good. Where nothing tells which are, those before it. A failed run's closing act is never among them.
    """
    decisive = attribution.step
    if decisive is None:
        return
    tags = dict(enumerate(attribution.tags, 1))
    recovered = any(tag is Tag.RECOVERY for n, tag in tags.items() if n > decisive)
    for step in trajectory.steps if recovered else trajectory.steps[: decisive - 1]:
        if step.n != decisive and not step.final and tags.get(step.n, Tag.GOOD) in SOUND:
            yield step.n


def _beforehand(trajectory: Trajectory, attribution: Attribution, judges: Mapping[str, StepJudge]) -> str:
    """Why nobody need be asked."""
    if not judges:
        return "no model judges, and nothing is kept unjudged"
    if attribution.step is None:
        return "nothing tells which step was decisive"
    if trajectory.lacks_results:
        return "results were set aside, of which nothing tells whose they are"
    if not (trajectory.opening if trajectory.is_dialogue else trajectory.goal_seen):
        return "the agent never saw what it was asked for"
    return ""


def _of_step(n: int, said: list[dict[int, Verdict]], judges: Mapping[str, StepJudge]) -> Iterator[Verdict]:
    """What each judge said of it."""
    for name, answers in zip(judges, said, strict=True):
        yield answers.get(n) or Verdict(judge=name, valid=False, confidence=0, reason="it said nothing of the step")


def _is_confirmed(verdicts: tuple[Verdict, ...], settings: Settings) -> bool:
    """By the mechanical judge, and by as many models as have to consent; without any model it is not."""
    first, *models = verdicts
    return bool(models) and passes([first.valid, *map(settings.consents, models)], settings)


def _in_whole_turns(trajectory: Trajectory, sound: set[int]) -> frozenset[int]:
    """Those of the steps whose message holds no other: it is learned whole, or not at all."""
    turns = ([step.n for step in steps] for _, steps in groupby(trajectory.steps, key=lambda step: step.turn))
    return frozenset(n for turn in turns if sound.issuperset(turn) for n in turn)
