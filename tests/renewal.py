"""One of our own dialogues, which failed, and what a model may say of the loan that was renewed in it."""

from pathlib import Path

from agenther.llm.schemas import SaidGoal
from agenther.readers.reading import read
from agenther.records import Trajectory
from agenther.stages.by_model import proposal

LOGS = Path(__file__).parents[1] / "data" / "tau_bench"
RUN = next(run for run in read([LOGS]) if isinstance(run, Trajectory) and run.task_id == "2")
OPENING = "Hello, can I keep Salt and Cedar a bit longer?"
DONE = 'Done: "Salt and Cedar" is now due on 2025-04-03. Is there anything else?'
GOAL = {
    "hindsight_goal": "On card R-5518, renew the loan of Salt and Cedar, and tell me the new date on which it is due.",
    "is_valid": True,
    "confidence": 0.9,
    "rationale": "The renewal came back with the new date.",
    "severity": "none",
    "end_step": 6,
    "relevant_steps": [1, 2, 3, 4, 5, 6],
    "answer": "",
    "claims": [
        {"text": "the card is R-5518", "step": 1, "quote": "R-5518"},
        {"text": "the loan of Salt and Cedar was renewed", "step": 5, "quote": '"title": "Salt and Cedar"'},
        {"text": "the new date on which it is due is 2025-04-03", "step": 5, "quote": '"due": "2025-04-03"'},
    ],
}
SHOWN = GOAL["claims"][1:]
BY_CALL = {"end_step": 5, "relevant_steps": [1, 2, 3, 4, 5], "answer": "It is now due on 2025-04-03."}


def proposed(run=RUN, kept=True, **changes):
    return proposal(run, SaidGoal.model_validate(GOAL | changes), 1, "m", as_dialogue=kept)
