"""Hard negatives for co-evolving agents (arXiv 2511.22254): runs that came near and are shown to fail.

    target/             DPO: {"prompt": [...], "chosen": [assistant], "rejected": [assistant], "tools": "[...]",
                        "pair_kind": "success", "band": "hard", "lambda_dpo": 0.5, "lambda_sft": 0.5, ...}
    decisive/           DPO: those pairs that part at the step which made the rejected run fail
    failure-agent-sft/  SFT: {"messages": [...], "tools": "[...]", "reward": 0.7, ...}, failed runs as they were
    failure-agent-dpo/  DPO: of two failures the one whose reward is greater
    near-miss-dpo/      DPO: one claim of a goal is missed, and that is proved
    near-miss-kto/      KTO: {"prompt": [...], "completion": [assistant], "label": false, "tools": "[...]", ...}

Pairs are acts after the same prompt, as in `dpo`: TRL's losses of preferences have no mask, and would learn the
observations of whole trajectories. `failure-agent-sft` and `failure-agent-dpo` are the paper's D_fail: they make an
agent that fails well, and are not for one that is to succeed.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from agenther.packagers.base import Batch, LeftOut, Packager, Part, Row, each, nothing
from agenther.packagers.columns import JSON_TEXT, MESSAGE, NUMBER, TEXT, Columns, Each
from agenther.packagers.formats import dpo, kto
from agenther.packagers.formats.dpo import DPO
from agenther.packagers.formats.kto import KTO
from agenther.packagers.formats.sft import SFT
from agenther.packagers.pairs import near_misses, negatives
from agenther.packagers.pairs.fork import Pair
from agenther.packagers.pairs.preferences import once
from agenther.packagers.pairs.refused_goals import LACKS_RESULTS, Negative, refused_goals
from agenther.packagers.pairs.rewards import Reward, reward, value_of, why_not
from agenther.packagers.pairs.tasks import COPY
from agenther.packagers.selection.sameness import digest
from agenther.packagers.talk import chat, tools
from agenther.packagers.talk.turns import Conversation, as_it_was
from agenther.records import Trajectory

NO_RIGHT = "no right answer to the same goal is known; near-miss-kto has it"
NO_ACT = "the agent did nothing that could be learned"
SAME_ACT = "the same act after the same prompt as"

DECISION: Columns = {
    **kto.ACT,
    "reward": NUMBER,
    **dict.fromkeys("id pair_id group kind band reward_by run_id source shown_by".split(), TEXT),
}
CLONED: Columns = {
    "messages": Each(MESSAGE),
    "tools": JSON_TEXT,
    "reward": NUMBER,
    **dict.fromkeys("id run_id group source benchmark goal_original kind band reward_by label_source".split(), TEXT),
}


# --- pairs ---------------------------------------------------------------------------------------


def _near(batch: Batch) -> Iterator[Negative | LeftOut]:
    for found in near_misses.pairs(batch, near=True):
        yield (
            found
            if isinstance(found, LeftOut)
            else Negative(found.talk, found.history, found.rejected, found.chosen, found.columns)
        )
    yield from refused_goals(batch)


def _with_right(found: Negative | LeftOut) -> Pair | LeftOut:
    if isinstance(found, LeftOut):
        return found
    if found.right is None:
        return LeftOut(found.columns["id"], NO_RIGHT)
    return Pair(found.talk, found.history, found.right, found.wrong, found.columns)


def _decisions(batch: Batch) -> Iterator[Row | LeftOut]:
    """Each once; the right act first, where one is known, then the wrong one."""
    told: dict[str, str] = {}
    for found in _near(batch):
        if isinstance(found, LeftOut):
            yield found
            continue
        for label in (True, False) if found.right else (False,):
            row = kto.row(_decision(found, label=label))
            same = told.setdefault(digest(repr((row["prompt"], row["completion"]))), row["id"])
            yield row if same == row["id"] else LeftOut(row["id"], SAME_ACT, same)


def _decision(it: Negative, *, label: bool) -> kto.Decision:
    """Its tools are those of both acts."""
    side, act = ("chosen", it.right or it.wrong) if label else ("rejected", it.wrong)
    row, name = it.columns, it.columns["id"]
    columns = {
        "reward": row[f"{side}_reward"],
        "id": f"{name}{'+' if label else '-'}",
        "pair_id": name,
        "kind": row["pair_kind"],
        "reward_by": row[f"{side}_reward_by"],
        "run_id": row[f"{side}_run_id"],
        "source": row["source" if label else "rejected_source"],
        **{column: row[column] for column in ("group", "band", "shown_by")},
    }
    talk = it.talk._replace(turns=(*it.history, it.right or it.wrong, it.wrong))
    return kto.Decision(talk, it.history, act, label, columns)


# --- the failure agent ---------------------------------------------------------------------------


def _cloned(batch: Batch) -> Iterator[Row | LeftOut]:
    """Each failed run that is worth less than a success, as it was, once, and none that is the same as a success."""
    told = {_did(run, as_it_was(run)): run.id for run in batch.runs() if value_of(run) == 1}
    for run in batch.runs():
        its, talk = reward(run), as_it_was(run)
        if run.label.success:
            continue
        why = why_not(run, its) or LACKS_RESULTS * run.lacks_results or NO_ACT * (talk is None)
        same = run.id if why else told.setdefault(_did(run, talk), run.id)
        if same != run.id:
            yield LeftOut(run.id, COPY, same)
        else:
            yield _clone(batch, run, its, talk) if its and talk and not why else LeftOut(run.id, why)


def _did(run: Trajectory, talk: Conversation | None) -> str:
    return digest(run.goal, repr(talk))


def _clone(batch: Batch, run: Trajectory, its: Reward, talk: Conversation) -> Row:
    return {
        "messages": chat.demonstration(talk),
        "tools": tools.column(talk),
        "reward": round(its.value, 6),
        "id": run.id,
        "run_id": run.id,
        "group": batch.group(run),
        "source": f"{run.source.format}:{run.source.path}",
        "benchmark": run.benchmark,
        "goal_original": run.goal,
        "kind": negatives.FAILURE,
        "band": its.band,
        "reward_by": its.by,
        "label_source": run.label.source,
    }


def _problems_of_clone(row: Row) -> list[str]:
    return chat.problems(row, "messages")


def _preferences(pairs: Callable[[Batch], Iterator[Pair | LeftOut]]) -> Part:
    return DPO.parts[""]._replace(columns={**dpo.SIDES, **negatives.COLUMNS}, pairs=each(pairs, dpo.row))


HARD_NEGATIVES = Packager(
    "runs that came near and are shown to fail, for co-evolving agents (TRL)",
    {
        "target": _preferences(
            lambda batch: chain(negatives.pairs(batch, decisive=False), once(near_misses.pairs(batch, near=False)))
        ),
        "decisive": _preferences(partial(negatives.pairs, decisive=True)),
        "failure-agent-sft": SFT.parts[""]._replace(
            problems=_problems_of_clone, columns=CLONED, rows=nothing, pairs=_cloned
        ),
        "failure-agent-dpo": _preferences(partial(negatives.pairs, kinds=(negatives.FAILURE,))),
        "near-miss-dpo": _preferences(lambda batch: once(map(_with_right, _near(batch)))),
        "near-miss-kto": KTO.parts[""]._replace(columns=DECISION, rows=nothing, pairs=_decisions),
    },
)
