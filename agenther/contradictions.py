"""What cannot be meant: settings and means that contradict each other, or that say nothing as they stand together.

They are named as `agenther run` names them; `Settings` and `Means` have fields of these names.
"""

from collections.abc import Iterator

from agenther.errors import SettingsError
from agenther.ladder import JOINS, METHODS, OPEN, PANEL
from agenther.settings import Means, Settings


def check(settings: Settings, means: Means) -> None:
    """Raises SettingsError for the first that is found."""
    for why in (*_of_models(settings, means), *_of_stages(settings), *_of_attribution(settings), *_of_gate(settings)):
        raise SettingsError(why)


def _of_models(settings: Settings, means: Means) -> Iterator[str]:
    about = {
        "--base-url": settings.base_url,
        "--batch": means.batch,
        "--batch-dir": means.batch_dir,
        "--dry-run": means.dry,
    }
    if not (settings.model or settings.judge_models):
        for option in (option for option, given in about.items() if given):
            yield f"{option} is about models, and by rules none is asked; name one with --model or --judge"
    if means.batch and means.batch_dir:
        yield "--batch asks a provider, --batch-dir asks through files; choose one"
    if settings.joined and not settings.model:
        yield "--joined is for models; name one with --model"


def _of_stages(settings: Settings) -> Iterator[str]:
    for stage, name in settings.brought.items():
        if stage not in OPEN or not name:
            yield f"--stage {stage} has not the form STAGE=NAME with one of the stages {', '.join(OPEN)}"
        if settings.joined and stage in JOINS:
            yield f"--joined asks one model for {' and '.join(JOINS)}, and --stage has another do {stage}; choose one"
    if len(settings.brought) < len(settings.stages):
        yield "--stage names two for one stage; choose one"
    if settings.attribute and "attribute" in settings.brought:
        yield "--attribute and --stage both say who looks for the decisive step; choose one"


def _of_attribution(settings: Settings) -> Iterator[str]:
    method = settings.attribute
    if method and method not in METHODS:
        yield f"no method of attribution is called {method}; there are {', '.join(METHODS)}"
        return
    asks = METHODS[method] if method else ()
    if asks and not settings.model:
        yield f"--attribute {method} asks a model; name one with --model, or take rules"
    if method == PANEL and len(settings.heard) < 2:
        yield "--attribute panel hears several models, each once; name another with --judge"
    if settings.with_answer and not asks:
        yield "--with-answer is for a model that looks for the decisive step; see --attribute"
    if settings.keep_goal and not (method or "attribute" in settings.brought):
        yield "--keep-goal needs to know where a run went wrong; name a method with --attribute"
    if settings.keep_goal and not settings.judge_models:
        yield "--keep-goal learns no step that no model confirmed; name one with --judge"


def _of_gate(settings: Settings) -> Iterator[str]:
    for name in ("theta", "quorum"):
        if settings.gate and getattr(settings, name) != Settings.model_fields[name].default:
            yield f"--gate stands in the place of --{name}; give one of them"
