"""Near-misses under hindsight goals: runs that meet all claims of a goal but one, and are shown to miss that one.

Shown is what the mechanical judge proves: a number, date, id, address or quotation that the claim tells stands nowhere
in the run. Its doubts show nothing, and no model's word does. Where the words of a claim alone are not in a run, it may
hold there all the same, told in other words: such a run is left out.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

from agenther.packagers.base import Batch, LeftOut, Pick
from agenther.packagers.pairs.fork import Pair, deeds, pair_of, silent
from agenther.packagers.pairs.negatives import HINDSIGHT, columns, limited
from agenther.packagers.pairs.outcomes import SAME_ACT
from agenther.packagers.pairs.rewards import CLAIMS, Reward, places_of, reward, why_not
from agenther.packagers.pairs.tasks import Measure, Task, tasks
from agenther.packagers.selection.sameness import reaches
from agenther.packagers.talk.turns import Conversation, of_run, of_sample
from agenther.records import Evidence, Proposal, Sample, Trajectory, Verdict

NEAR_MISS = "near-miss"
WHOLE = Reward(1.0, CLAIMS)

MEETS = "a run that meets all claims of the goal"
DEMONSTRATES = "a run that demonstrates the goal, too"
NO_FORK = "the goal's own run and another do not part, after the same acts and results, at an act that serves it"
NOT_SHOWN = "nothing proves that it fails"
DRIFTED = "it did what shows the claim, and saw something else: the world had changed"


def pairs(batch: Batch, *, near: bool) -> Iterator[Pair | LeftOut]:
    """Of each hindsight goal its own run over failed ones with the same prompt that are shown to miss it, at most
    `PAIRS_PER_TASK` for each prompt: by one claim of several, or by more. Left out is each pair of a goal and another
    run that gives none.
    """
    measure = Measure(partial(_rank, batch), partial(_met, batch))
    for held in tasks(batch, measure):
        others = ((it, _named(it[0], it[1].id)) for it in _nearest_first(held) if is_near(it[0].sample, it[2]) == near)
        for name, found in limited((name, _missed(batch, held, *it)) for it, name in others):
            yield found if isinstance(found, Pair) else LeftOut(name, found)
        for pick, miss in product(held.picks, held.passed) if near else ():
            if miss.id != pick.sample.run_id:
                yield miss._replace(id=_named(pick, miss.id))


def _named(pick: Pick, run_id: str) -> str:
    return f"{pick.sample.id}/{run_id}"


def _rank(batch: Batch, run: Trajectory, picks: Sequence[Pick]) -> float:
    """How near the run came to a goal that it misses, if it can be on a rejected side."""
    missed = (pick for pick in picks if pick.sample.run_id != run.id and not _demonstrates(batch, run, pick))
    rewards = (its for pick in missed if (its := reward(run, pick.sample)))
    return max((its.value for its in rewards if not why_not(run, its)), default=-1.0)


def _met(batch: Batch, run: Trajectory, picks: Sequence[Pick]) -> dict[str, float]:
    """Those of the goals that the run meets, by the ids of their samples."""
    return {
        pick.sample.id: 1.0 for pick in picks if reward(run, pick.sample) == WHOLE or _demonstrates(batch, run, pick)
    }


def _demonstrates(batch: Batch, run: Trajectory, pick: Pick) -> bool:
    return reaches(run.id, pick.sample.goal) in batch.reached


def is_near(sample: Sample, its: Reward) -> bool:
    """Does a run that meets that share of the sample's claims miss one of several, or none?"""
    claims = len(sample.claims)
    return round(its.value * claims) >= max(1, claims - 1)


def _nearest_first(held: Task) -> list[tuple[Pick, Trajectory, Reward]]:
    runs = [run for side in held.runs.values() for run in side if not run.is_dialogue]
    found = [
        (pick, run, its)
        for pick in held.picks
        for run in runs
        if run.id != pick.sample.run_id and (its := reward(run, pick.sample))
    ]
    return sorted(found, key=lambda it: -it[2].value)


def _missed(batch: Batch, held: Task, pick: Pick, run: Trajectory, its: Reward) -> Pair | str:
    """The pair, or why there is none."""
    sample, talk = pick.sample, of_sample(pick.sample, is_cut=False)
    if its == WHOLE:
        return MEETS
    if why := why_not(run, its):
        return why
    if _demonstrates(batch, run, pick):
        return DEMONSTRATES
    shown = _misses_claim(batch, sample, run)
    if isinstance(shown, str):
        return shown
    kind = NEAR_MISS if is_near(sample, its) else HINDSIGHT
    row = columns(kind, sample, run, (WHOLE, its), said_by(shown)) | {"group": pick.group}
    theirs = silent(of_run(run))
    pair = pair_of(silent(talk), theirs, row) if isinstance(talk, Conversation) else None
    is_wrong = pair and (sample.id, deeds(theirs)[len(pair.history)]) not in held.worth
    return NO_FORK if pair is None else pair if is_wrong else SAME_ACT


def said_by(verdict: Verdict) -> str:
    return f"{verdict.judge}, {verdict.rule}: {verdict.reason}"


def _misses_claim(batch: Batch, sample: Sample, run: Trajectory) -> Verdict | str:
    """The proof that the run misses one of the claims, or why there is none. What a claim tells and the goal's own run
    does not show either proves nothing.
    """
    claims = [*zip(sample.claims, places_of(run, sample.claims), strict=True)]
    placed = tuple(claim.model_copy(update={"step": step}) for claim, step in claims if step is not None)
    shown = tuple(step.model_copy(update={"thought": None}) for step in sample.steps)
    own = run.model_copy(update={"steps": shown, "answer": None})
    why = NOT_SHOWN
    for claim in (claim for claim, step in claims if step is None):
        if any(step.n == claim.step and step.action == one.action for step in sample.steps for one in run.steps):
            why = DRIFTED
        elif (verdict := nowhere(batch, run, placed, claim.text)) and not nowhere(
            batch, own, sample.claims, claim.text
        ):
            return verdict
    return why


def nowhere(batch: Batch, run: Trajectory, claims: tuple[Evidence, ...], text: str) -> Verdict | None:
    """The proof that something which the text tells stands nowhere in the run: neither seen, done, said nor thought,
    nor in the system prompt.

    The judge is asked about the run's own goal, for which all that it did is taken to serve, and what it said is put
    before it as seen: so nothing else is in question than what the text tells. What an agent told unseen may be right.
    """
    said = (run.system, run.start, run.answer, *(words for step in run.steps for words in (step.says, step.thought)))
    heard = run.model_copy(update={"start": "\n".join(filter(None, said))})
    proposal = Proposal(
        run_id=run.id,
        goal=run.goal,
        claims=claims,
        end_step=len(run.steps),
        relevant_steps=tuple(step.n for step in run.steps),
        answer=text,
        answer_source="grounded",
        confidence=1,
    )
    verdict = batch.refutes(heard, proposal)
    return verdict if verdict and verdict.rule == "invented" else None
