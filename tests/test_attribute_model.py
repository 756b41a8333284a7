"""Who made a run fail and when, asked of a model over HTTP: each method finds what is known, in its number of calls."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from detective import Detective, asked, calls, crew_logs
from folders import rows
from llm.server import Server

from agenther.cli import main

METHODS = ("all-at-once", "step-by-step", "binary-search", "hybrid", "contrast", "panel")
RUNS = ((1, 1), (2, 1), (2, 2), (5, 3), (7, 7), (8, 1), (9, 5))
TRUTH = {f"q{number}": wrong for number, (_, wrong) in enumerate(RUNS)}


def agenther(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def run(logs, out, player, *options, url=None):
    with Server(player) as server:
        words = ("--model", "m", "--judge", "j", "--base-url", url or server.url, "--allow-unknown-cost")
        return agenther("run", logs, "--out", out, *words, *options)


def found(out):
    """By task, what stands in the folder."""
    tasks = {row["id"]: row["task_id"] for row in rows(out / "trajectories.jsonl")}
    return {tasks[row["run_id"]]: row for row in rows(out / "attributions.jsonl")}


@pytest.fixture
def logs(tmp_path):
    return crew_logs(tmp_path / "logs", RUNS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--attribute", "all-at-once"), "--attribute all-at-once asks a model", id="no model"),
        pytest.param(("--attribute", "guess"), "'guess' is not one of 'rules'", id="no such method"),
        pytest.param(
            ("--attribute", "panel", "--model", "m", "--judge", "openai/M@http://x/v1"), "hears several", id="one voice"
        ),
        pytest.param(("--with-answer", "--model", "m"), "see --attribute", id="an answer for nobody"),
        pytest.param(("--with-answer", "--attribute", "rules"), "is for a model", id="an answer for rules"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path, logs, options, words):
    result = agenther("run", logs, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_nobody_looks_where_it_is_not_asked_for(tmp_path, logs):
    run(logs, tmp_path / "out", player := Detective())
    assert "attribute" not in asked(player)
    assert not (tmp_path / "out/attributions.jsonl").exists()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_what_is_known_in_its_number_of_calls(tmp_path, logs, method):
    run(logs, tmp_path / "out", player := Detective(), "--attribute", method)
    told = found(tmp_path / "out")
    assert {task: one["suspects"][0]["step"] for task, one in told.items()} == TRUTH
    for one in told.values():
        by = "m, j, rules" if method == "panel" else "m"
        assert (one["method"], one["by"], one["unshown"]) == (method, by, 0)
        weights = [suspect["weight"] for suspect in one["suspects"]]
        assert weights == sorted(weights, reverse=True)
        assert sum(weights) <= 1
    tasks = {row["id"]: row["task_id"] for row in rows(tmp_path / "out/trajectories.jsonl")}
    took = Counter()
    for row in rows(tmp_path / "out/calls.jsonl"):
        took[tasks[row["run_id"]]] += row["calls"] * row["stage"].startswith("attribute")
    for number, (steps, wrong) in enumerate(RUNS):
        most, least = calls(method, steps, wrong)
        assert least <= took[f"q{number}"] <= most, (steps, wrong)
    assert max(player.asked.values()) == 1


@pytest.mark.parametrize("with_answer", [True, False])
def test_the_right_answer_is_shown_on_request_and_the_labels_never(tmp_path, logs, with_answer):
    option = ("--with-answer",) if with_answer else ()
    run(logs, tmp_path / "out", player := Detective(), "--attribute", "all-at-once", *option)
    bodies = [json.loads(body) for body in player.asked]
    shown = ["3.50 EUR" in str(body) for body in bodies if "lamp 3?" in str(body) and "attribute" in str(body)]
    assert any(shown) is with_answer
    assert "annotators" not in str([body for body in bodies if "attribute" in str(body)])
    assert {one["with_answer"] for one in found(tmp_path / "out").values()} == {with_answer}


def test_the_prompts_and_the_cost_stand_with_the_run(tmp_path, logs):
    run(logs, tmp_path / "out", Detective(), "--attribute", "all-at-once")
    told = json.loads((tmp_path / "out/run.json").read_text("utf-8"))
    assert "attribute" in told["made_with"]["prompts"]
    assert told["made_with"]["settings"]["attribute"] == "all-at-once"
    [account] = [one for one in told["ledger"]["accounts"] if one["stage"] == "attribute"]
    assert account["calls"] == len(RUNS)
    assert {one["stage"] for one in rows(tmp_path / "out/calls.jsonl")} >= {"classify", "extract", "attribute"}
