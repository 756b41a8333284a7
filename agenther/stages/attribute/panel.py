"""Attribution by several models and by rules, decided by majority. One model that agrees with itself is no evidence, so
each is heard once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agenther.errors import AnswerError
from agenther.ladder import PANEL
from agenther.records import Attribution, Suspect, Tag, Trajectory
from agenther.stages.attribute import rules
from agenther.stages.attribute.believed import MOST
from agenther.stages.attribute.by_model import ByModel
from agenther.together import together


@dataclass(frozen=True)
class Panel:
    """Models that look for the decisive step, each by itself, in one call."""

    members: tuple[ByModel, ...]

    async def attribute(self, trajectory: Trajectory) -> Attribution:
        """What most of them say, of those that gave an answer. Raises AnswerError where none did."""
        failed: list[AnswerError] = []
        tried = await together([_tried(member, trajectory, failed) for member in self.members])
        said = [one for one in tried if one]
        if not said:
            raise min(failed, key=str)
        return decided(trajectory, said, await rules.attribute(trajectory))


async def _tried(member: ByModel, trajectory: Trajectory, failed: list[AnswerError]) -> Attribution | None:
    try:
        return await member.attribute(trajectory)
    except AnswerError as error:
        failed.append(error)
        return None


def decided(trajectory: Trajectory, said: Sequence[Attribution], by_rules: Attribution) -> Attribution:
    """The step that most name first; among equals, the one that weighs most with all of them.

    All that a step weighs together counts as much as one vote.
    """
    heard = [*said, by_rules]
    votes = Counter(one.step for one in heard)
    named = [suspect for one in heard for suspect in one.suspects]
    words: dict[int, Suspect] = {suspect.step: suspect for suspect in reversed(named)}

    def weight(step: int) -> float:
        mean = sum(suspect.weight for suspect in named if suspect.step == step) / len(heard)
        return round((votes[step] + mean) / (len(heard) + 1), 4)

    likeliest = sorted(words, key=weight, reverse=True)[:MOST]
    return Attribution(
        run_id=trajectory.id,
        suspects=tuple(words[step].model_copy(update={"weight": weight(step)}) for step in likeliest),
        party=Counter(one.party for one in said).most_common(1)[0][0],
        tags=_tags(trajectory, said),
        method=PANEL,
        with_answer=any(one.with_answer for one in said),
        unshown=max(one.unshown for one in said),
        by=", ".join([*(one.by for one in said), by_rules.by]),
    )


def _tags(trajectory: Trajectory, said: Sequence[Attribution]) -> tuple[Tag, ...]:
    """Of each step what most models say; between equals, what the first of them does."""
    return tuple(Counter(one.tags[step.n - 1] for one in said).most_common(1)[0][0] for step in trajectory.steps)
