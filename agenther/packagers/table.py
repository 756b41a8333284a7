"""The dataset formats by name. A new one is a file in `formats/` and a line here."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeGuard

from agenther.packagers.base import KEPT, Batch, LeftOut, Packager, Part, Pick, Row, nothing, parts_of
from agenther.packagers.columns import Columns
from agenther.packagers.formats.atif import ATIF
from agenther.packagers.formats.dpo import DPO
from agenther.packagers.formats.goal_pairs import GOAL_PAIRS
from agenther.packagers.formats.hard_negatives import HARD_NEGATIVES
from agenther.packagers.formats.kto import KTO
from agenther.packagers.formats.llamafactory import LLAMAFACTORY
from agenther.packagers.formats.nemo_rl import NEMO_RL
from agenther.packagers.formats.openai import OPENAI
from agenther.packagers.formats.prompt_completion import PROMPT_COMPLETION
from agenther.packagers.formats.records import RECORDS
from agenther.packagers.formats.sft import SFT
from agenther.packagers.formats.sharegpt import SHAREGPT
from agenther.packagers.formats.swift import SWIFT
from agenther.packagers.formats.unsloth import UNSLOTH
from agenther.packagers.formats.verl import VERL
from agenther.packagers.index import config
from agenther.packagers.talk.rules import NO_ANSWER
from agenther.plugins import Guest, taken_in

PACKAGERS: dict[str, Packager] = {
    "sft": SFT,
    "dpo": DPO,
    "kto": KTO,
    "sharegpt": SHAREGPT,
    "prompt-completion": PROMPT_COMPLETION,
    "llamafactory": LLAMAFACTORY,
    "swift": SWIFT,
    "openai": OPENAI,
    "unsloth": UNSLOTH,
    "verl": VERL,
    "nemo-rl": NEMO_RL,
    "goal-pairs": GOAL_PAIRS,
    "hard-negatives": HARD_NEGATIVES,
    "atif": ATIF,
    "records": RECORDS,
}


def is_packager(found: object) -> TypeGuard[Packager]:
    """Is it whole, down to its parts?"""
    if not (isinstance(found, Packager) and isinstance(found.parts, Mapping)):
        return False
    return all(isinstance(part, Part) for part in found.parts.values())


def _guarded(packager: Packager, guest: Guest) -> Packager:
    """The same format of another package."""

    def finish(folder: Path) -> None:
        with guest:
            packager.finish(folder)

    return packager._replace(parts={name: _part(part, guest) for name, part in packager.parts.items()}, finish=finish)


def _part(part: Part, guest: Guest) -> Part:
    """The same part; each of its pairs tells the group that keeps it on its side of the split."""

    def rows(pick: Pick) -> Iterator[Row | LeftOut]:
        with guest:
            for item in part.rows(pick):
                yield item if isinstance(item, LeftOut) else dict(item)

    def pairs(batch: Batch) -> Iterator[Row | LeftOut]:
        with guest:
            for item in part.pairs(batch):
                yield item if isinstance(item, LeftOut) else item | {"group": item["group"]}

    def problems(row: Row) -> list[str]:
        with guest:
            return [str(rule) for rule in part.problems(row)]

    def shape(row: Row) -> Row:
        with guest:
            return dict(part.shape(row))

    made = part._replace(problems=problems, shape=shape)
    made = made if part.rows is nothing else made._replace(rows=rows)
    return made if part.pairs is nothing else made._replace(pairs=pairs)


PACKAGERS |= taken_in("agenther.packagers", {*PACKAGERS, KEPT, "all"}, "Packager", is_packager, _guarded)


def _kept(packager: Packager) -> Packager:
    """The same format for failed runs under their own goal: what it makes of samples one by one, with no answer."""

    def of(part: Part) -> Part:
        problems = part.problems
        return part._replace(
            problems=lambda row: [rule for rule in problems(row) if rule != NO_ANSWER], pairs=nothing, keeps_goal=True
        )

    return packager._replace(
        parts={name: of(part) for name, part in packager.parts.items() if part.rows is not nothing}
    )


KEPT_GOALS = {
    f"{KEPT}/{name}": kept
    for name, packager in PACKAGERS.items()
    if name != "goal-pairs" and (kept := _kept(packager)).parts
}
"""By folder: of each format that makes rows of samples under one goal."""
EVERY = PACKAGERS | KEPT_GOALS

COLUMNS: dict[str, Columns] = {config(name): part.columns for name, part in parts_of(EVERY).items()}
"""Of each format and part, by the name under which it is loaded."""
