"""A data folder for LLaMA-Factory: `dataset_dir: RUN/dataset/llamafactory`, `dataset: agenther_sft`.

    dataset_info.json    names the files and their columns
    sft/                 whole demonstrations, as in `sharegpt`
    kto/                 single decisions, as in `kto`, with `kto_tag`
    ranking/             two acts after the same prompt, as in `dpo`: {"conversations", "chosen", "rejected"}
    v1/                  whole demonstrations for the v1 engine: `train_dataset: .../llamafactory/v1/train.jsonl`

The first three have no weights, and no turn can be masked: `sft` is cut, `kto` and `ranking` learn their last message
alone. `v1` is not cut; each message carries its own `loss_weight`.
"""

from pathlib import Path

from pydantic_core import to_json

from agenther.packagers.base import KEPT, PROVENANCE, TRAIN, Packager, Part, Row, each, files, provenance
from agenther.packagers.columns import FLAG, TEXT, Columns, Each
from agenther.packagers.formats import llamafactory_v1, sharegpt
from agenther.packagers.formats.kto import DECISION, Decision, decisions
from agenther.packagers.formats.sharegpt import CONVERSATION, TURN
from agenther.packagers.pairs.fork import Pair
from agenther.packagers.pairs.preferences import COLUMNS as OF_PAIR
from agenther.packagers.pairs.preferences import pairs
from agenther.packagers.talk import tools
from agenther.packagers.talk.rules import SAME_SIDES
from agenther.packagers.talk.turns import Shown, uncut
from agenther.packagers.trainers import LLAMAFACTORY as TRAINER

COLUMNS = {"messages": "conversations", "system": "system", "tools": "tools"}
INFO: dict[str, dict[str, object]] = {
    "sft": {"columns": COLUMNS},
    "kto": {"columns": {**COLUMNS, "kto_tag": "kto_tag"}},
    "ranking": {"ranking": True, "columns": {**COLUMNS, "chosen": "chosen", "rejected": "rejected"}},
}


def kto_row(it: Decision) -> Row:
    return {
        "conversations": [*sharegpt.conversation(it.talk, it.history), sharegpt.act(it.act)],
        "kto_tag": it.label,
        **sharegpt.around(it.talk, it.talk.calls),
        **it.columns,
    }


def ranking_row(pair: Pair) -> Row:
    return {
        "conversations": sharegpt.conversation(pair.talk, pair.history),
        "chosen": sharegpt.act(pair.chosen),
        "rejected": sharegpt.act(pair.rejected),
        **sharegpt.around(pair.talk, pair.calls),
        **pair.columns,
    }


def v1_row(shown: Shown) -> Row:
    messages = llamafactory_v1.messages(shown.talk, shown.pick.weight)
    return {"messages": messages, "tools": tools.column(shown.talk), **provenance(shown.pick)}


def kto_problems(row: Row) -> list[str]:
    return sharegpt.broken(row, row["conversations"])


def ranking_problems(row: Row) -> list[str]:
    sides = ([*row["conversations"], row[side]] for side in ("chosen", "rejected"))
    found = [rule for turns in sides for rule in sharegpt.broken(row, turns)]
    if row["chosen"] == row["rejected"]:
        found.append(SAME_SIDES)
    return list(dict.fromkeys(found))


def v1_problems(row: Row) -> list[str]:
    return llamafactory_v1.problems(row, "messages")


def describe(folder: Path) -> None:
    """Writes `dataset_info.json` for the files that are there; of failed runs under their own goal, by other names."""
    own = "agenther_kept_goal" if folder.parent.name == KEPT else "agenther"
    info = {
        f"{own}_{part}" if split == TRAIN else f"{own}_{part}_{split}": {
            "file_name": f"{part}/{path.name}",
            "formatting": "sharegpt",
            **about,
        }
        for part, about in INFO.items()
        for split, path in files(folder / part).items()
    }
    (folder / "dataset_info.json").write_bytes(to_json(info, indent=2) + b"\n")


KTO: Columns = {**CONVERSATION, "kto_tag": FLAG, **DECISION}
RANKING: Columns = {**CONVERSATION, "chosen": TURN, "rejected": TURN, **OF_PAIR}
V1: Columns = {"messages": Each(llamafactory_v1.MESSAGE), "tools": TEXT, **PROVENANCE}

SIDES = tuple((*sharegpt.SEQUENCE, side) for side in ("chosen", "rejected"))

LLAMAFACTORY = Packager(
    "a data folder: SFT, KTO, ranking, and SFT for the v1 engine (LLaMA-Factory)",
    {
        "sft": sharegpt.PART,
        "kto": Part(
            kto_problems,
            KTO,
            rows=each(decisions, kto_row),
            label="kto_tag",
            trainers=(TRAINER,),
            sequences=(sharegpt.SEQUENCE,),
        ),
        "ranking": Part(
            ranking_problems, RANKING, pairs=each(pairs, ranking_row), trainers=(TRAINER,), sequences=SIDES
        ),
        "v1": Part(
            v1_problems,
            V1,
            rows=each(uncut, v1_row),
            weighs=True,
            trainers=(TRAINER,),
            sequences=(("messages", "tools"),),
        ),
    },
    finish=describe,
)
