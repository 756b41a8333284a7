"""What all records are."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict

RULES = "rules"
"""Who did a stage that no model did."""


class Record(BaseModel):
    """Base of all records: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Record)
