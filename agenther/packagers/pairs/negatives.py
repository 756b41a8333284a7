"""Preference pairs of co-evolving agents (arXiv 2511.22254, §3), under the task's own goal. Of three kinds:

    expert     an expert's run over a failure of the same task
    success    any other success over a failure of the same task
    failure    of two failures of the same task, the one whose reward is greater, where both are from one source

They are made as in `outcomes.py`. The failures that are worth most come first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from agenther.packagers.base import Batch, LeftOut, Pick, Row
from agenther.packagers.columns import NUMBER, TEXT, Columns
from agenther.packagers.pairs.fork import Pair, whole
from agenther.packagers.pairs.outcomes import NO_FORK, Side, failures, is_decisive, over_failures, successes, worth
from agenther.packagers.pairs.preferences import PAIRS_PER_TASK, is_known
from agenther.packagers.pairs.rewards import Reward, reward, why_not
from agenther.packagers.pairs.tasks import Measure, Task, is_comparable, tasks
from agenther.packagers.selection.sameness import SAME_PAIR
from agenther.records import Sample, Trajectory

HINDSIGHT = "hindsight"
EXPERT, SUCCESS, FAILURE = KINDS = ("expert", "success", "failure")
IMITATED = (0.5, 0.5)
"""λ_DPO and λ_SFT where the chosen side is to be imitated; the paper's, of experts' pairs."""
NOT_IMITATED = (1.0, 0.0)
"""Of two failures, by us: nobody should imitate one."""

NO_PROMPT = "the agent did not see its goal, or not all of its results are there"
NO_BETTER = "no run with the same prompt is a success, or has a greater reward from the same source"
SAME = "its pair prefers the same to the same as another"
ENOUGH = f"there are {PAIRS_PER_TASK} other pairs of its task and kind"
DECISIVE = "its pair parts at the decisive step"
NOT_DECISIVE = "its pair does not part at a step that is known to be decisive"

COLUMNS: Columns = {
    **dict.fromkeys("id group pair_kind band".split(), TEXT),
    **dict.fromkeys("chosen_reward rejected_reward margin lambda_dpo lambda_sft".split(), NUMBER),
    **dict.fromkeys("chosen_reward_by rejected_reward_by chosen_run_id rejected_run_id".split(), TEXT),
    **dict.fromkeys("source rejected_source label_source shown_by".split(), TEXT),
}
"""Of every pair, beside its messages."""


def pairs(batch: Batch, kinds: Sequence[str] = KINDS, *, decisive: bool | None = None) -> Iterator[Pair | LeftOut]:
    """At most `PAIRS_PER_TASK` of each kind for each prompt of several runs of a task: those at the decisive step of
    the rejected run, those elsewhere, or both. Left out is each run, but for successes, that is on no rejected side.
    """
    reasons: dict[str, str | LeftOut] = {run.id: why for run in batch.runs() if (why := _beforehand(run))}
    told: dict[str, str] = {}
    measure = Measure(partial(_rank, batch), worth)
    for held in tasks(batch, measure):
        reasons.update((miss.id, miss) for miss in held.passed if reasons.get(miss.id) == NO_BETTER)
        paired = set()
        for bad, found in _of_task(held, batch, kinds, decisive):
            name = found.columns["id"] if isinstance(found, Pair) else ""
            if isinstance(found, Pair) and (same := told.setdefault(whole(found), name)) == name:
                paired.add(bad)
                yield found
            elif isinstance(found, Pair):
                reasons[bad] = LeftOut(bad, SAME_PAIR, same)
            elif found != NO_FORK or reasons[bad] == NO_BETTER:
                reasons[bad] = found
        for run_id in paired:
            del reasons[run_id]
    yield from (it if isinstance(it, LeftOut) else LeftOut(run_id, it) for run_id, it in reasons.items())


def limited(found: Iterable[tuple[str, Pair | str]]) -> Iterator[tuple[str, Pair | str]]:
    """The first `PAIRS_PER_TASK` of them that differ in what is preferred to what; of the others why they are none."""
    made, seen = 0, set[str]()
    for name, it in found:
        why = "" if isinstance(it, str) else ENOUGH if made == PAIRS_PER_TASK else SAME if is_known(it, seen) else ""
        made += isinstance(it, Pair) and not why
        yield name, why or it


def columns(
    kind: str, chosen: Trajectory | Sample, rejected: Trajectory, rewards: tuple[Reward, Reward], shown_by: str
) -> Row:
    """Of a pair, all but its group: `rewards` are those of its sides, `shown_by` says who shows that the rejected run
    fails.
    """
    better, worse = rewards
    lambdas = NOT_IMITATED if kind == FAILURE else IMITATED
    own = chosen if isinstance(chosen, Sample) else None
    return {
        "id": f"{chosen.id}/{rejected.id}",
        "pair_kind": kind,
        "band": worse.band,
        "chosen_reward": round(better.value, 6),
        "rejected_reward": round(worse.value, 6),
        "margin": round(better.value - worse.value, 6),
        "lambda_dpo": lambdas[0],
        "lambda_sft": lambdas[1],
        "chosen_reward_by": better.by,
        "rejected_reward_by": worse.by,
        "chosen_run_id": own.run_id if own else chosen.id,
        "rejected_run_id": rejected.id,
        "source": f"{chosen.source.format}:{chosen.source.path}",
        "rejected_source": f"{rejected.source.format}:{rejected.source.path}",
        "label_source": HINDSIGHT if isinstance(chosen, Sample) else chosen.label.source,
        "shown_by": shown_by,
    }


def _beforehand(run: Trajectory) -> str:
    """Why the run is on no rejected side, until a task shows it to be; empty for a success, which need not be."""
    if run.label.success:
        return ""
    return why_not(run, reward(run)) or (NO_BETTER if is_comparable(run) else NO_PROMPT)


def _rank(batch: Batch, run: Trajectory, _picks: Sequence[Pick]) -> float:
    """A failure that can be on a rejected side is the harder a negative, the more it is worth; experts come before
    other successes.
    """
    its = reward(run)
    return float(batch.is_expert(run)) if run.label.success else its.value if its and not why_not(run, its) else -1.0


def _of_task(held: Task, batch: Batch, kinds: Sequence[str], decisive: bool | None) -> Iterator[tuple[str, Pair | str]]:
    """The id of each failure that meets a better run, with the pair, or why they make none."""
    better: defaultdict[str, list[Side]] = defaultdict(list, {FAILURE: failures(held)})
    for side in successes(held):
        better[EXPERT if batch.is_expert(side.run) else SUCCESS].append(side)
    for kind in kinds:
        found = over_failures(held, better[kind], partial(_columns, kind, held))
        yield from limited((bad.id, _asked_for(it, bad, batch, decisive)) for bad, it in found)


def _columns(kind: str, held: Task, good: Side, bad: Side) -> Row:
    row = columns(kind, good.run, bad.run, (good.reward, bad.reward), f"label: {bad.run.label.source}")
    return row | {"group": held.group}


def _asked_for(found: Pair | str, bad: Trajectory, batch: Batch, decisive: bool | None) -> Pair | str:
    """The pair, or why it is not among those asked for."""
    if isinstance(found, str) or decisive is None:
        return found
    at_decisive = is_decisive(found, bad, batch)
    return found if decisive == at_decisive else DECISIVE if at_decisive else NOT_DECISIVE
