"""Every type that flows through the pipeline, in the order in which it arises.

path → Trajectory → Diagnosis → Outcome → Proposal(s) → Verdicts → Sample(s) → dataset rows.

Records are frozen; no stage edits what an earlier one made. Steps are numbered from 1; step 0 is what
the agent saw before it first acted (`Trajectory.start`).
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

RULES = "rules"
"""Who did a stage that no model did."""


class Record(BaseModel):
    """Base of everything below: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Record)


# --- what a reader makes -------------------------------------------------------------------------


class Action(Record):
    """What the agent did: one call of a tool, or one message (`name="respond"`)."""

    name: str
    arguments: dict[str, JsonValue] = {}
    """By parameter name. Empty when the log holds text that is not a JSON object; see `raw`."""
    raw: str | None = None
    """The arguments' text as logged, only when it is not a JSON object."""


class Step(Record):
    """One act of the agent and what came back."""

    n: int = Field(ge=1)
    turn: int = Field(ge=1)
    """Number of the agent's message that holds this act; parallel calls share it."""
    thought: str | None = None
    action: Action
    observation: str | None = None
    """What came back after the action, whole, as the agent saw it; None if nothing did."""
    answered_by: Literal["environment", "user"] = "environment"
    """Who wrote the observation; "user" makes the run a dialogue."""
    error: str | None = None
    """Why the environment says that the action failed, where the log's format says so outright."""
    url: str | None = None
    """Address of the page on which the action was taken (web runs)."""
    final: bool = False
    """The agent's closing act: stop, Finish, a last message to the user."""
    note: str | None = None
    """What the user or the harness said after the result, apart from it."""
    note_by: Literal["environment", "user"] = "environment"
    """Who said it; a request of the user makes the run a dialogue."""
    agent: str = ""
    """Which agent acted, by the name that the log gives it."""
    message: int | None = None
    """Index, from 0, of the log's message that holds the act."""
    at: str = ""
    """When it acted, as the log writes it."""

    @property
    def said_by_user(self) -> str:
        """What the user said after the act; empty if he did not speak."""
        if self.answered_by == "user":
            return self.observation or ""
        return self.note or "" if self.note_by == "user" else ""

    @property
    def says(self) -> str | None:
        """What the agent says to the user, under whatever name the log keeps it; None where it calls a tool."""
        if self.action.name != "respond":
            return None
        said = (value for value in self.action.arguments.values() if isinstance(value, str))
        return next(said, self.action.raw or "")


class Tool(Record):
    """A tool that the agent could call, as its schema stands in the log."""

    name: str
    description: str = ""
    parameters: dict[str, JsonValue] = {}
    """A JSON Schema object; empty when the log does not tell."""


class Label(Record):
    """Did the run meet its original goal, and who says so. Never inferred from having finished."""

    success: bool | None = None
    source: str = "none"
    """For example "log", "reward", "pass-rate", "offline string_match", "crash"; "none" if nobody says."""
    score: float | None = None
    reward: float | None = Field(default=None, ge=0, le=1)
    """How near the run came to its goal, from 0 to 1: of a score, which part of the most it is. Not in the run's id."""
    reward_by: Literal["", "score", "checklist"] = ""
    """Where that is from. A checklist tells of each thing that was looked at whether it was met."""
    unread: tuple[str, ...] = ()
    """Fields that look like labels, and of which it is not known what they say."""
    rows: tuple[int, ...] = Field(default=(), exclude=True)
    """Of the user's file of labels, those about the run, from 0. Not written down."""


class Blame(Record):
    """Whom people who read the log hold responsible for its failure."""

    agent: str = ""
    """By the name that the log gives it."""
    message: int | None = None
    """Index, from 0, of the log's message in which it erred."""
    reason: str = ""


class Ending(StrEnum):
    """How the run ended, as far as the log shows."""

    ANSWERED = "answered"
    GAVE_UP = "gave-up"
    STEP_LIMIT = "step-limit"
    PARSE_FAILURE = "parse-failure"
    REPEATED = "repeated-action"
    CRASHED = "crashed"
    UNKNOWN = "unknown"


SET_ASIDE = "results-set-aside"
"""The flag of a run that has results of which nothing tells whose they are. No step holds them."""


class Branch(Record):
    """Another path through the same search tree: the same run, the same side of every split."""

    steps: tuple[Step, ...]
    answer: str | None = None


class Source(Record):
    """Where a run was read."""

    format: str
    path: str
    """Relative to the LOGS argument under which it was found; `/` as separator."""
    line: int | None = None
    """Line in the file, from 1, for line-wise formats."""
    key: str = ""
    """Which run of the file: a query id, a list index, "task/trial"; empty when the file holds one."""
    sha256: str = ""
    """Of the file's bytes; no part of the run's id, so that a line added to a file changes no other run."""


class Trajectory(Record):
    """One run of an agent, whole."""

    id: str
    """Content hash, prefixed by the format. Stable across machines, orders and reruns."""
    source: Source
    goal: str
    goal_seen: bool = True
    """False when the agent never saw the goal's text (a simulated user held it)."""
    task_id: str = ""
    benchmark: str = ""
    domain: str = ""
    template: str = ""
    """Key of the task's template; runs that share it stay on one side of every split."""
    system: str | None = None
    tools: tuple[Tool, ...] = ()
    start: str | None = None
    """What the agent observed before its first action (step 0)."""
    steps: tuple[Step, ...]
    answer: str | None = None
    """The agent's final answer to its user; None when it gave none or the log's is synthetic."""
    ending: Ending = Ending.UNKNOWN
    label: Label = Label()
    failure_reason: str | None = None
    """What the log itself says went wrong, in its own words."""
    blame: Blame | None = None
    """What people say of who erred and when; nobody is shown it who is to find that out."""
    reference: str | None = None
    """The right answer, where the log tells it; shown to nobody unless that is asked for."""
    flags: tuple[str, ...] = ()
    """Quality flags of the reader, for example "observations-truncated"."""
    branches: tuple[Branch, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)

    def observation(self, step: int) -> str:
        """What was seen at `step`: 0 is the start, n is what came back after action n; "" if nothing."""
        if step == 0:
            return self.start or ""
        return self.steps[step - 1].observation or "" if step <= len(self.steps) else ""

    def observations(self, end: int | None = None) -> Iterator[tuple[int, str]]:
        """(step, text) for each non-empty observation up to and including step `end`."""
        for n in range((len(self.steps) if end is None else end) + 1):
            if text := self.observation(n):
                yield n, text

    @property
    def lacks_results(self) -> bool:
        """Does a step without observation have one all the same, which could not be told from others?"""
        return SET_ASIDE in self.flags

    @property
    def is_dialogue(self) -> bool:
        """Does the user speak again after the run began?"""
        return any("user" in (step.answered_by, step.note_by) for step in self.steps)

    @property
    def opening(self) -> str:
        """What the user said first; "" where nobody wrote that down."""
        return self.goal if self.goal_seen else self.start or ""


# --- what the stages make ------------------------------------------------------------------------


class FailureType(StrEnum):
    """AgentHER §3.1."""

    INCOMPLETE = "incomplete"
    CONSTRAINT_VIOLATION = "constraint_violation"
    WRONG_RESULT = "wrong_result"
    TOOL_ERROR = "tool_error"
    HALLUCINATION = "hallucination"
    OFF_TOPIC = "off_topic"


class Loop(Record):
    """The same action `times` times in a row, from step `start` on."""

    start: int
    times: int


class Diagnosis(Record):
    """Stage 1 (AgentHER §3.1)."""

    run_id: str
    is_failure: bool | None
    """None: nothing tells. Such a run is not relabeled unless it is assumed failed."""
    failure_type: FailureType | None = None
    recoverable: bool = False
    """Was anything substantive observed?"""
    severity: float = Field(default=0, ge=0, le=1)
    """How bad the failure is: 0 harmless, 1 worthless. Never used as a weight."""
    weight: float = Field(default=0, ge=0, le=1)
    """1 keeps the sample in full, 0 drops it."""
    decisive_step: int | None = None
    """The first step after which the run could no longer succeed, as far as can be told."""
    loops: tuple[Loop, ...] = ()
    explanation: str = ""
    by: str = RULES
    """Who judged: "rules", or the model's name."""


class Evidence(Record):
    """A statement and the verbatim words of the log that show it."""

    text: str
    step: int
    quote: str
    """Occurs verbatim in the observation of `step`, or in an argument of its action."""


class Outcome(Record):
    """Stage 2: what was really achieved (AgentHER §3.2)."""

    run_id: str
    achievements: tuple[Evidence, ...] = ()
    key_observations: tuple[Evidence, ...] = ()
    by: str = RULES


class Tag(StrEnum):
    """What a step was worth to the failed goal (SRFT, arXiv 2605.10674)."""

    GOOD = "good"
    UNNECESSARY = "unnecessary"
    MISTAKE = "mistake"
    RECOVERY = "recovery"


Party = Literal["agent", "tool", "environment", "user", "task"]
"""Who can be responsible for a failure."""


class Suspect(Record):
    """A step that may have been the decisive one."""

    step: int = Field(ge=1)
    agent: str
    weight: float = Field(ge=0, le=1)
    """How likely it is; those of all suspects of a run add up to no more than 1."""
    reason: str = ""
    quote: str = ""
    """Verbatim words of the step; empty where none could be found in it."""


class Attribution(Record):
    """Who made the run fail, and when (Who&When, arXiv 2505.00212): the earliest step such that, had the agent acted
    rightly there, the run would have succeeded.
    """

    run_id: str
    suspects: tuple[Suspect, ...] = ()
    """The likeliest first; none where nothing tells."""
    party: Party = "agent"
    tags: tuple[Tag, ...] = ()
    """One for each step of the run; empty where the method tells none."""
    method: str
    with_answer: bool = False
    """Was the reference answer shown?"""
    unshown: int = 0
    """Steps at the run's end for which there was no room in the prompt."""
    by: str = RULES

    @property
    def step(self) -> int | None:
        """The decisive one."""
        return self.suspects[0].step if self.suspects else None

    @property
    def agent(self) -> str:
        """The responsible one."""
        return self.suspects[0].agent if self.suspects else ""

    @property
    def wasted(self) -> frozenset[int]:
        """Steps that nobody should learn from."""
        return frozenset(n for n, tag in enumerate(self.tags, 1) if tag in {Tag.MISTAKE, Tag.UNNECESSARY})


class Proposal(Record):
    """Stage 3: a goal that a beginning of the run demonstrates (AgentHER §3.3; HSL)."""

    run_id: str
    goal: str
    claims: tuple[Evidence, ...]
    """One for each requirement of the goal."""
    end_step: int = Field(ge=1)
    """The first step at which the goal is met; later steps are cut."""
    relevant_steps: tuple[int, ...]
    """The steps up to `end_step` that serve the goal; only these carry loss."""
    answer: str
    """What the agent says at the end, every fact from the observations up to `end_step`."""
    answer_source: Literal["log", "grounded"]
    """The log's own final answer, or one written anew from the observations."""
    valid: bool = True
    """Does the proposer itself hold the goal to be valid?"""
    confidence: float = Field(ge=0, le=1)
    rationale: str = ""
    severity: float | None = Field(default=None, ge=0, le=1)
    """How bad what the kept steps do is: 0 harmless, 1 worthless. None: nobody weighed it; then it is measured."""
    kind: str = ""
    """Goal type for balance, for example "lookup", "navigate", "search", "change"."""
    as_dialogue: bool = False
    """Is the dialogue itself the demonstration, so that the user's turns stay as they were? Otherwise the goal is what
    the user asks, and holds all that he said.
    """
    attempt: int = 1
    by: str = RULES

    @property
    def weight(self) -> float:
        """1 keeps the demonstration in full, 0 drops it."""
        return round(1 - (self.severity or 0), 4)


class Point(Record):
    """A doubt about a proposal, for somebody who can read to decide."""

    rule: str
    """Name of the mechanical rule that raised it."""
    question: str
    """In words. It quotes the new goal and its answer, never the failed request, which judges must not see."""
    settled: bool | None = None
    """Was it decided for the goal? None: nobody decided it."""
    reason: str = ""
    """Of who decided it."""


class Verdict(Record):
    """One judge's opinion of one proposal."""

    judge: str
    valid: bool
    confidence: float = Field(ge=0, le=1)
    reason: str = ""
    rule: str = ""
    """Name of the mechanical rule that refused; empty for model judges and for consent."""
    points: tuple[Point, ...] = ()
    """Of the mechanical judge, the doubts that it raises; of a model, how it decided each."""
    claims: tuple[tuple[str, bool, int | None], ...] = ()
    """(claim, supported, step)."""
    raw: str | None = None
    """The last answer of a model that gave none that could be used."""

    @property
    def probability(self) -> float:
        """That the pair is valid, by this judge. Who refuses gives it no more than an even chance."""
        return self.confidence if self.valid else min(self.confidence, 1 - self.confidence)


class Judged(Record):
    """A proposal and what became of it."""

    proposal: Proposal
    verdicts: tuple[Verdict, ...] = ()
    accepted: bool
    why: str = ""
    """Why it was refused, where no judge refused it."""
    known: bool = False
    """Did an earlier round make its goal? Then it was refused for that, which says nothing against it."""

    @property
    def run_id(self) -> str:
        return self.proposal.run_id


class Soundness(Record):
    """What is said of one step of a failed run: was it right under the run's own goal, by what was known then?"""

    step: int = Field(ge=1)
    verdicts: tuple[Verdict, ...]
    """The mechanical judge's first."""
    trained: bool
    """Does it carry loss?"""

    @property
    def confidence(self) -> float:
        """The least of any judge."""
        return min(verdict.confidence for verdict in self.verdicts)


class Kept(Record):
    """What of a failed run is learned under its own goal: its sound steps (SRFT, arXiv 2605.10674)."""

    run_id: str
    steps: tuple[Soundness, ...] = ()
    """Those that could be learned, as far as anybody was asked."""
    failure_type: FailureType | None = None
    why: str = ""
    """Why none is learned; empty where one is."""

    @property
    def trained(self) -> tuple[int, ...]:
        """The steps that carry loss; what stands between them is shown, and carries none."""
        return tuple(one.step for one in self.steps if one.trained)


class Sample(Record):
    """An accepted (goal, demonstration) pair; canonical: every dataset format is derived from it."""

    id: str
    run_id: str
    source: Source
    goal: str
    original_goal: str
    goal_seen: bool
    task_id: str
    benchmark: str
    domain: str
    template: str
    kind: str
    system: str | None
    tools: tuple[Tool, ...]
    start: str | None
    opening: str | None = None
    """Of a dialogue that is kept as it was, the user's first words. None: the goal is what the user asks."""
    steps: tuple[Step, ...]
    """Up to and including `end_step`. Where a dialogue is folded into its goal, the turns with the user are dropped."""
    relevant_steps: tuple[int, ...]
    answer: str
    answer_source: Literal["log", "grounded"]
    original_answer: str | None
    claims: tuple[Evidence, ...]
    rationale: str
    confidence: float
    """Mean of the judges' confidences (AgentHER §3.3); that of one who refused, and was outvoted, is 0."""
    failure_type: FailureType | None
    severity: float
    weight: float
    verdicts: tuple[Verdict, ...]
    by: str
    prompts: dict[str, str] = {}
    """Fingerprint (sha256) of each prompt that had a part in it; empty for rules."""
    gate: str = ""
    """Name of the `gate.json` by which it was accepted."""

    @classmethod
    def of_run(cls, run: Trajectory, **own: object) -> "Sample":
        """A sample of the run: what it shares with it is taken from there, `own` is the rest."""
        shared = "source goal_seen task_id benchmark domain template system tools start".split()
        ties = {"run_id": run.id, "original_goal": run.goal, "original_answer": run.answer}
        return cls.model_validate({**{name: getattr(run, name) for name in shared}, **ties, **own})


class Reason(StrEnum):
    """Why a log ends without a sample."""

    # reading
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NOT_JSON = "not-json"
    ENCODING = "encoding"
    TOO_LARGE = "too-large"
    UNKNOWN_FORMAT = "unknown-format"
    AMBIGUOUS_FORMAT = "ambiguous-format"
    MALFORMED = "malformed"
    NO_GOAL = "no-goal"
    NO_STEPS = "no-steps"
    DUPLICATE = "duplicate"
    EARLIER_ROUND = "earlier-round"
    # classify
    SUCCESS = "success"
    NOT_KNOWN_TO_FAIL = "not-known-to-fail"
    IRRECOVERABLE = "irrecoverable"
    LOW_WEIGHT = "low-weight"
    # extract
    NOTHING_ACHIEVED = "nothing-achieved"
    # relabel
    NO_GOAL_PROPOSED = "no-goal-proposed"
    KNOWN_GOAL = "known-goal"
    LOW_CONFIDENCE = "low-confidence"
    REFUSED = "refused"
    DIALOGUE = "dialogue"
    # models
    BAD_ANSWER = "bad-answer"
    # us
    INTERNAL = "internal-error"


class Rejection(Record):
    """The one reason for which a log gave no sample."""

    run_id: str | None = None
    path: str
    line: int | None = None
    key: str = ""
    stage: str
    """"read", or the name of a stage."""
    reason: Reason
    detail: str
    """For a person: what, and what to do about it."""
    raw: str | None = None
    """The model's raw answer, when that is what failed; of a bug, where it is."""


class Spent(Record):
    """What one stage of one run asked of one model."""

    run_id: str
    stage: str
    model: str
    calls: int
    """Answers, those too that could not be used."""
    retries: int
    """Calls that were not answered and made again."""
    uncounted: int
    """Answers whose tokens the endpoint did not tell; they are guessed from the length."""
    prompt: int
    cached: int
    """How many of `prompt` came from the provider's prefix cache."""
    completion: int
    usd: float | None = None
    """What it cost when it was asked; None when a price was not known then."""


class Result(Record):
    """Everything that one run came to: samples, or exactly one rejection."""

    run_id: str
    made: tuple[Record, ...] = ()
    """What the stages made, in their order."""
    rejection: Rejection | None = None
    spent: tuple[Spent, ...] = ()
    """Empty where only rules worked."""

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """What was made of that kind."""
        return tuple(record for record in self.made if isinstance(record, kind))

    def plus(self, *made: Record) -> "Result":
        return self.model_copy(update={"made": (*self.made, *made)})

    @property
    def diagnosis(self) -> Diagnosis | None:
        return next(iter(self.all(Diagnosis)), None)

    @property
    def outcome(self) -> Outcome | None:
        return next(iter(self.all(Outcome)), None)

    @property
    def attribution(self) -> Attribution | None:
        return next(iter(self.all(Attribution)), None)

    @property
    def judged(self) -> tuple[Judged, ...]:
        return self.all(Judged)

    @property
    def samples(self) -> tuple[Sample, ...]:
        return self.all(Sample)
