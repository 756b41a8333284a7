"""How many rows of a KTO dataset are desirable, and the weights that make up for it.

TRL asks to weigh the rarer label up, until desirable_weight · desirable over undesirable_weight · undesirable lies
between 1:1 and 4:3. ms-swift's options have the same names; LLaMA-Factory's are `kto_chosen_weight` and
`kto_rejected_weight`.
"""

from collections import Counter

from agenther.records import Record

LOWEST, HIGHEST = 1, 4 / 3
AIM = (LOWEST + HIGHEST) / 2


class Balance(Record):
    """Of one file to train on."""

    desirable: int
    undesirable: int
    desirable_weight: float
    undesirable_weight: float


def balance(labels: Counter[bool]) -> Balance:
    """Both weights are 1 where the ratio is good as it is, and where there is only one kind of rows."""
    desirable, undesirable = labels[True], labels[False]
    ratio = desirable / undesirable if desirable and undesirable else AIM
    return Balance(
        desirable=desirable,
        undesirable=undesirable,
        desirable_weight=round(AIM / ratio, 2) if ratio < LOWEST else 1.0,
        undesirable_weight=round(ratio / AIM, 2) if ratio > HIGHEST else 1.0,
    )
