"""Everything that a user can choose for one run; its JSON stands in `run.json`."""

import re
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from agenther.address import Address, shown
from agenther.gate import Gate
from agenther.ladder import JOINED, JOINS, METHODS, PANEL, STAGES
from agenther.records import Record, Verdict

Quorum = Literal["all", "majority"]
DeltaOn = Literal["goal", "run"]
Answers = Literal["auto", "json_schema", "json_object", "none"]


LOCAL = "local:"
"""Begins the name of a judge that needs no endpoint."""


class Endpoint(NamedTuple):
    """A model, and the address of the OpenAI-compatible endpoint at which it is asked, as it is shown; None: the
    provider's own.
    """

    model: str
    base_url: str | None


def endpoint(text: str, base_url: str | None = None) -> Endpoint:
    """Of MODEL or MODEL@BASE_URL; `base_url` stands in where the text names none."""
    model, own = apart(text)
    return Endpoint(model, base_url if own is None else shown(own))


def apart(text: str) -> tuple[str, str | None]:
    """(MODEL, BASE_URL) as they are written. A model's name may hold an @."""
    model, *own = re.split(r"@(?=\w+://)", text, maxsplit=1)
    return model.strip(), own[0] if own else None


def _judge(text: str) -> str:
    model, own = endpoint(text)
    return text if own is None else f"{model}@{own}"


class How(Record):
    """How logs are read, where a user says more than they tell themselves."""

    log_format: str | None = None
    """Read every file as this log format, instead of telling by its content."""
    field_map: str | None = None
    """Read every file by this map, whose TOML text it is; see `agenther/readers/maps`."""
    labels: str | None = None
    """A file that tells of runs, by id or task, whether they met their goal."""
    success_at: float | None = None
    """The least score of a success; None: the greatest score alone is one."""


BY_CONTENT = How()


class Settings(How):
    """The choices of one `agenther run`. Two runs with equal settings and input give equal bytes."""

    model: str | None = None
    """Who classifies, extracts and relabels; None: the built-in rules."""
    judges: tuple[Annotated[str, AfterValidator(_judge)], ...] = ()
    """MODEL, MODEL@BASE_URL or local:NAME of those that judge, beside the mechanical judge, which always does."""
    quorum: Quorum = "all"
    """How many of the models among the judges have to consent; the mechanical judge always has to."""
    base_url: Annotated[str, AfterValidator(shown)] | None = None
    """Address of an OpenAI-compatible endpoint for all models that have none of their own. Here and in `judges` it is
    kept as it is shown.
    """
    theta: float = Field(default=0.5, ge=0, le=1)
    """Least confidence of a proposal and of each judge (AgentHER §3.3, θ)."""
    gate: Gate | None = None
    """In the place of `theta` and `quorum`, what was found by ratings."""
    delta: float = Field(default=0.3, ge=0, le=1)
    """Least weight of what is kept of a run (AgentHER §3.1, δ)."""
    delta_on: DeltaOn = "goal"
    """Is it each demonstration that is weighed, or, as in AgentHER, the whole run?"""
    strict: bool = False
    """Do the mechanical judge's doubts refuse, too, whatever models say?"""
    attempts: int = Field(default=3, ge=1)
    """How often relabeling is tried (AgentHER §3.3, K)."""
    goals: int | None = Field(default=None, ge=1)
    """At most so many goals a run; None: all that hold (HSL). 1 is AgentHER's rule."""
    assume_failed: bool = False
    """Take runs of unknown success as failed."""
    formats: tuple[str, ...] = ("sft", "dpo", "kto", "sharegpt")
    """Dataset formats to write."""
    attribute: str | None = None
    """The method by which the decisive step is looked for, of `ladder.METHODS`; None: it is not."""
    with_answer: bool = False
    """Is the right answer shown to who looks for it, where the log tells it?"""
    keep_goal: bool = False
    """Are the sound steps of a failed run learned under its own goal, too? Only with a model that judges them."""
    fold: bool = False
    """Is what the user said in a dialogue folded into one request at its beginning? By default dialogues stay so."""
    joined: bool = False
    """Does the model classify and extract in one answer?"""
    stages: tuple[str, ...] = ()
    """STAGE=NAME of each stage that another package does, in the place of our own."""
    concurrency: int = Field(default=32, ge=1)
    """Calls under way to each model at a time, at most."""

    @property
    def judge_models(self) -> tuple[Endpoint, ...]:
        """The models that judge, in order, each once."""
        return tuple(dict.fromkeys(endpoint(one, self.base_url) for one in self.judges if not one.startswith(LOCAL)))

    @property
    def local_judges(self) -> tuple[str, ...]:
        """Names of the judges that run in this process."""
        return tuple(dict.fromkeys(one.removeprefix(LOCAL) for one in self.judges if one.startswith(LOCAL)))

    @property
    def brought(self) -> dict[str, str]:
        """Names of what other packages bring, by the stage that they do."""
        return {stage: name for stage, _, name in (one.partition("=") for one in self.stages)}

    def moved(self, base_url: Address | None) -> "Settings":
        """These, with another address of the endpoint if one is given."""
        return self.model_copy(update={"base_url": base_url.shown}) if base_url else self

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """(question, model) for all that models are asked, in the order of the stages."""
        asked = [
            (JOINED if self.joined and ask.question in JOINS else ask.question, model)
            for stage in STAGES.values()
            for ask in (METHODS[self.attribute or "rules"] if stage.name == "attribute" else stage.asks)
            for model in self._asked(ask.question)
            if model
        ]
        return tuple(asked[1:] if asked[:1] == asked[1:2] == [(JOINED, self.model)] else asked)

    def _asked(self, question: str) -> list[str | None]:
        """The models to which a question is put."""
        if question in self.brought:
            return []
        if question in {"judge", "sound"}:
            return [judge.model for judge in self.judge_models if question == "judge" or self.keep_goal]
        return [*self.heard] if question == "attribute" and self.attribute == PANEL else [self.model]

    @property
    def heard(self) -> tuple[str, ...]:
        """The models that sit on the panel which looks for the decisive step: all, each once."""
        names = (self.model, *(judge.model for judge in self.judge_models))
        return tuple({_bare(name): name for name in reversed(names) if name}.values())[::-1]

    @property
    def least(self) -> float:
        """What a proposal's own confidence has to reach."""
        return self.gate.threshold if self.gate else self.theta

    @property
    def least_by(self) -> str:
        """The option that says so."""
        return "--gate" if self.gate else "--theta"

    @property
    def by_majority(self) -> bool:
        """May models outvote one another? By a gate the lowest decides."""
        return self.quorum == "majority" and self.gate is None

    def consents(self, verdict: Verdict) -> bool:
        """Does the judge let the pair pass? A gate goes by the probability alone."""
        return verdict.probability >= self.least and (verdict.valid or self.gate is not None)

    @property
    def by(self) -> tuple[str, ...]:
        """Who writes goals and judges them; nobody by rules."""
        writer = f"{LOCAL}{self.brought['relabel']}" if "relabel" in self.brought else self.model
        judges = (*(judge.model for judge in self.judge_models), *(f"{LOCAL}{name}" for name in self.local_judges))
        return (*((writer,) if writer else ()), *sorted(judges))

    @property
    def judges_itself(self) -> bool:
        """Are goals judged by no other model than the one that writes them?

        Providers call the same model by other names ("openai/gpt-5", "gpt-5"), so what comes before the last slash
        does not tell models apart, unless it is the path of a script.
        """
        names = {judge.model for judge in self.judge_models}
        is_writer = self.model and "relabel" not in self.brought
        return bool(is_writer and names) and {_bare(name) for name in names} == {_bare(self.model or "")}


def _bare(model: str) -> str:
    return model if model.startswith("scripted:") else model.rpartition("/")[2].casefold()


class Price(Record):
    """USD for one token."""

    prompt: float = Field(default=0, ge=0)
    cached: float = Field(default=0, ge=0)
    """Of a prompt token that came from the provider's prefix cache."""
    completion: float = Field(default=0, ge=0)

    def usd(self, *, prompt: int, cached: int, completion: int) -> float:
        """Of one or more calls. `cached` is a part of `prompt`."""
        return (prompt - cached) * self.prompt + cached * self.cached + completion * self.completion

    def halved(self) -> "Price":
        """What providers take for calls in batches."""
        return Price(prompt=self.prompt / 2, cached=self.cached / 2, completion=self.completion / 2)


class Means(Record):
    """What one start of a run may use. Decides how it is done, not what comes of it, and so is not kept with it."""

    dry: bool = False
    """Nothing is asked, and no key is needed."""
    rpm: float | None = Field(default=None, gt=0)
    """Calls to each model a minute, at most."""
    tpm: float | None = Field(default=None, gt=0)
    """Tokens of each model a minute, at most."""
    timeout: float = Field(default=300, gt=0)
    """Seconds for one call."""
    patience: float = Field(default=600, ge=0)
    """Seconds for which a model may answer nothing at all, or ask to be left alone, until the run stops."""
    answers: Answers = "auto"
    """How an endpoint is asked to keep answers to their shape; "auto": by the most that it can."""
    max_cost: float | None = Field(default=None, ge=0)
    """USD for the run, over all its starts."""
    prices: dict[str, Price] = Field(default={})
    """By model; beside those in litellm's list."""
    allow_unknown_cost: bool = False
    keys: dict[str, str] = Field(default={})
    """Variables of the environment that hold keys, by the address of the endpoint that is shown them."""
    addresses: tuple[Address, ...] = Field(default=(), repr=False, exclude=True)
    """Of endpoints, with user, password and query."""
    cache: str | None = None
    """Path of the file of answers; None: in the user's cache folder."""
    batch: bool = False
    """Ask through the endpoint's batch API, in waves."""
    batch_dir: str | None = None
    """Ask through files in this folder, in waves."""
