"""Every type that flows through the pipeline, in the order in which it arises.

path → Trajectory → Diagnosis → Outcome → Proposal(s) → Verdicts → Sample(s) → dataset rows.

Records are frozen; no stage edits what an earlier one made. Steps are numbered from 1; step 0 is what
the agent saw before it first acted (`Trajectory.start`).
"""

from agenther.records.attribution import Attribution, Party, Suspect, Tag
from agenther.records.base import RULES, R, Record
from agenther.records.diagnosis import Diagnosis, Evidence, FailureType, Loop, Outcome
from agenther.records.kept import Kept, Soundness
from agenther.records.proposal import Judged, Point, Proposal, Verdict
from agenther.records.result import Reason, Rejection, Result, Spent
from agenther.records.sample import Sample
from agenther.records.trajectory import SET_ASIDE, Action, Blame, Branch, Ending, Label, Source, Step, Tool, Trajectory

__all__ = [
    "RULES",
    "SET_ASIDE",
    "Action",
    "Attribution",
    "Blame",
    "Branch",
    "Diagnosis",
    "Ending",
    "Evidence",
    "FailureType",
    "Judged",
    "Kept",
    "Label",
    "Loop",
    "Outcome",
    "Party",
    "Point",
    "Proposal",
    "R",
    "Reason",
    "Record",
    "Rejection",
    "Result",
    "Sample",
    "Soundness",
    "Source",
    "Spent",
    "Step",
    "Suspect",
    "Tag",
    "Tool",
    "Trajectory",
    "Verdict",
]
