"""A stage: `--stage classify=patient`. It gives up on a run only where nearly all of its acts brought errors."""

from agenther.evidence.trouble import troubles
from agenther.records import Diagnosis, Trajectory

TOO_MANY = 0.9


async def classify(run: Trajectory) -> Diagnosis:
    failed = len(troubles(run))
    share = failed / len(run.steps)
    return Diagnosis(
        run_id=run.id,
        is_failure=None,  # the log's own label counts, where there is one
        recoverable=share < TOO_MANY,
        severity=share,
        weight=1 - share,
        explanation=f"{failed} of {len(run.steps)} acts brought errors",
    )
