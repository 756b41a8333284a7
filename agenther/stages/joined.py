"""Stages 1 and 2 as one question to a model: one call fewer for each run, and the run is sent once less.

What the answer holds is believed exactly as far as two answers would be.
"""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidBoth
from agenther.prompt import Prompts
from agenther.records import Diagnosis, Outcome, Trajectory
from agenther.settings import JOINED
from agenther.stages.by_model import about_failure, diagnosis, known_success, outcome


@dataclass(frozen=True)
class Joined:
    """`classify` and `extract` as a `Crew` asks for them. Raises as `ByModel` does."""

    model: Model
    prompts: Prompts
    outcomes: WeakKeyDictionary[Diagnosis, Outcome] = field(default_factory=WeakKeyDictionary)
    """What came along with each diagnosis, for as long as somebody holds that."""

    async def classify(self, trajectory: Trajectory) -> Diagnosis:
        """The diagnosis (AgentHER §3.1). A run that its log calls a success is not put to the model."""
        if trajectory.label.success:
            return known_success(trajectory)
        made, along = await self._both(trajectory)
        self.outcomes[made] = along
        return made

    async def extract(self, trajectory: Trajectory, diagnosis: Diagnosis) -> Outcome:
        """What came along with the diagnosis (AgentHER §3.2); that of an earlier start is asked for once more."""
        if diagnosis in self.outcomes:
            return self.outcomes[diagnosis]
        return (await self._both(trajectory))[1]

    async def _both(self, trajectory: Trajectory) -> tuple[Diagnosis, Outcome]:
        question = Question(JOINED, about_failure(trajectory))
        said = await put(self.model, self.prompts, trajectory, question, SaidBoth)
        name = self.model.name
        return diagnosis(trajectory, said.diagnosis, name), outcome(trajectory, said.outcome, name)
