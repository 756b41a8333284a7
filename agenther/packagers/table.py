"""The dataset formats by name. A new one is a file in `formats/` and a line here."""

from agenther.packagers.base import Packager, parts_of
from agenther.packagers.columns import Columns
from agenther.packagers.formats.atif import ATIF
from agenther.packagers.formats.dpo import DPO
from agenther.packagers.formats.goal_pairs import GOAL_PAIRS
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
    "atif": ATIF,
    "records": RECORDS,
}

COLUMNS: dict[str, Columns] = {config(name): part.columns for name, part in parts_of(PACKAGERS).items()}
"""Of each format and part, by the name under which it is loaded."""
