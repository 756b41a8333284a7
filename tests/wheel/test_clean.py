"""The wheel alone, with no extra, in a Python of its own, far from the checkout."""

from importlib.util import find_spec

import pytest
from pydantic_core import from_json
from wheel.conftest import ROOT

import agenther
from agenther.cli.program import COMMANDS

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.skipif(not find_spec("build"), reason="build is not installed"),
]

NEED = {
    "audit": ("review", "first"),
    "calibrate": ("review", "first --target-precision 0.9"),
    "key": ("share", "new.pem"),
    "lessons": ("lessons", "first --out lessons"),
    "lessons show": ("lessons", "first"),
    "lessons search": ("lessons", "date first"),
    "lessons export": ("lessons", "first"),
    "lessons evaluate": ("lessons", "first first"),
    "lessons trial export": ("lessons", "first tasks.jsonl --out trial"),
    "lessons trial read": ("lessons", "first tasks.jsonl"),
    "push": ("publish", "first me/lamps --dry-run look"),
    "report": ("review", "first"),
    "review": ("review", "first"),
    "run --engine ray": ("ray", "{logs} --out cluster"),
}
"""The extra that a command takes, and with what it is called."""
DO = {
    "attribute": "{logs} --evaluate",
    "cache": "",
    "classify": "first",
    "compare": "first first",
    "explain": "first {id}",
    "extract": "first",
    "formats": "",
    "inspect": "{logs}",
    "package": "first --format all",
    "probe": "first",
    "relabel": "first",
    "run": "{logs} --out first",
    "forget": "first {id}",  # the last, since there is less then
}
"""What works without any."""
OF_SETS = {"merge", "pull"}
"""These are about sets and datasets of others, of which there are none here."""
HOMES = {
    "ahocorasick_rs": "agenther.redaction",
    "kingfisher_sdk": "agenther.redaction",
    "phonenumbers": "agenther.redaction",
    "ray": ("agenther.jobs.engines.ray", "agenther.jobs.engines.desk"),
    "starlette": "agenther.review",
    "uvicorn": "agenther.review",
}
"""Where what extras bring is imported; nothing else may be."""
LOADED = """
import importlib, pkgutil, agenther
for module in pkgutil.walk_packages(agenther.__path__, "agenther."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            print(module.name, error.name.partition(".")[0])
"""


def test_it_says_which_it_is_and_what_it_does(clean):
    assert clean.run("agenther", "--version")[1] == f"agenther, version {agenther.__version__}\n"
    assert "Turn failed runs of LLM agents into training data" in clean.run("agenther", "--help")[1]


def test_sample_logs_become_datasets(run_folder):
    folder, (code, out, err) = run_folder
    assert code == 0, err
    assert out.splitlines()[-1].startswith("18 samples from 18 runs")
    assert {"samples.jsonl", "rejections.jsonl", "report.md", "dataset"} <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("command", NEED)
def test_what_takes_an_extra_says_so_in_one_line(clean, run_folder, command):
    folder, _ = run_folder
    extra, arguments = NEED[command]
    (clean.place / "tasks.jsonl").write_text('{"task": "pier-3"}\n')
    before = sorted(folder.rglob("*"))
    code, out, err = clean.run("agenther", *command.split(), *arguments.format(logs=ROOT / "data").split())
    assert (code, out) == (1, "")
    [line] = err.splitlines()
    assert line.startswith("agenther: this takes more packages than the rest; pip install ")
    assert f" 'agenther[{extra}]' brings them: " in line
    assert sorted(folder.rglob("*")) == before
    assert not any((clean.place / name).exists() for name in ("new.pem", "lessons", "trial", "look", "cluster"))


@pytest.mark.parametrize("command", DO)
def test_all_others_do_without(clean, run_folder, command):
    folder, _ = run_folder
    run_id = from_json((folder / "samples.jsonl").read_text("utf-8").partition("\n")[0])["run_id"]
    arguments = [word.format(id=run_id, logs=ROOT / "data") for word in DO[command].split()]
    code, _, err = clean.run("agenther", command, *arguments)
    assert code == 0, err
    assert "brings them" not in err


def test_every_command_is_tried():
    assert {command.split()[0] for command in NEED} | set(DO) | OF_SETS == set(COMMANDS)


def test_every_module_loads_but_those_that_an_extra_is_for(clean):
    code, out, err = clean.run("python", "-c", LOADED)
    assert code == 0, err
    missing = [line.split() for line in out.splitlines()]
    assert {name for _, name in missing} == set(HOMES)
    assert [module for module, name in missing if not module.startswith(HOMES[name])] == []
