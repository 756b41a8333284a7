"""A crew whose every stage says what it is told to; by default all of them agree and one goal is accepted."""

from builders import ANSWER, NEW_GOAL

from agenther.pipeline import Crew
from agenther.records import Diagnosis, Evidence, FailureType, Outcome, Proposal, Verdict

QUOTE = Evidence(text="the lamp costs $12.99", step=2, quote="$12.99")


def a_diagnosis(run_id="", **changes):
    fields = {
        "run_id": run_id,
        "is_failure": True,
        "failure_type": FailureType.CONSTRAINT_VIOLATION,
        "recoverable": True,
        "severity": 0.25,
        "weight": 0.75,
        "explanation": "No lamp is under $5.",
    }
    return Diagnosis(**{**fields, **changes})


def a_proposal(goal=NEW_GOAL, run_id="", **changes):
    fields = {
        "run_id": run_id,
        "goal": goal,
        "claims": (QUOTE,),
        "end_step": 2,
        "relevant_steps": (1, 2),
        "answer": ANSWER,
        "answer_source": "grounded",
        "confidence": 0.9,
        "kind": "lookup",
    }
    return Proposal(**{**fields, **changes})


def claimed(goal):
    return QUOTE.model_copy(update={"text": f"{goal}: the lamp costs $12.99"})


def a_verdict(valid=True, confidence=1.0, **changes):
    return Verdict(**{"judge": "j", "valid": valid, "confidence": confidence, **changes})


class Cast:
    """Plays a crew and keeps what it was asked. Anything that is an exception is raised."""

    def __init__(self, diagnosis=None, achieved=(QUOTE,), attempts=((NEW_GOAL,),), verdicts=((),)):
        """`attempts`: goals or proposals of each attempt. `verdicts`: of each judge in turn, the last for all later."""
        self.diagnosis = diagnosis or {}
        self.achieved = achieved
        self.attempts = attempts
        self.verdicts = verdicts
        self.asked = []

    @property
    def crew(self):
        judges = {f"judge {number}": self.judge(number) for number in range(len(self.verdicts))}
        return Crew({"classify": self.classify, "extract": self.extract}, self.relabel, judges)

    async def classify(self, trajectory):
        self.asked.append("classify")
        return a_diagnosis(trajectory.id, **given(self.diagnosis))

    async def extract(self, trajectory, _diagnosis):
        self.asked.append("extract")
        return Outcome(run_id=trajectory.id, achievements=given(self.achieved))

    async def relabel(self, trajectory, _diagnosis, _outcome, attempt, refused):
        self.asked.append(f"relabel {attempt} after {len(refused)}")
        goals = given(self.attempts[min(attempt, len(self.attempts)) - 1])
        made = [a_proposal(goal, claims=(claimed(goal),)) if isinstance(goal, str) else goal for goal in goals]
        return tuple(one.model_copy(update={"run_id": trajectory.id, "attempt": attempt}) for one in made)

    def judge(self, number):
        left = list(self.verdicts[number])

        async def ask(_trajectory, proposal, _points):
            self.asked.append(f"judge {number}: {proposal.goal}")
            said = (left.pop(0) if len(left) > 1 else left[0]) if left else a_verdict()
            return given(said)

        return ask


def given(value):
    if isinstance(value, Exception):
        raise value
    return value
