"""Stage 4: accepted samples become dataset rows (AgentHER §3.4). One file and one line here for each format."""

from agenther.packagers.atif import ATIF
from agenther.packagers.base import Batch, LeftOut, Packager, Part, Pick, Row
from agenther.packagers.columns import Columns
from agenther.packagers.dpo import DPO
from agenther.packagers.goal_pairs import GOAL_PAIRS
from agenther.packagers.index import config
from agenther.packagers.kto import KTO
from agenther.packagers.llamafactory import LLAMAFACTORY
from agenther.packagers.openai import OPENAI
from agenther.packagers.prompt_completion import PROMPT_COMPLETION
from agenther.packagers.records import RECORDS
from agenther.packagers.sft import SFT
from agenther.packagers.sharegpt import SHAREGPT
from agenther.packagers.swift import SWIFT

PACKAGERS: dict[str, Packager] = {
    "sft": SFT,
    "dpo": DPO,
    "kto": KTO,
    "sharegpt": SHAREGPT,
    "prompt-completion": PROMPT_COMPLETION,
    "llamafactory": LLAMAFACTORY,
    "swift": SWIFT,
    "openai": OPENAI,
    "goal-pairs": GOAL_PAIRS,
    "atif": ATIF,
    "records": RECORDS,
}

COLUMNS: dict[str, Columns] = {
    config(f"{name}/{part}".rstrip("/")): it.columns
    for name, packager in PACKAGERS.items()
    for part, it in packager.parts.items()
}
"""Of each format and part, by the name under which it is loaded."""

__all__ = ["COLUMNS", "PACKAGERS", "Batch", "LeftOut", "Packager", "Part", "Pick", "Row"]
