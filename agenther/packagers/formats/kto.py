"""KTO: single decisions, desirable or not.

    {"prompt": [system?, user, assistant, tool, ...], "completion": [assistant], "label": true, "tools": "[...]", ...}

TRL's KTO learns every token of the completion, so a completion is one message of the agent and holds no
observation. Each turn that serves the goal is a row, and so is the answer; what does not serve it is context only.
The paper's goal contrast (AgentHER §3.4) is the answer once more, under the goal that it does not meet: same
history, `label` false, same `pair_id`. That is one undesirable row for several desirable ones; `made_with.json` holds
the weights that make up for it, see `selection/balance.py`. TRL weighs only the two labels: `weight` is a column that
it does not read.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agenther.packagers.base import PROVENANCE, LeftOut, Packager, Part, Pick, Row, each, provenance
from agenther.packagers.columns import FLAG, JSON_TEXT, MESSAGE, TEXT, Columns, Each
from agenther.packagers.talk import chat, tools
from agenther.packagers.talk.turns import Conversation, Turn, is_complete, of_sample
from agenther.packagers.trainers import TRL
from agenther.records import Sample

DECISION: Columns = {**PROVENANCE, "sample_id": TEXT, "pair_id": TEXT}
ACT: Columns = {"prompt": Each(MESSAGE), "completion": Each(MESSAGE), "label": FLAG, "tools": JSON_TEXT}
COLUMNS: Columns = {**ACT, **DECISION}


class Decision(NamedTuple):
    """One act of the agent, and what it knew by then."""

    talk: Conversation
    """Under the goal by which the act is judged."""
    history: tuple[Turn, ...]
    act: Turn
    label: bool
    columns: Row


def decisions(pick: Pick) -> Iterator[Decision | LeftOut]:
    """One for each turn that serves the goal, one for the answer, one for the goal contrast."""
    talk = of_sample(pick.sample)
    if isinstance(talk, LeftOut):
        yield talk
        return
    columns = provenance(pick)
    for before, act in enumerate(talk.acts):
        if act.serves:
            yield _decision(columns, talk, before, label=True)
    if can_be_contrasted(pick.sample):
        yield _decision(columns, talk._replace(goal=pick.sample.original_goal), len(talk.turns), label=False)


def can_be_contrasted(sample: Sample) -> bool:
    """Did the agent act under another goal that it saw, and are all its acts there? The user's words in a dialogue are
    no goal.
    """
    return sample.opening is None and sample.goal_seen and sample.original_goal != sample.goal and is_complete(sample)


def _decision(columns: Row, talk: Conversation, before: int, *, label: bool) -> Decision:
    pair = f"{columns['id']}/{before + 1}"
    ids = {"id": f"{pair}+" if label else f"{pair}-", "sample_id": columns["id"], "pair_id": pair}
    return Decision(talk, talk.turns[:before], talk.acts[before], label, {**columns, **ids})


def row(it: Decision) -> Row:
    return {
        "prompt": chat.messages(it.talk, it.history),
        "completion": [chat.act(it.act)],
        "label": it.label,
        "tools": tools.column(it.talk),
        **it.columns,
    }


def problems(row: Row) -> list[str]:
    found = chat.problems(row, "prompt", "completion")
    return found if len(row["completion"]) == 1 else [*found, "the completion is not one message"]


rows = each(decisions, row)

KTO = Packager(
    "single decisions, desirable or not (TRL)",
    {
        "": Part(
            problems,
            COLUMNS,
            rows=rows,
            messages=("prompt", "completion"),
            label="label",
            trainers=(TRL,),
            sequences=(("prompt", "completion", "tools"),),
        )
    },
)
