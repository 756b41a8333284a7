"""Stages 1 to 3 by a model. What it said becomes what we believe in the functions at the end, and only there."""

from dataclasses import dataclass

from agenther.evidence import place
from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidDiagnosis, SaidEvidence, SaidGoal, SaidGoals, SaidOutcome, Severity
from agenther.prompt import Prompts
from agenther.records import Diagnosis, Evidence, Judged, Outcome, Proposal, Trajectory
from agenther.rendering.repeats import cut
from agenther.rendering.runs import thoughts
from agenther.rendering.tags import plain
from agenther.stages import believed

FIRST_TEMPERATURE = 0.3
LATER_TEMPERATURE = 0.7
"""AgentHER §3.3: the first attempt at a goal is careful, later ones vary."""
REFUSED_ROOM = 600
ANSWER_ROOM = 300
"""Characters of a refused goal and of why, and of the agent's answer, when a goal is asked for again."""
SEVERITY: dict[Severity, float] = {"none": 0.0, "minor": 0.4, "major": 0.8}


@dataclass(frozen=True)
class ByModel:
    """The three stages as one model does them; its methods are what a `Crew` asks for.

    Each raises AnswerError when the model's answer cannot be used, and ModelError when there is none.
    """

    model: Model
    prompts: Prompts
    fold: bool = False
    """Are dialogues folded into a request at their beginning, instead of being kept?"""

    async def classify(self, trajectory: Trajectory) -> Diagnosis:
        """The diagnosis (AgentHER §3.1). A run that its log calls a success is not put to the model."""
        if trajectory.label.success:
            return believed.known_success(trajectory)
        question = Question("classify", about_failure(trajectory))
        said = await put(self.model, self.prompts, trajectory, question, SaidDiagnosis)
        return diagnosis(trajectory, said, self.model.name)

    async def extract(self, trajectory: Trajectory, diagnosis: Diagnosis) -> Outcome:  # noqa: ARG002 - a Crew's shape
        """What was achieved (AgentHER §3.2), without anything whose quote is not in the log."""
        values = {"goal": trajectory.goal, "goal_seen": trajectory.goal_seen}
        said = await put(self.model, self.prompts, trajectory, Question("extract", values), SaidOutcome)
        return outcome(trajectory, said, self.model.name)

    async def relabel(
        self,
        trajectory: Trajectory,
        diagnosis: Diagnosis,
        outcome: Outcome,
        attempt: int,
        refused: tuple[Judged, ...],
    ) -> tuple[Proposal, ...]:
        """Goals that a beginning of the run demonstrates (AgentHER §3.3), unlike those refused before."""
        again = attempt > 1
        kept = trajectory.is_dialogue and bool(trajectory.opening) and not self.fold
        values = {
            "goal": trajectory.goal,
            "goal_seen": trajectory.goal_seen,
            "thoughts": [] if again else thoughts(trajectory),
            "answer": cut(trajectory.answer or "", ANSWER_ROOM) if again else trajectory.answer,
            "dialogue": trajectory.is_dialogue,
            "kept": kept,
            "policy": (trajectory.system or "") if kept else "",
            "steps": len(trajectory.steps),
            "explanation": diagnosis.explanation,
            "decisive_step": diagnosis.decisive_step,
            "achievements": [found.model_dump() for found in outcome.achievements],
            "key_observations": [found.model_dump() for found in outcome.key_observations],
            "attempt": attempt,
            "refused": [
                {"goal": cut(one.proposal.goal, REFUSED_ROOM), "end": one.proposal.end_step, "why": why_refused(one)}
                for one in refused
                if not one.accepted
            ],
        }
        temperature = FIRST_TEMPERATURE if attempt == 1 else LATER_TEMPERATURE
        question = Question("relabel", values, temperature=temperature, attempt=attempt)
        said = await put(self.model, self.prompts, trajectory, question, SaidGoals)
        goals = [goal for goal in said.goals if goal.hindsight_goal.strip()]
        return tuple(proposal(trajectory, goal, attempt, self.model.name, as_dialogue=kept) for goal in goals)


def about_failure(trajectory: Trajectory) -> dict[str, object]:
    """What classify.md names."""
    return {
        "goal": trajectory.goal,
        "goal_seen": trajectory.goal_seen,
        "thoughts": thoughts(trajectory),
        "answer": trajectory.answer,
        "failed": trajectory.label.success is False,
        "label_source": trajectory.label.source,
    }


def why_refused(judged: Judged) -> str:
    """Why a proposal did not pass, shortly, in words for the model that made it; what was doubted is told, too."""
    refusals = [verdict for verdict in judged.verdicts if not verdict.valid]
    reasons = [verdict.reason for verdict in refusals if verdict.reason]
    raised = [point for verdict in judged.verdicts[:1] for point in verdict.points]
    decided = {point.question: point.settled for verdict in judged.verdicts[1:] for point in verdict.points}
    reasons += [point.question for point in raised if not decided.get(point.question)]
    unique = [one for n, one in enumerate(reasons) if not any(one in earlier for earlier in reasons[:n])]
    if unique:
        return cut(" ".join(unique), REFUSED_ROOM)
    return "a judge was not sure enough" if judged.verdicts else judged.why or "it was proposed as not valid"


# --- from what a model said to what we believe ---------------------------------------------------


def diagnosis(trajectory: Trajectory, said: SaidDiagnosis, by: str) -> Diagnosis:
    """What the model says of the failure, but for what the log itself tells."""
    made = Diagnosis(
        run_id=trajectory.id,
        is_failure=said.is_failure,
        failure_type=said.failure_type,
        recoverable=said.recoverable,
        severity=_severity(said.severity),
        weight=said.severity_weight,
        decisive_step=said.decisive_step,
        explanation=said.explanation,
        by=by,
    )
    return believed.diagnosis(trajectory, made)


def _severity(said: Severity | float) -> float:
    return SEVERITY[said] if isinstance(said, str) else said


def outcome(trajectory: Trajectory, said: SaidOutcome, by: str) -> Outcome:
    """What the log bears out of what the model found."""
    achievements = tuple(evidence(trajectory, one) for one in said.achievements)
    observations = tuple(evidence(trajectory, one) for one in said.key_observations)
    made = Outcome(run_id=trajectory.id, achievements=achievements, key_observations=observations, by=by)
    return believed.outcome(trajectory, made)


def proposal(trajectory: Trajectory, said: SaidGoal, attempt: int, by: str, *, as_dialogue: bool = False) -> Proposal:
    """A goal with its claims as they were made; the judges check them. One that cannot stand is not valid.

    A dialogue that is kept ends with what the agent said, where it says something at its end. Where it is folded, no
    step serves that asks the user for what the goal says.
    """
    last = len(trajectory.steps)
    end = said.end_step if 1 <= said.end_step <= last else last
    steps = [step for step in trajectory.steps[:end] if as_dialogue or step.answered_by == "environment"]
    relevant = tuple(step.n for step in steps if step.n in said.relevant_steps)
    words = trajectory.steps[end - 1].says if as_dialogue else None
    answer = (said.answer if words is None else words).strip()
    faults = {
        f"end_step {said.end_step} is no step of the run (1 to {last})": end != said.end_step,
        f"no step up to {end} is said to serve the goal": not relevant,
        "there is no answer": not answer,
    }
    wrong = [fault for fault, holds in faults.items() if holds]
    made = Proposal(
        run_id=trajectory.id,
        goal=said.hindsight_goal.strip(),
        claims=tuple(evidence(trajectory, claim) for claim in said.claims),
        end_step=end,
        relevant_steps=relevant,
        answer=answer,
        answer_source="grounded",
        valid=said.is_valid and not wrong,
        confidence=said.confidence,
        severity=_severity(said.severity),
        rationale="; ".join([*wrong, said.rationale]) if wrong else said.rationale,
        as_dialogue=as_dialogue,
        attempt=attempt,
        by=by,
    )
    return believed.proposal(trajectory, made)


def evidence(trajectory: Trajectory, said: SaidEvidence) -> Evidence:
    """What the model quoted, in the log's own words where it is found there: see `evidence.place`.

    A prompt shows some tags in another spelling; a model that copies those has quoted the log all the same.
    """
    made = [Evidence(text=said.text, step=said.step, quote=quote) for quote in (said.quote, plain(said.quote))]
    for one in made:
        if found := place(trajectory, one):
            return one.model_copy(update={"quote": found.quote})
    return made[0]
