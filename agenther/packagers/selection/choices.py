"""What a user can choose for the datasets of a run folder, beside the formats."""

from enum import StrEnum

from pydantic import Field, field_serializer

from agenther.packagers.lengths import Lengths
from agenther.packagers.selection.balance import Balance
from agenther.records import Record


class Thoughts(StrEnum):
    """Where the agent's thoughts go."""

    REASONING = "reasoning"
    """Where the format has its place for them: a field, <think> tags, or the text beside a call."""
    INLINE = "inline"
    """Into the text, in <think> tags, also where the format has a field, which some chat templates ignore."""
    DROP = "drop"


class SplitBy(StrEnum):
    """What never stands on both sides of a split. Two runs of one task never do."""

    TEMPLATE = "template"
    """The task's template, where the log names one; else the task."""
    SITE = "site"
    """The site or domain."""
    TOOLS = "tools"
    """The set of tools."""
    TASK = "task"


class Choices(Record):
    thoughts: Thoughts = Thoughts.REASONING
    split_by: SplitBy = SplitBy.TEMPLATE
    with_successes: bool = False
    """Pack runs that met their own goal along, marked by their kind "success"."""
    max_per_type: int | None = Field(default=None, ge=1)
    """At most so many samples of one goal type, the best ones."""
    per_task: int = Field(default=8, ge=1)
    """Of several rounds: so many relabels of a task, as far as all of its last round are no more."""
    replicate: bool = False
    """Write a row as often as it counts, in formats that have no other place for a weight."""
    experts: tuple[str, ...] = ()
    """Patterns of the paths of logs that hold experts' runs, as a shell has them."""
    holdout: frozenset[str] = frozenset()
    """Tasks that are kept out of everything: ids, templates or goals."""

    @field_serializer("holdout")
    def _in_order(self, holdout: frozenset[str]) -> list[str]:
        return sorted(holdout)


class Packaged(Record):
    """How the datasets in a folder were made."""

    formats: tuple[str, ...]
    choices: Choices
    kto: dict[str, Balance] = Field(default={})
    """The weights of the two labels for each dataset of rows that are desirable or not."""
    lengths: dict[str, Lengths] = Field(default={})
    """Of the rows to train on, in tokens, for each dataset that trainers read."""
    files: dict[str, str] = Field(default={})
    """All that was written beside this, by the SHA-256 of its bytes; nothing in folders of before."""
