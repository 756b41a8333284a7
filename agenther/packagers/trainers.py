"""What trainers do with long rows, unless they are told otherwise: as their sources have it."""

from typing import NamedTuple


class Trainer(NamedTuple):
    name: str
    option: str
    """That says how long a row may be."""
    default: int
    """Tokens that it allows; 0 for as many as the model takes."""
    longer: str
    """What becomes of a row that is longer."""
    least: int = 0
    """Rows that a file must have, or it is refused."""


TRL = Trainer("TRL", "max_length", 1024, "cut at its end, where the answer is")
AXOLOTL = Trainer("Axolotl", "sequence_len", 512, "left out")
UNSLOTH = Trainer("Unsloth", "max_seq_length", 2048, "cut at its end, where the answer is")
LLAMAFACTORY = Trainer("LLaMA-Factory", "cutoff_len", 2048, "cut")
SWIFT = Trainer("ms-swift", "max_length", 0, "left out")
VERL = Trainer("verl", "data.max_length", 1024, "an error (`data.truncation=error`)")
NEMO_RL = Trainer("NeMo-RL", "policy.max_total_sequence_length", 1024, "taken without any loss")
OPENAI = Trainer("OpenAI", "", 65_536, "cut at its end, where the answer is", least=10)
