"""Readers, judges and dataset formats that other packages bring: installed, and in processes of their own."""

import json
import shutil
from pathlib import Path

import pytest
from folders import a_log, rows, write_logs
from packages import agenther, example, install

TOY = {"toy": 1, "task": "Feed the cat.", "solved": False, "did": [["open", {"tin": 3}, "the tin is open"]]}


@pytest.fixture
def site(tmp_path):
    return example(tmp_path / "site")


def broken(group, name="bad"):
    return {f"agenther.{group}": {name: "bad:THING"}}


@pytest.mark.parametrize(
    ("points", "text", "why"),
    [
        (broken("readers"), "import nothing_of_the_kind", "cannot be loaded: ModuleNotFoundError: No module named"),
        (broken("readers"), "1 +", "cannot be loaded: SyntaxError: "),
        (broken("readers"), "raise KeyError('x\\ny')", "cannot be loaded: KeyError: "),
        (broken("readers"), "", "cannot be loaded: AttributeError: "),
        (broken("readers"), "THING = 3", "is of no use: bad:THING is no Reader"),
        (broken("packagers"), "THING = 3", "is of no use: bad:THING is no Packager"),
        (
            broken("packagers"),
            "from agenther.packagers.base import Packager\nTHING = Packager('x', {'': 1})",
            "bad:THING is no Packager",
        ),
        (broken("readers", "webarena"), "THING = 3", "is left out: agenther has one of that name"),
        (broken("readers", "map"), "THING = 3", "is left out: agenther has one of that name"),
        (broken("packagers", "all"), "THING = 3", "is left out: agenther has one of that name"),
        (broken("packagers", "../x"), "THING = 3", "is left out: a name is of a-z, 0-9 and single hyphens"),
        (broken("readers", "toy-log"), "THING = 3", "is left out: agenther-toys has one of that name"),
    ],
)
def test_what_is_of_no_use_is_told_in_a_line_and_the_rest_stays(site, points, text, why):
    install(site, "worse", points, bad=text)
    found = agenther(site, "formats")
    assert found.returncode == 0, found.stderr
    [line] = found.stderr.splitlines()
    assert line.startswith("agenther: warning: ")
    assert " of the package worse " in line
    assert why in line
    assert "  toy-log  " in found.stdout
    assert "  toy-pairs  " in found.stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def THING(run, proposal, points): ...", "is no async function"),
        ("THING = 3", "is no async function"),
        ("raise OSError('no weights')", "OSError: no weights"),
    ],
)
def test_a_judge_is_imported_only_where_it_sits(site, tmp_path, text, why):
    install(site, "worse", broken("judges"), bad=text)
    write_logs(tmp_path / "logs", [1])
    assert agenther(site, "run", tmp_path / "logs", "--out", tmp_path / "a", "--judge", "local:brief").returncode == 0
    without = agenther(site, "run", tmp_path / "logs", "--out", tmp_path / "a")
    assert "was made with judges=('local:brief',), this is judges=()" in without.stderr
    found = agenther(site, "run", tmp_path / "logs", "--out", tmp_path / "b", "--judge", "local:bad")
    assert found.returncode == 1
    [line] = found.stderr.splitlines()
    assert line.startswith("agenther: local:bad: 'bad' in agenther.judges of the package worse ")
    assert why in line
    none = agenther(site, "run", tmp_path / "logs", "--out", tmp_path / "b", "--judge", "local:none")
    assert none.stderr == "agenther: local:none: no such judge; there is bad, brief in this process\n"


def test_the_reader_of_the_example_reads_its_logs_and_no_others(site, tmp_path):
    (tmp_path / "logs").mkdir()
    lines = [json.dumps(TOY), json.dumps({"toy": 1})]
    (tmp_path / "logs/toys.jsonl").write_text("\n".join(lines))
    (tmp_path / "logs/own.jsonl").write_text(json.dumps(a_log()))
    found = [json.loads(line) for line in agenther(site, "inspect", tmp_path / "logs", "--json").stdout.splitlines()]
    assert [(one["path"], one.get("format", one["kind"])) for one in found] == [
        ("own.jsonl", "agenther"),
        ("toys.jsonl", "toy-log"),
        ("toys.jsonl", "rejected"),
    ]
    assert (found[1]["success"], found[1]["label_source"], found[1]["steps"]) == (False, "solved", 1)
    assert found[2]["detail"] == "the reader toy-log of the package agenther-toys failed: KeyError: 'did'"
    named = agenther(site, "inspect", tmp_path / "logs/toys.jsonl", "--log-format", "toy-log", "--json")
    assert len(named.stdout.splitlines()) == 2


def test_the_format_and_the_judge_of_the_example_are_used(site, tmp_path):
    data, out = Path(__file__).parents[1] / "data/toolbench", tmp_path / "out"
    words = ("run", data, "--out", out, "--judge", "local:brief", "--format", "toy-pairs")
    done = agenther(site, *words)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    [sample] = rows(out / "samples.jsonl")
    assert [one["judge"] for one in sample["verdicts"]] == ["grounded", "brief"]
    made = [row for path in (out / "dataset/toy-pairs").glob("*.jsonl") for row in rows(path)]
    assert made == [{"goal": sample["goal"], "answer": sample["answer"]}]
    shutil.rmtree(site)
    site.mkdir()
    gone = agenther(site, "package", out)
    assert gone.returncode == 1
    assert "is to have the dataset format toy-pairs, which no package here brings" in gone.stderr
