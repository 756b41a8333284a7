"""How long rows are in tokens: an estimate, which needs no tokenizer and knows no model.

Measured with the tokenizers of DeepSeek-V3 and GPT-4 and Qwen's chat template on rows of tool-using dialogues and of
single lookups, it is between 10 % too low and 25 % too high.
"""

from collections.abc import Iterable
from statistics import median

from pydantic_core import to_json

from agenther.llm.model import BYTES_PER_TOKEN
from agenther.packagers.base import Part, Row
from agenther.records import Record

TEMPLATE = 120
"""Tokens that a chat template adds to a row: how calls are written, who speaks."""
STEP = 1024


class Lengths(Record):
    """Of the rows of one file to train on, in tokens."""

    rows: int
    median: int
    longest: int
    over: dict[int, int]
    """Rows that are longer than a trainer allows unless told otherwise, by how many tokens that are."""

    @property
    def enough(self) -> int:
        """Tokens to allow, so that no row is cut: the longest row in steps of 1,024, and one more for the estimate."""
        return (self.longest // STEP + 1 + (self.longest > STEP)) * STEP


def tokens(row: Row, part: Part) -> int:
    """Of what the trainer sees of a row at once: of a pair, the longer side."""
    sizes = (sum(len(to_json(row[name])) for name in side if name in row) for side in part.sequences)
    return round(max(sizes) / BYTES_PER_TOKEN) + TEMPLATE


def lengths(found: Iterable[int], part: Part) -> Lengths:
    """Of at least one row."""
    counted = sorted(found)
    limits = sorted({trainer.default for trainer in part.trainers if trainer.default})
    over = {limit: sum(one > limit for one in counted) for limit in limits}
    return Lengths(rows=len(counted), median=round(median(counted)), longest=counted[-1], over=over)
