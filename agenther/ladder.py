"""The stages of a run in their order: the one table from which the run folder, resuming, the commands of single stages,
the estimate and the pipeline derive what they know of stages.

A new stage is its record in `records`, a row here, a module in `stages/`, and who does it in `assemble.py`.
"""

from itertools import chain
from typing import NamedTuple

from agenther.records import Attribution, Diagnosis, Judged, Kept, Outcome, Record, Sample


class Ask(NamedTuple):
    """A question that a stage puts to models, called as its prompt. What it takes is a guess on the safe side: that
    three runs in four get past each stage, with two goals each, and that answers are that long.
    """

    question: str
    calls: float
    """For one run that is classified; of a judge, for each judge."""
    tokens: float
    """Of each answer."""


class Stage(NamedTuple):
    """A row of the table."""

    name: str
    about: str
    """For the help of its command."""
    makes: dict[str, type[Record]]
    """What it makes of a run, by the file of the run folder in which that stands; its own record first."""
    needs: tuple[str, ...] = ()
    """The stages whose records it is given, in this order."""
    asks: tuple[Ask, ...] = ()
    is_optional: bool = False
    """Is it done only when it is asked for? Later stages do without what it makes."""

    @property
    def record(self) -> type[Record]:
        return next(iter(self.makes.values()))

    @property
    def questions(self) -> frozenset[str]:
        """All that it may put to models."""
        own = {ask.question for ask in self.asks}
        return frozenset(own | {JOINED} if own & set(JOINS) else own)


OPEN = ("classify", "extract", "attribute", "relabel")
"""Stages that another package can do."""
JOINED = "classify_extract"
"""The question that stands for those of two stages, where they are joined."""
JOINS = ("classify", "extract")
ASK_JOINED = Ask(JOINED, 1, 600)

ASK_LESSON = Ask("lesson", 1, 500)
"""Of a failed run, what others may learn from it. It is no stage: all runs are read before any lesson is made."""
PANEL = "panel"
METHODS: dict[str, tuple[Ask, ...]] = {
    "rules": (),
    "all-at-once": (Ask("attribute", 0.75, 500),),
    "step-by-step": (Ask("attribute_step", 4, 140),),
    "binary-search": (Ask("attribute_half", 2.5, 130),),
    "hybrid": (Ask("attribute", 0.75, 500), Ask("attribute_step", 2, 140)),
    "contrast": (Ask("attribute", 0.75, 500), Ask("attribute_choice", 0.75, 200)),
    PANEL: (Ask("attribute", 0.75, 500),),
}
"""Of attribution, each with what it asks of a model; of the panel, of each model."""

_ROWS = (
    Stage(
        "classify",
        "did it fail, how, and is it worth relabeling?",
        {"diagnoses": Diagnosis},
        asks=(Ask("classify", 1, 150),),
    ),
    Stage(
        "extract",
        "what was achieved, from the diagnoses in it.",
        {"outcomes": Outcome},
        needs=("classify",),
        asks=(Ask("extract", 0.75, 600),),
    ),
    Stage(
        "attribute",
        "who made it fail, and at which step. Optional: see --attribute.",
        {"attributions": Attribution},
        asks=tuple(dict.fromkeys(chain.from_iterable(METHODS.values()))),
        is_optional=True,
    ),
    Stage(
        "keep",
        "which steps are sound under the goal that was missed, from the attributions in it. Optional: see --keep-goal.",
        {"kept": Kept},
        needs=("classify", "attribute"),
        asks=(Ask("sound", 0.6, 600),),
        is_optional=True,
    ),
    Stage(
        "relabel",
        "goals, and the judges, from the outcomes in it.",
        {"proposals": Judged, "samples": Sample},
        needs=("classify", "extract"),
        asks=(Ask("relabel", 0.75, 900), Ask("judge", 1.5, 350)),
    ),
)
STAGES: dict[str, Stage] = {stage.name: stage for stage in _ROWS}
LAST = "relabel"
"""The stage that makes the samples."""


def before(name: str) -> tuple[Stage, ...]:
    """The stages before that one."""
    return tuple(STAGES.values())[: list(STAGES).index(name)]


def after(name: str) -> tuple[Stage, ...]:
    """The stages after that one."""
    return tuple(STAGES.values())[list(STAGES).index(name) + 1 :]


def files() -> dict[str, type[Record]]:
    """What all stages make, by the file in which it stands."""
    return {file: record for stage in STAGES.values() for file, record in stage.makes.items()}


def includes(question: str) -> frozenset[str]:
    """The prompts that a question is made of."""
    return frozenset({question, *(JOINS if question == JOINED else ())})
