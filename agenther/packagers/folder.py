"""The datasets of a run folder: from its samples and runs to `dataset/`, with a note of how they were made."""

import shutil
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import part, usable
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.packagers.selection.select import select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import Written, write
from agenther.records import Sample, Trajectory
from agenther.store.lines import records

MADE_WITH = "made_with.json"
"""In the folder of the datasets: how they were chosen, so that they can be made in the same way again."""


def package(run_folder: Path, formats: tuple[str, ...], choices: Choices) -> Written:
    """The datasets of a run folder in these formats, in the place of those that are there."""
    target = run_folder / "dataset"
    with usable(target):
        shutil.rmtree(part(target), ignore_errors=True)
        part(target).mkdir()
        written = _write(run_folder, formats, choices, part(target))
        shutil.rmtree(target, ignore_errors=True)
        part(target).replace(target)
    return written


def _write(run_folder: Path, formats: tuple[str, ...], choices: Choices, target: Path) -> Written:
    samples = partial(records, run_folder / "samples.jsonl", Sample)
    runs = partial(records, run_folder / "trajectories.jsonl", Trajectory)
    written = write(target, {name: PACKAGERS[name] for name in formats}, select(samples, runs, choices))
    made = Packaged(formats=formats, choices=choices, kto=written.balances).model_dump_json(indent=2) + "\n"
    (target / MADE_WITH).write_text(made, "utf-8")
    return written


def as_before(run_folder: Path, formats: tuple[str, ...]) -> Packaged:
    """How the datasets in a run folder were made; in these formats where nothing tells. Raises StoreError."""
    path = run_folder / "dataset" / MADE_WITH
    made = Packaged(formats=formats, choices=Choices())
    try:
        with usable(path):
            made = Packaged.model_validate_json(path.read_bytes()) if path.exists() else made
    except ValidationError:
        raise StoreError(path, "is damaged; `agenther package` makes the datasets anew") from None
    if unknown := sorted({*made.formats} - PACKAGERS.keys()):
        raise StoreError(path, f"names {unknown[0]}, which is no dataset format; `agenther package` makes them anew")
    return made
