"""What a model may say about the lamp that costs too much, in an answer to each question."""

CLAIM = {"text": "The Orbit lamp costs $12.99.", "step": 2, "quote": "$12.99"}
CLASSIFY = {
    "is_failure": True,
    "failure_type": "constraint_violation",
    "severity": "minor",
    "severity_weight": 0.8,
    "recoverable": True,
    "decisive_step": 2,
    "explanation": "It costs more than $5.",
}
EXTRACT = {"achievements": [CLAIM], "key_observations": []}
GOAL = {
    "hindsight_goal": "Open the page of the Orbit lamp and tell me what it costs.",
    "is_valid": True,
    "confidence": 0.8,
    "rationale": "Its page was opened.",
    "severity": "minor",
    "end_step": 2,
    "relevant_steps": [1, 2],
    "answer": "The Orbit lamp costs $12.99.",
    "claims": [CLAIM],
}
SETTLED = [{"n": n, "settled": True, "reason": "It is shown."} for n in range(1, 9)]
YES = {"is_valid": True, "confidence": 0.9, "rejection_reason": "", "claims": [], "points": SETTLED}
ANSWERS = {"classify": CLASSIFY, "extract": EXTRACT, "relabel": {"goals": [GOAL]}, "judge": YES}
