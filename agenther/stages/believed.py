"""How far what somebody says of a run is believed, a model or a package of others: as far as the log bears it out."""

from agenther.evidence import place
from agenther.evidence.trouble import troubles
from agenther.records import RULES, Diagnosis, Evidence, Outcome, Proposal, Trajectory


def known_success(trajectory: Trajectory) -> Diagnosis:
    """The diagnosis of a run whose log tells that it met its goal."""
    why = f"the run met its goal (label: {trajectory.label.source})"
    return Diagnosis(run_id=trajectory.id, is_failure=False, weight=1, explanation=why, by=RULES)


def diagnosis(trajectory: Trajectory, said: Diagnosis) -> Diagnosis:
    """A label in the log is a fact and beats any opinion on whether the run failed; its steps are all there are."""
    success, decisive = trajectory.label.success, said.decisive_step
    is_step = decisive is not None and 1 <= decisive <= len(trajectory.steps)
    return said.model_copy(
        update={
            "is_failure": said.is_failure if success is None else not success,
            "decisive_step": decisive if is_step else None,
        }
    )


def outcome(trajectory: Trajectory, said: Outcome) -> Outcome:
    """Only what the log bears out: evidence is dropped whose quote does not stand in its step, or only in an error."""
    achievements = tuple(one for one in said.achievements if _is_shown(trajectory, one))
    observations = tuple(one for one in said.key_observations if _is_shown(trajectory, one))
    return said.model_copy(update={"achievements": achievements, "key_observations": observations})


def _is_shown(trajectory: Trajectory, one: Evidence) -> bool:
    """Does the quote stand in its step, and not in the answer to a call that failed?"""
    found = place(trajectory, one)
    return found is not None and (found.where == "action" or one.step not in troubles(trajectory))


def proposal(trajectory: Trajectory, said: Proposal) -> Proposal:
    """As it was made, for judges to check; only whether the answer is the log's own is no matter of opinion."""
    is_end = said.as_dialogue and said.end_step <= len(trajectory.steps)
    words = trajectory.steps[said.end_step - 1].says if is_end else None
    own = trajectory.answer if words is None else words
    return said.model_copy(update={"answer_source": "log" if said.answer == (own or "").strip() else "grounded"})
