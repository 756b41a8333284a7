"""Our files, as `datasets` loads them in each version that trainers ask for: train and test at once, value by value.

The older versions lie in folders that `make test` fills.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import chain, repeat
from pathlib import Path

import pytest
from builders import a_run, a_sample, a_step, a_tool
from shapes import TEST, TRAIN, depot_runs, depot_samples, hindsight, in_shop, of_depots, runs, samples

from agenther.packagers.base import parts_of
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import NOTHING_MORE, select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import write
from agenther.records import Label, Sample, Trajectory

pytestmark = pytest.mark.skipif(not find_spec("datasets"), reason="datasets is not installed")

ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv"
VERSIONS = ("4.8", "5.0", "newest")
DEFAULT = ("sft", "dpo", "kto", "sharegpt")
PARTS = [name for name in parts_of(PACKAGERS) if name not in {"records", "verl"}]
UNTYPED = [name for name in PARTS if name not in {"openai", "nemo-rl/sft"}]
"""Formats that need no types to be declared. Not so those with a list of tools: their readers do without."""
NEGATIVES = tuple(f"hard-negatives/{part}" for part in PACKAGERS["hard-negatives"].parts)
LIKE_JSON = ("sft", "dpo", "kto", "prompt-completion", *NEGATIVES)
"""Formats whose tools are text in the file, and a list where the types are declared."""
STRINGS = ("sharegpt", "unsloth", "llamafactory/sft", "llamafactory/kto", "llamafactory/ranking", "llamafactory/v1")
LARGE = 60 << 20


@pytest.fixture(params=VERSIONS)
def load(request, tmp_path):
    """(name, arguments of load_dataset) of each job in, {name: [(split, row)]} out."""

    def load(jobs):
        told, done = loaded_by(request.param, list(jobs.values()), tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        assert request.param == "newest" or done.stdout.startswith(request.param)
        return {name: parsed(Path(job["to"])) for name, job in zip(jobs, told, strict=True)}

    return load


def loaded_by(version, jobs, tmp_path):
    """The jobs as the loader has them, and how it ended."""
    folder = ENVIRONMENT / f"datasets-{version}"
    if version != "newest" and not folder.is_dir():
        pytest.skip(f"{folder} is not there; `make test` makes it")
    kwargs = {"cache_dir": str(tmp_path / "cache")}
    told = [
        {"args": args, "kwargs": {**kwargs, **more}, "to": str(tmp_path / f"{n}.jsonl")}
        for n, (args, more) in enumerate(jobs)
    ]
    (tmp_path / "jobs.json").write_text(json.dumps(told))
    paths = [] if version == "newest" else [str(folder)]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("loader.py"), tmp_path / "jobs.json"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return told, done


def parsed(path):
    with path.open() as file:
        yield from map(json.loads, file)


def packed(folder, given, all_runs, known=NOTHING_MORE):
    folder.mkdir()
    selection = select(lambda _ids=None: iter(given), lambda: iter(all_runs), Choices(), known=known)
    return write(folder, PACKAGERS, selection)


@pytest.fixture(scope="module")
def shapes_folder(tmp_path_factory):
    """Rows of every shape."""
    folder = tmp_path_factory.mktemp("shapes") / "dataset"
    given = [*depot_samples(), *hindsight(), *samples()]
    written = packed(folder, given, [*depot_runs(), *runs()], of_depots())
    assert all(set(counter) == {"train", "test"} for counter in written.rows.values())
    return folder


DATES = [{"date": "2024-03-09"}, {"date": "2024-03-10"}]
OTHERS = [{"id": {"a": [1, None, 40.5], "n": 2**64 - 1}, "date": 7}, {"date": "today"}]


def a_date_tool(name, task, arguments):
    """Without system prompt, the one tool that there is, and one call of it."""
    step = a_step(1, name, f"Open from 9 to 17. {task}", arguments=arguments)
    return {"task_id": task, "system": None, "tools": (a_tool(name, date="string"),), "steps": (step,)}


def of_one_tool(name, tasks, arguments):
    """A sample and two runs of each task, which differ in what they call the tool with."""
    for task in tasks:
        fields = {**a_date_tool(name, task, arguments[0]), "goal": f"Tell the hours of shop {task}."}
        sample = a_sample(**fields, id=f"s{task}", run_id=f"r{task}", relevant_steps=(1,), claims=())
        yield in_shop(task, sample)
        for success, called in zip((True, False), arguments, strict=True):
            ends = {"id": f"{task}-{success}", "answer": f"{success}", "label": Label(success=success)}
            yield in_shop(task, a_run(**a_date_tool(name, task, called), **ends))


@pytest.fixture(scope="module")
def alike_folder(tmp_path_factory):
    """Train: one tool with one argument, which is a date. Test: another tool."""
    folder = tmp_path_factory.mktemp("alike") / "dataset"
    items = [*of_one_tool("hours", TRAIN, DATES), *of_one_tool("open", TEST, OTHERS)]
    packed(folder, [it for it in items if isinstance(it, Sample)], [it for it in items if isinstance(it, Trajectory)])
    return folder


@pytest.fixture(params=["shapes", "alike"])
def folder(request):
    return request.getfixturevalue(f"{request.param}_folder")


def files(folder, name):
    return {split: str(folder / name / f"{split}.jsonl") for split in ("train", "test")}


def rows(paths):
    return ([split, row] for split, path in paths.items() for row in parsed(Path(path)))


def test_without_types(folder, load):
    """Each format, told nothing but where its files are."""
    paths = {name: files(folder, name) for name in UNTYPED if (folder / name).is_dir()}
    loaded = load({name: (["json"], {"data_files": there}) for name, there in paths.items()})
    for name, there in paths.items():
        assert list(loaded[name]) == list(rows(there)), name


def test_with_the_types_that_the_index_beside_the_files_declares(folder, load):
    names = [name for name in PARTS if (folder / name).is_dir()]
    loaded = load({name: ([str(folder), name.replace("/", "_")], {}) for name in names})
    for name in names:
        expected = list(rows(files(folder, name)))
        for _, row in expected if name in LIKE_JSON else ():
            row["tools"] = json.loads(row["tools"])
        assert list(loaded[name]) == expected, name


def test_one_row_loads_with_the_types_that_the_index_declares(tmp_path, load):
    """Of one row alone nothing tells that its messages are JSON."""
    items = [*of_one_tool("hours", TRAIN[:1], DATES), *of_one_tool("open", TEST[:1], OTHERS)]
    packed(tmp_path / "one", [], [it for it in items if isinstance(it, Trajectory)])
    loaded = load({"dpo": ([str(tmp_path / "one"), "dpo"], {})})
    given = [[split, {**row, "tools": json.loads(row["tools"])}] for split, row in rows(files(tmp_path / "one", "dpo"))]
    assert list(loaded["dpo"]) == given
    assert len(given) == 2


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", [name for name in LIKE_JSON if name not in NEGATIVES])
def test_a_version_that_would_fill_with_nulls_stops_and_names_what_it_needs(folder, tmp_path, name, split):
    """Also at a file of one row. Each split is loaded alone: two of other shapes no old version takes anyhow."""
    (tmp_path / "one.jsonl").write_text((folder / name / f"{split}.jsonl").read_text().partition("\n")[0] + "\n")
    for path in (files(folder, name)[split], str(tmp_path / "one.jsonl")):
        _, done = loaded_by("4.3", [(["json"], {"data_files": path})], tmp_path)
        assert done.returncode
        assert "datasets>=4.8" in done.stderr


@pytest.mark.parametrize("name", STRINGS)
def test_what_holds_strings_alone_loads_in_old_versions_too(folder, tmp_path, name):
    told, done = loaded_by("4.3", [(["json"], {"data_files": files(folder, name)})], tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(parsed(Path(told[0]["to"]))) == list(rows(files(folder, name)))


@pytest.mark.parametrize("name", DEFAULT)
def test_a_large_file_whose_beginning_is_uniform(alike_folder, shapes_folder, load, tmp_path, name):
    """60 MB of one tool and one argument; then everything else."""
    first, second = Path(files(alike_folder, name)["train"]).read_text().splitlines(keepends=True)[:2]
    row = json.loads(second)
    long = json.dumps({**row, "source": row["source"] * 1000}) + "\n"
    paths = {**files(alike_folder, name), "train": str(tmp_path / "train.jsonl")}
    with Path(paths["train"]).open("w") as file:
        file.writelines(chain([first], repeat(long, LARGE // len(long))))
        file.write(Path(files(shapes_folder, name)["train"]).read_text())
    loaded = load({name: (["json"], {"data_files": paths})})
    for got, given in zip(loaded[name], rows(paths), strict=True):
        assert got == given
