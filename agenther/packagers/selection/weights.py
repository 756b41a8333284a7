"""How much each sample counts in training.

The weight of a sample is AgentHER's severity weight (§3.1) times HSL's efficiency weight, the latter over its mean in
all samples of the datasets. So of the samples of one run, a goal that several steps serve counts more than one of its
steps by itself, and the first page of a path less than the last: without detours, n steps count n times as much as
one. They stay samples of their own.

Each row of a sample has it as its column `weight`; ATIF has it in `extra`, and in `openai` there is no place for it. To
training itself it tells in ms-swift (`loss_scale`) and in LLaMA-Factory's v1 engine (`loss_weight`). Elsewhere
`--replicate` writes rows as often as they count. A pair of two runs has no weight but a `margin`.
"""

from agenther.packagers.base import serving
from agenther.packagers.selection.split import share
from agenther.records import Sample

ALPHA = 0.8
"""HSL's exponent."""


def efficiency(sample: Sample) -> float:
    """HSL's `(n/T)^α · n`: n of T steps serve the goal. A demonstration without detours counts more, a long one too."""
    relevant = len(serving(sample))
    return (relevant / len(sample.steps)) ** ALPHA * relevant if sample.steps else 0.0


def merit(sample: Sample) -> float:
    """Which of two samples with the same goal is the better one: surer, of a lighter failure, with fewer detours."""
    return sample.weight * sample.confidence * len(serving(sample)) / max(1, len(sample.steps))


def copies(weight: float, sample_id: str) -> int:
    """How often to write a row of this weight, so that the mean over many is the weight; the same on every machine."""
    whole = int(weight)
    return whole + (share(sample_id) < weight - whole)


def weight(sample: Sample, mean: float) -> float:
    """The severity weight times the efficiency weight, the latter with a mean of 1 over the batch."""
    return round(sample.weight * efficiency(sample) / mean, 6) if mean else sample.weight
