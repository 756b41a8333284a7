"""Preference pairs: two runs with the same prompt, at the first decision in which they differ. Of four kinds:

    decisive   a success over a failure of the same task, at the step that made the failure fail, as far as was found
    success    a success over a failure of the same task, under the task's own goal, elsewhere
    hindsight  a run over another that misses its hindsight goal, under that goal (a hard negative)
    nearer     of two runs that both miss a hindsight goal, the one that came nearer to it

No success, and no run whose reward is that of one, is on a rejected side, whatever the goal.

Both sides have the same goal, tools and system prompt, then the same acts and the same observations. Thoughts in the
prompt are left away; those of the two decisions stay only when both were thought under the goal of the prompt. The
`band` says how near the rejected run came, the `margin` by how much it is worse.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, permutations

from agenther.packagers.base import Batch, LeftOut, Pick, Row
from agenther.packagers.columns import NUMBER, TEXT, Columns
from agenther.packagers.pairs.fork import Pair, pair_of, said, silent, whole
from agenther.packagers.pairs.outcomes import Side, is_decisive, over_failures, successes, worth
from agenther.packagers.pairs.rewards import HARD, reward, value_of
from agenther.packagers.pairs.tasks import Measure, Task, tasks
from agenther.packagers.selection.sameness import SAME_PAIR
from agenther.packagers.selection.split import task
from agenther.packagers.talk.turns import Conversation, of_run, of_sample
from agenther.records import Sample, Trajectory

DECISIVE = "decisive"
OF_OUTCOMES = (DECISIVE, "success")
"""The kinds of pairs of a success and a failure."""
PAIRS_PER_TASK = 4
"""Of each kind."""
MARGIN = 0.25
"""Least difference in the share of a goal's claims that two runs satisfy."""

NOT_SEEN = "the task has successes and failures, but not both by agents that saw its goal"
NO_PROMPT = "no success and failure of the task have the same goal, tools, system prompt and first observation"
NO_FORK = "no success and worse failure of the task differ, after the same prompt, in what no other success did"

COLUMNS: Columns = {
    **dict.fromkeys("id group pair_kind band".split(), TEXT),
    "margin": NUMBER,
    **dict.fromkeys("chosen_run_id rejected_run_id source rejected_source".split(), TEXT),
    **dict.fromkeys("label_source rejected_label_source".split(), TEXT),
}
"""Of every pair, beside its messages."""

Near = list[tuple[Pick, list[tuple[Trajectory, float]]]]
"""Each hindsight goal with the runs that share its prompt, and the share of its claims that each satisfies."""


def pairs(batch: Batch) -> Iterator[Pair | LeftOut]:
    """At most `PAIRS_PER_TASK` pairs of each kind for each prompt of several runs of a task, each pair once.

    Left out is each task with both outcomes but no pair of them, whatever the reason. Last come those.
    """
    reasons = _without_prompt(batch.runs())
    yield from once(_of_tasks(batch, reasons))
    yield from (LeftOut(name, why) for name, why in reasons.items())


def _of_tasks(batch: Batch, reasons: dict[str, str]) -> Iterator[Pair]:
    """The pairs; of the tasks with none of both outcomes, `reasons` says why."""
    measure = Measure(lambda run, _picks: -float(value_of(run) == 1 and not run.label.success), worth)
    for done in tasks(batch, measure):
        found = _of_task(done, batch)
        if any(pair.columns["pair_kind"] in OF_OUTCOMES for pair in found):
            reasons.pop(done.name, None)
        elif done.runs[True] and done.runs[False] and done.name in reasons:
            reasons[done.name] = NO_FORK
        yield from found


def _without_prompt(runs: Iterable[Trajectory]) -> dict[str, str]:
    """Tasks with both outcomes, and why they have no pair unless a prompt is found that two of them share."""
    told: defaultdict[str, set[tuple[bool, bool]]] = defaultdict(set)
    for run in runs:
        if run.label.success is not None:
            told[task(run)].add((run.label.success, run.goal_seen))
    both = {name: found for name, found in told.items() if len({success for success, _ in found}) == 2}
    return {name: NO_PROMPT if {(True, True), (False, True)} <= found else NOT_SEEN for name, found in both.items()}


# --- the four kinds ------------------------------------------------------------------------------


def _of_task(held: Task, batch: Batch) -> list[Pair]:
    near = _near(held)
    kinds = (*(_of_outcomes(held, kind, batch) for kind in OF_OUTCOMES), _of_hindsight(held, near))
    return [pair for kind in (*kinds, _of_nearness(held, near)) for pair in few(kind)]


def _of_outcomes(held: Task, kind: str, batch: Batch) -> Iterator[Pair]:
    def row(good: Side, bad: Side) -> Row:
        return _columns(kind, held, good.run, bad.run, (0.0, 1.0))

    for bad, pair in over_failures(held, successes(held), row):
        if isinstance(pair, Pair) and is_decisive(pair, bad, batch) == (kind == DECISIVE):
            yield pair


def _of_hindsight(held: Task, near: Near) -> Iterator[Pair | None]:
    """The hardest first."""
    for pick, runs in near:
        talk, own = of_sample(pick.sample), pick.sample.run_id
        if isinstance(talk, Conversation):
            for run, met in runs:
                if run.id != own and 1 - met >= MARGIN and value_of(run) != 1:
                    columns = _columns("hindsight", held, pick, run, (met, 1 - met))
                    yield pair_of(silent(talk), silent(of_run(run)), columns)


def _of_nearness(held: Task, near: Near) -> Iterator[Pair | None]:
    """Only acts are compared, since neither run's answer is one to the goal."""
    for pick, runs in near:
        talk = of_sample(pick.sample)
        others = [(run, met) for run, met in runs if run.id != pick.sample.run_id and met < 1]
        for (good, met), (bad, less) in permutations(others, 2):
            if isinstance(talk, Conversation) and met - less >= MARGIN and value_of(bad) != 1:
                columns = _columns("nearer", held, good, bad, (less, met - less))
                yield pair_of(_under(talk, good), _under(talk, bad), columns)


def _near(held: Task) -> Near:
    """The nearest run first, and of those as near one as long."""
    runs = [run for side in held.runs.values() for run in side if not run.is_dialogue]
    found: Near = []
    for pick in held.picks:
        length = len(pick.sample.steps)
        near = [(run, share(pick.sample, run)) for run in runs]
        found.append((pick, sorted(near, key=lambda it: (-it[1], abs(len(it[0].steps) - length)))))
    return found


def _columns(kind: str, held: Task, good: Trajectory | Pick, bad: Trajectory, measured: tuple[float, float]) -> Row:
    """`measured`: how near the rejected run came, and by how much it is worse."""
    chosen = good.sample if isinstance(good, Pick) else good
    run_id = chosen.id if isinstance(chosen, Trajectory) else chosen.run_id
    near, margin = measured
    return {
        "id": f"{chosen.id}/{bad.id}" if kind != "nearer" else f"{chosen.id}/{bad.id}/nearer",
        "group": held.group,
        "pair_kind": kind,
        "band": band(near) if kind not in OF_OUTCOMES else "",
        "margin": round(margin, 6),
        "chosen_run_id": run_id,
        "rejected_run_id": bad.id,
        "source": f"{chosen.source.format}:{chosen.source.path}",
        "rejected_source": f"{bad.source.format}:{bad.source.path}",
        "label_source": chosen.label.source if isinstance(chosen, Trajectory) else "hindsight",
        "rejected_label_source": bad.label.source,
    }


def _under(talk: Conversation, run: Trajectory) -> Conversation:
    """What the run did, under the prompt of `talk`."""
    acts = silent(of_run(run))
    return acts._replace(goal=talk.goal, system=talk.system, start=talk.start, answer="")


def share(sample: Sample, run: Trajectory) -> float:
    """Which part of the goal's claims the run satisfies, too."""
    its = reward(run, sample)
    return its.value if its else 0.0


def band(near: float) -> str:
    """How hard it is to tell a run that misses the goal from one that meets it."""
    return "hard" if near >= HARD else "medium" if near else "easy"


# --- each once -----------------------------------------------------------------------------------


def once(found: Iterable[Pair | LeftOut]) -> Iterator[Pair | LeftOut]:
    """Without those pairs that are the same as one before."""
    told: dict[str, str] = {}
    for it in found:
        name = it.columns["id"] if isinstance(it, Pair) else ""
        is_new = isinstance(it, LeftOut) or (same := told.setdefault(whole(it), name)) == name
        yield it if is_new else LeftOut(name, SAME_PAIR, same)


def few(found: Iterable[Pair | None]) -> list[Pair]:
    """The first of them that differ in what is preferred to what."""
    seen: set[str] = set()
    return list(islice((pair for pair in found if pair and not is_known(pair, seen)), PAIRS_PER_TASK))


def is_known(pair: Pair, seen: set[str]) -> bool:
    """Is the same preferred to the same as in a pair before? From now on it is."""
    preference = repr((pair.talk.goal, len(pair.history), said(pair.chosen), said(pair.rejected)))
    known = preference in seen
    seen.add(preference)
    return known
