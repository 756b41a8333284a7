"""Names become objects: models, stages, judges, packagers. Nothing else does that."""

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from agenther import __version__, store
from agenther.errors import StoreError
from agenther.files import usable
from agenther.judges.grounded import NAME, grounded
from agenther.judges.model import ModelJudge
from agenther.ladder import includes
from agenther.llm.access import Access
from agenther.llm.model import Model
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.packagers.selection.select import select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import Written, write
from agenther.pipeline import Crew, Judge, Rules
from agenther.prompt import OPENING, Prompts, load
from agenther.records import Sample, Trajectory
from agenther.run import Job
from agenther.run.again import finished
from agenther.settings import Endpoint, Means, Settings
from agenther.stages import by_rules
from agenther.stages.by_model import ByModel
from agenther.stages.joined import Joined
from agenther.store.journal import MadeWith

PACKAGES = ("pydantic",)
PACKAGES_OF_MODELS = ("jinja2", "litellm", "openai")
PACKAGED = "made_with.json"
"""In the folder of the datasets: how they were chosen, so that they can be made in the same way again."""


def assemble(settings: Settings, means: Means | None = None) -> Job:
    """All that a run with these settings needs. Raises ModelError and PromptError before anything is done."""
    own = (Endpoint(settings.model, settings.base_url),) if settings.model else ()
    asked = (*own, *settings.judge_models)
    access = Access(asked, means or Means(), settings.concurrency, settings.base_url) if asked else None
    model = access.model(settings.model, settings.base_url) if access and settings.model else None
    judges = [access.model(*judge) for judge in _numbered(settings.judge_models)] if access else []
    prompts = load() if access else None
    stages = ByModel(model, prompts) if model and prompts else by_rules
    first = Joined(model, prompts) if model and prompts and settings.joined else stages
    return Job(
        made=MadeWith(
            agenther=__version__,
            settings=settings,
            prompts=_used(prompts, settings),
            versions=_versions(PACKAGES + PACKAGES_OF_MODELS if access else PACKAGES),
        ),
        crew=Crew({"classify": first.classify, "extract": first.extract}, stages.relabel, _panel(judges, prompts)),
        rules=Rules(
            theta=settings.theta,
            delta=settings.delta,
            attempts=settings.attempts,
            goals=settings.goals,
            assume_failed=settings.assume_failed,
            quorum=settings.quorum,
        ),
        package=partial(package, settings.formats),
        close=access.aclose if access else _nothing,
        processes=1 if access else _processors(),
        access=access,
    )


def _numbered(judges: tuple[Endpoint, ...]) -> Iterator[tuple[str, str | None, int]]:
    """(model, base_url, which one of that name it is)."""
    times: Counter[str] = Counter()
    for judge in judges:
        times[judge.model] += 1
        yield judge.model, judge.base_url, times[judge.model]


def _panel(models: list[Model], prompts: Prompts | None) -> dict[str, Judge]:
    """The judges by name, the mechanical one first."""
    panel: dict[str, Judge] = {NAME: grounded}
    if prompts is None:
        return panel
    times = Counter([NAME])
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


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def _processors() -> int:
    """How many this process may use, which can be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _nothing() -> None:
    """Rules hold nothing that would have to be given back."""


def package(formats: tuple[str, ...], folder: Path, target: Path, choices: Choices | None = None) -> Written:
    """The datasets of a run folder, into `target`, an empty folder, and a note of how they were made."""
    choices = choices or Choices()
    samples = partial(store.records, folder / "samples.jsonl", Sample)
    runs = partial(store.records, folder / "trajectories.jsonl", Trajectory)
    written = write(target, {name: PACKAGERS[name] for name in formats}, select(samples, runs, choices))
    with usable(target):
        made = Packaged(formats=formats, choices=choices, kto=written.balances).model_dump_json(indent=2) + "\n"
        (target / PACKAGED).write_text(made, "utf-8")
    return written


def package_as_before(folder: Path) -> Callable[[Path, Path], Written]:
    """`package`, with the formats and choices of the datasets that the run folder holds; by default the run's own."""
    path = folder / "dataset" / PACKAGED
    try:
        with usable(path):
            made = Packaged.model_validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError:
        raise StoreError(path, "is damaged; `agenther package` makes the datasets anew") from None
    formats = made.formats if made else finished(folder, half_forgotten=True).made_with.settings.formats
    if unknown := sorted({*formats} - PACKAGERS.keys()):
        raise StoreError(path, f"names {unknown[0]}, which is no dataset format; `agenther package` makes them anew")
    return partial(package, formats, choices=made.choices if made else None)
