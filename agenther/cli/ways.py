"""By which methods the decisive steps of runs are looked for, and what comes of each: of logs, or of a run folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agenther.address import Address
from agenther.errors import AgentHERError
from agenther.ladder import METHODS
from agenther.records import RULES, Rejection
from agenther.settings import Means, Settings, endpoint

if TYPE_CHECKING:
    from agenther.attribution.alone import Looked

PANEL = "panel"


def ways(methods: tuple[str, ...], models: tuple[str, ...], chosen: Settings) -> dict[str, Settings]:
    """By name, what is to be tried: each method, of those that ask one model with each."""
    names = [endpoint(model).model for model in models]
    ways: dict[str, Settings] = {}
    for method in methods:
        if method in {RULES, PANEL}:
            asked = models if method == PANEL else ()
            ways[method] = chosen.model_copy(update={"attribute": method, **_asking(asked, chosen)})
            continue
        for model, short in zip(models, names, strict=True):
            name = method if len(models) == 1 else f"{method} by {short if names.count(short) == 1 else model}"
            ways[name] = chosen.model_copy(update={"attribute": method, **_asking((model,), chosen)})
    return ways


def _asking(models: tuple[str, ...], chosen: Settings) -> dict[str, Any]:
    """The settings by which these models are asked, the first before the others."""
    first, *others = (endpoint(model, chosen.base_url) for model in models) if models else (None,)
    told = tuple(f"{one.model}@{one.base_url}" if one.base_url else one.model for one in others if one)
    if first is None:
        return {"model": None, "base_url": None, "judges": ()}
    return {"model": first.model, "base_url": first.base_url, "judges": told}


def in_turn(
    logs: tuple[Path, ...], ways: dict[str, Settings], allowed: Means
) -> Iterator[tuple[str, "list[Looked | Rejection]"]]:
    """By way, each run with what it came to. Together they spend no more than is allowed."""
    from agenther.assemble import assemble
    from agenther.attribution.alone import alone
    from agenther.cli.waiting import waits_told
    from agenther.readers.find import Ignored, files
    from agenther.readers.reading import items

    for name, settings in ways.items():
        job = assemble(settings, allowed)
        read = (item for item in items(files(logs), settings) if not isinstance(item, Ignored))
        with waits_told(job):
            looked = [*alone(read, job)]
        unread = [one for one in looked if isinstance(one, Rejection)]
        if len(unread) == len(looked):
            first = f"; the first: {unread[0].path}: {unread[0].detail}" if unread else ""
            raise AgentHERError(f"no run was found in {', '.join(map(str, logs))}{first}")
        if job.access and allowed.max_cost is not None:
            left = max(0.0, allowed.max_cost - job.access.purse.paid_now)
            allowed = allowed.model_copy(update={"max_cost": left})
        yield name, looked


def again(
    folder: Path, methods: tuple[str, ...], allowed: Means, moved: Address | None, *, with_answer: bool
) -> "dict[str, list[Looked | Rejection]]":
    """The stage again in a run folder."""
    from agenther.attribution.alone import STAGE, stored
    from agenther.cli.commands.stages import redo
    from agenther.jobs.again import finished

    settings = finished(folder).made_with.settings.moved(moved)
    if brought := settings.brought.get(STAGE):
        if methods:
            raise click.UsageError(f"of {folder}, {brought} of another package looks for the step; leave out --method.")
        redo(folder, STAGE, allowed, settings, err=True)
        return {brought: [*stored(folder)]}
    method = methods[0] if methods else settings.attribute
    if len(methods) > 1:
        raise click.UsageError("of a run folder the stage is done again, by one --method; to compare, name its logs.")
    if method is None:
        raise click.UsageError(f"{folder} was made without --attribute; --method says how the step is looked for.")
    if METHODS[method] and settings.model is None:
        raise click.UsageError(f"--method {method} asks a model, and {folder} was made without one; name its logs.")
    own = settings.model_copy(update={"attribute": method, "with_answer": with_answer or settings.with_answer})
    redo(folder, STAGE, allowed, own, err=True)
    return {method: [*stored(folder)]}
