"""Asking in batches, at half the price: requests are written down, and answered later, all together."""

from agenther.llm.batch.box import Box
from agenther.llm.batch.courier import Courier
from agenther.llm.batch.model import Batched
from agenther.llm.batch.waves import Waves, refuse_pending

__all__ = ["Batched", "Box", "Courier", "Waves", "refuse_pending"]
