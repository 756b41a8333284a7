"""Stages 1 and 2 as one question to a model: one call fewer for each run, and the run is sent once less.

What the answer holds is believed exactly as far as two answers would be.
"""

from dataclasses import dataclass

from agenther.ladder import JOINED
from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidBoth
from agenther.prompt import Prompts
from agenther.records import Diagnosis, Outcome, Trajectory
from agenther.stages.believed import known_success
from agenther.stages.by_model import about_failure, diagnosis, outcome


@dataclass(frozen=True)
class Joined:
    """`classify` and `extract` as a `Crew` asks for them. Raises as `ByModel` does."""

    model: Model
    prompts: Prompts

    async def classify(self, trajectory: Trajectory) -> Diagnosis | tuple[Diagnosis, Outcome]:
        """The diagnosis (AgentHER §3.1), and the outcome along with it.

        A run that its log calls a success is not put to the model.
        """
        return known_success(trajectory) if trajectory.label.success else await self._both(trajectory)

    async def extract(self, trajectory: Trajectory, _diagnosis: Diagnosis) -> Outcome:
        """What was achieved (AgentHER §3.2), where only the diagnosis is there: of an earlier start."""
        return (await self._both(trajectory))[1]

    async def _both(self, trajectory: Trajectory) -> tuple[Diagnosis, Outcome]:
        question = Question(JOINED, about_failure(trajectory))
        said = await put(self.model, self.prompts, trajectory, question, SaidBoth)
        name = self.model.name
        return diagnosis(trajectory, said.diagnosis, name), outcome(trajectory, said.outcome, name)
