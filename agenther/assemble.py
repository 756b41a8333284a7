"""Names become objects: models, stages, judges. Nothing else does that."""

import os
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.metadata import EntryPoint, version

from agenther import __version__
from agenther.errors import ModelError, PromptError
from agenther.jobs.job import Job
from agenther.jobs.spread import nobody
from agenther.judges.model import ModelJudge
from agenther.judges.sound import SoundJudge, StepJudge
from agenther.judges.table import JUDGES, Judge, seated
from agenther.ladder import LAST, PANEL, STAGES, includes
from agenther.lessons.told import Teller
from agenther.llm.access import Access
from agenther.llm.model import Model, ModelOf
from agenther.pipeline import Crew, keep
from agenther.pipeline.crew import Work
from agenther.plugins import package
from agenther.prompt import OPENING, Prompts, load
from agenther.settings import Endpoint, Means, Settings
from agenther.stages import brought, by_rules
from agenther.stages.attribute import rules as attribution_by_rules
from agenther.stages.attribute.by_model import ByModel as AttributionByModel
from agenther.stages.attribute.panel import Panel
from agenther.stages.by_model import ByModel
from agenther.stages.joined import Joined
from agenther.store.journal import MadeWith

PACKAGES = ("pydantic",)
PACKAGES_OF_MODELS = ("jinja2", "litellm", "openai")


def assemble(settings: Settings, means: Means | None = None) -> Job:
    """All that a run with these settings needs. Raises ModelError and PromptError before anything is done, and
    AgentHERError for a stage that no package brings.
    """
    points = brought.points(settings.brought)
    own = (Endpoint(settings.model, settings.base_url),) if settings.model else ()
    asked = (*own, *settings.judge_models)
    access = Access(asked, means or Means(), settings.concurrency, settings.base_url) if asked else None
    prompts = load() if access else None
    marks = _used(prompts, settings)
    return Job(
        made=MadeWith(
            agenther=__version__,
            settings=settings,
            prompts=marks,
            versions=_versions(PACKAGES + PACKAGES_OF_MODELS if access else PACKAGES, points.values()),
        ),
        crew=_crew(settings, prompts, access.model if access else nobody),
        close=access.aclose if access else _nothing,
        processes=1 if access or settings.local_judges or points else _processors(),
        hire=partial(hired, settings, marks),
        access=access,
    )


def hired(settings: Settings, marks: dict[str, str], models: ModelOf) -> Crew:
    """The crew of a run with these settings, made where `models` are to be had.

    Raises PromptError where the prompts are not those with these `marks`.
    """
    prompts = load() if marks else None
    for name, mark in _used(prompts, settings).items():
        if mark != marks.get(name):
            raise PromptError(name, "has another text here than where the run was started")
    return _crew(settings, prompts, models)


def _crew(settings: Settings, prompts: Prompts | None, models: ModelOf) -> Crew:
    model = models(settings.model, settings.base_url, 1) if settings.model else None
    judges = [models(*judge) for judge in _numbered(settings.judge_models)]
    panel = seated(settings.local_judges) | (_models(judges, prompts) if prompts else {})
    stages = ByModel(model, prompts, settings.fold) if model and prompts else by_rules
    own_relabel = stages.relabel if isinstance(stages, ByModel) else partial(by_rules.relabel, fold=settings.fold)
    first = Joined(model, prompts) if model and prompts and settings.joined else stages
    done: dict[str, Work] = {"classify": first.classify, "extract": first.extract}
    if settings.attribute:
        done["attribute"] = _attributing(settings, [model, *judges], prompts)
    if settings.keep_goal:
        done["keep"] = partial(keep, judges=_of_steps(panel), settings=settings)
    others = {stage: brought.work(stage, point) for stage, point in brought.points(settings.brought).items()}
    relabel = others.pop(LAST, own_relabel)
    done |= others
    return Crew({name: done[name] for name in STAGES if name in done}, relabel, panel)


def teaching(settings: Settings, means: Means) -> tuple[Job, Teller]:
    """The model of these settings, to be asked for lessons. Raises as `assemble` does."""
    job = assemble(settings, means)
    assert job.access
    assert settings.model
    return job, Teller(job.access.model(settings.model, settings.base_url), load())


def _attributing(settings: Settings, models: list[Model | None], prompts: Prompts | None) -> Work:
    """Who looks for the decisive step: the first of the models or, in a panel, each of them once."""
    method = settings.attribute or attribution_by_rules.METHOD
    if method == attribution_by_rules.METHOD:
        return attribution_by_rules.attribute
    if not (models[0] and prompts):
        raise ModelError(method, "this way of finding the decisive step asks a model, and none is named")
    if method != PANEL:
        return AttributionByModel(models[0], prompts, method, settings.with_answer).attribute
    names = (settings.model, *(judge.model for judge in settings.judge_models))
    by_name = {name: model for name, model in zip(reversed(names), reversed(models), strict=True) if model}
    how = partial(AttributionByModel, prompts=prompts, method="all-at-once", with_answer=settings.with_answer)
    return Panel(tuple(how(by_name[name]) for name in settings.heard)).attribute


def _of_steps(panel: dict[str, Judge]) -> dict[str, StepJudge]:
    """Those of the judges that are models, as judges of single steps, by name."""
    models = {name: judge for name, judge in panel.items() if isinstance(judge, ModelJudge)}
    return {name: SoundJudge(judge.model, judge.prompts, name) for name, judge in models.items()}


def _numbered(judges: tuple[Endpoint, ...]) -> Iterator[tuple[str, str | None, int]]:
    """(model, base_url, which one of that name it is)."""
    times: Counter[str] = Counter()
    for judge in judges:
        times[judge.model] += 1
        yield judge.model, judge.base_url, times[judge.model]


def _models(models: list[Model], prompts: Prompts) -> dict[str, Judge]:
    """The judges that are models, by name."""
    times = Counter([*JUDGES])
    panel: dict[str, Judge] = {}
    for model in models:
        times[model.name] += 1
        judge = ModelJudge(model, prompts, times[model.name])
        panel[judge.name] = judge
    return panel


def _used(prompts: Prompts | None, settings: Settings) -> dict[str, str]:
    """Fingerprints of the prompts that have a part in the samples."""
    if prompts is None:
        return {}
    asked = {question for question, _ in settings.questions}
    used = {OPENING, *(prompt for question in asked for prompt in includes(question))}
    return {name: mark for name, mark in prompts.fingerprints.items() if name in used}


def _versions(packages: tuple[str, ...], points: Iterable[EntryPoint]) -> dict[str, str]:
    others = {package(point): point.dist.version for point in points if point.dist}
    return {"python": platform.python_version(), **{name: version(name) for name in packages}, **others}


def _processors() -> int:
    """How many this process may use, which can be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _nothing() -> None:
    """Rules hold nothing that would have to be given back."""
