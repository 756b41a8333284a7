"""`agenther attribute`: of logs alone, and as the stage of a run folder that is done again."""

import json

import pytest
from commands import agenther
from detective import AGENTS, Detective, asked, crew_logs
from folders import content, rows, write_logs
from llm.server import Server

RUNS = ((5, 3), (7, 7), (8, 1), (9, 5))


def labelled(folder, runs=RUNS):
    """Logs whose labels are right: the mistake is where they say."""
    crew_logs(folder, runs)
    for number, (_, wrong) in enumerate(runs):
        path = folder / f"{number:03}.json"
        told = {"mistake_agent": AGENTS[wrong % 3], "mistake_step": str(wrong - 1)}
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **told}), "utf-8")
    return folder


@pytest.fixture
def logs(tmp_path):
    return labelled(tmp_path / "logs")


def by_model(logs, player, *options):
    with Server(player) as server:
        models = ("--model", "m", "--base-url", server.url, "--allow-unknown-cost", "--json")
        result = agenther("attribute", logs, *models, *options)
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def kinds(lines, kind):
    return [line for line in lines if line["kind"] == kind]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--method", "guess"), "'guess' is not one of 'rules'", id="no such method"),
        pytest.param(("--method", "contrast"), "--method contrast asks a model", id="no model"),
        pytest.param(("--model", "m"), "--model is asked by no rule", id="a model that is not asked"),
        pytest.param(("--with-answer",), "--with-answer is for a model", id="an answer for rules"),
        pytest.param(("--out", "LOGS/found.jsonl"), "which are only read", id="a file among the logs"),
        pytest.param(("--map", "x", "--log-format", "crew"), "--map", id="two ways to read"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_line(logs, options, words):
    result = agenther("attribute", logs, *(option.replace("LOGS", str(logs)) for option in options))
    assert result.exit_code in {1, 2}
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_logs_without_a_run_are_an_error(tmp_path):
    (tmp_path / "bad.json").write_text("{", "utf-8")
    result = agenther("attribute", tmp_path)
    assert result.exit_code == 1
    assert "no run was found in" in result.stderr
    assert "bad.json" in result.stderr


def test_everything_that_is_read_is_told_of(tmp_path, logs):
    write_logs(tmp_path / "logs", [1], "good.jsonl", success=True)
    (logs / "bad.json").write_text("{", "utf-8")
    twice = labelled(tmp_path / "twice", RUNS[:1])
    result = agenther("attribute", logs, twice, "--json", "--out", tmp_path / "found.jsonl")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert (tmp_path / "found.jsonl").read_text("utf-8") == result.stdout
    assert len(kinds(lines, "attribution")) == len(RUNS)
    assert {(one["path"], one["reason"]) for one in kinds(lines, "rejected")} == {
        ("000.json", "duplicate"),
        ("bad.json", "not-json"),
        ("good.jsonl", "success"),
    }
    assert "4 runs attributed, 3 rejected" in result.stderr


@pytest.mark.parametrize("steps", [1, 2, 500])
def test_a_run_of_any_length_by_one_agent(tmp_path, steps):
    history = [{"name": "Solo", "role": "assistant", "content": f"Message {n}."} for n in range(steps)]
    record = {"question": "How much?", "mistake_agent": "Solo", "mistake_step": "0", "history": history}
    (tmp_path / "one.json").write_text(json.dumps(record), "utf-8")
    result = agenther("attribute", tmp_path, "--json", "--evaluate")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    [found] = kinds(lines, "attribution")
    assert found["steps"] == steps
    assert found["suspects"][0]["agent"] == "Solo"
    assert (found["suspects"][0]["reason"] == "the run has no other step") == (steps == 1)
    assert kinds(lines, "evaluation") == [{"kind": "evaluation", "runs": steps > 1, "tasks": steps > 1}]
    assert len(kinds(lines, "unusable-label")) == (steps == 1)
    assert all(score["agent"]["of"] == 0 for score in kinds(lines, "score"))


def test_a_label_outside_its_run_costs_the_label_alone(tmp_path, logs):
    path = logs / "000.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "mistake_step": "99"}), "utf-8")
    result = agenther("attribute", logs, "--evaluate")
    assert result.exit_code == 0
    assert "000.json" in result.stdout
    assert "it names message 99, and the last is 4" in result.stdout
    assert f"rules: {len(RUNS)} runs attributed, 0 rejected" in result.stdout


def test_methods_are_compared_with_what_they_cost(logs):
    methods = ("--method", "rules", "--method", "all-at-once", "--method", "binary-search")
    result, lines = by_model(logs, player := Detective(), *methods, "--evaluate")
    assert result.exit_code == 0, result.stderr
    by_name = {one["method"]: one for one in kinds(lines, "score")}
    assert list(by_name) == [
        "rules (fitted on these)",
        "all-at-once",
        "binary-search",
        "position prior",
        "random",
    ]
    assert by_name["all-at-once"]["step"]["part"] == by_name["binary-search"]["agent"]["part"] == len(RUNS)
    assert by_name["all-at-once"]["calls"] == 1
    assert by_name["binary-search"]["calls"] == asked(player)["attribute_half"] / len(RUNS)
    assert "calls" not in by_name["rules (fitted on these)"]
    agree = {one["methods"]: one["part"] for one in kinds(lines, "agreement")}
    assert agree["all-at-once, binary-search"] == len(RUNS)
    assert len(agree) == 3


def test_several_models_are_told_apart(logs):
    with Server(Detective()) as server:
        models = ("--model", f"one@{server.url}", "--model", f"two@{server.url}", "--allow-unknown-cost")
        result = agenther("attribute", logs, "--method", "all-at-once", "--evaluate", *models)
    assert result.exit_code == 0, result.stderr
    assert "all-at-once by one" in result.stdout
    assert "all-at-once by two: 4 runs attributed, 0 rejected" in result.stdout


class Useless(Detective):
    def content(self, body):
        return {"account": "I cannot say."}


def test_answers_of_no_use_cost_their_run_and_are_told(logs):
    result, lines = by_model(logs, Useless(), "--method", "all-at-once", "--evaluate")
    assert result.exit_code == 1
    assert "4 runs ended as bad-answer; the first: 000.json" in result.stderr
    assert {one["reason"] for one in kinds(lines, "rejected")} == {"bad-answer"}
    assert next(one for one in kinds(lines, "score"))["step"] == {"part": 0, "of": 4, "low": 0.0, "high": 0.4899}


def test_all_methods_together_spend_no_more_than_the_cap(logs):
    with Server(player := Detective()) as server:
        words = ("--model", "m", "--base-url", server.url, "--price", "m=0.1,0.1", "--max-cost", "0")
        result = agenther("attribute", logs, "--method", "all-at-once", *words)
    assert result.exit_code == 1
    assert "--max-cost" in result.stderr
    assert not asked(player)


@pytest.fixture
def folder(tmp_path):
    lamps = write_logs(tmp_path / "lamps", range(3))
    assert agenther("run", lamps, "--out", tmp_path / "out", "--attribute", "rules").exit_code == 0
    return tmp_path / "out"


def test_in_a_run_folder_the_stage_is_done_again(folder):
    before = content(folder)
    result = agenther("attribute", folder)
    assert result.exit_code == 0
    assert "the same result as before, nothing changed" in result.stderr
    assert content(folder) == before


def test_a_folder_that_was_made_without_it_needs_a_method(tmp_path):
    out = tmp_path / "plain"
    agenther("run", write_logs(tmp_path / "lamps", range(3)), "--out", out)
    result = agenther("attribute", out)
    assert result.exit_code == 2
    assert "--method says how" in " ".join(result.stderr.split())
    assert agenther("attribute", out, "--method", "rules").exit_code == 0
    assert json.loads((out / "run.json").read_text("utf-8"))["made_with"]["settings"]["attribute"] == "rules"
    reached = [row["run_id"] for row in rows(out / "outcomes.jsonl")]
    assert [row["run_id"] for row in rows(out / "attributions.jsonl")] == reached
    assert agenther("relabel", out).exit_code == 0
    assert (out / "samples.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--model", "m", "--method", "contrast"), "has its own models", id="another model"),
        pytest.param(("--method", "contrast"), "was made without one", id="a model, where there is none"),
        pytest.param(("--log-format", "crew"), "is read no more", id="how logs are read"),
        pytest.param(("--method", "rules", "--method", "panel"), "by one --method", id="two methods"),
    ],
)
def test_what_a_run_folder_has_settled_is_not_asked_again(folder, options, words):
    before = content(folder)
    result = agenther("attribute", folder, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert content(folder) == before


def test_a_run_folder_is_held_against_its_labels(tmp_path, logs):
    out = tmp_path / "out"
    with Server(player := Detective()) as server:
        models = ("--model", "m", "--base-url", server.url, "--allow-unknown-cost")
        assert agenther("run", logs, "--out", out, "--attribute", "all-at-once", *models).exit_code == 0
        before = asked(player)
        result = agenther("attribute", out, "--json", "--evaluate", "--allow-unknown-cost", "--base-url", server.url)
        assert result.exit_code == 0, result.stderr
        assert asked(player) == before  # its answers were kept
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(kinds(lines, "attribution")) == len(RUNS)
    score = kinds(lines, "score")[0]
    assert (score["method"], score["step"]["part"], score["calls"]) == ("all-at-once", len(RUNS), 1)


def test_what_an_earlier_stage_rejected_is_told_and_not_counted(tmp_path, logs):
    out = tmp_path / "out"
    agenther("run", logs, "--out", out, "--attribute", "rules")  # by rules nothing was seen that could be saved
    result = agenther("attribute", out, "--json", "--evaluate")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert kinds(lines, "evaluation")[0]["runs"] == 0
    assert {one["why"] for one in kinds(lines, "unusable-label")} == {"nobody looked for its step: irrecoverable"}


def test_a_panel_takes_all_models_together(logs):
    with Server(player := Detective()) as server:
        models = ("--model", f"one@{server.url}", "--model", f"two@{server.url}", "--allow-unknown-cost")
        result = agenther("attribute", logs, "--method", "panel", "--evaluate", "--json", *models)
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert {one["method"] for one in kinds(lines, "attribution")} == {"panel"}
    assert kinds(lines, "score")[0]["step"]["part"] == len(RUNS)
    assert kinds(lines, "score")[0]["calls"] == 2
    assert asked(player)["attribute"] == 2 * len(RUNS)


def test_what_one_method_spent_the_next_cannot(logs):
    usage = {"prompt_tokens": 100_000, "completion_tokens": 0, "total_tokens": 100_000}  # 1 USD a call
    with Server(player := Detective(usage=usage)) as server:
        words = ("--model", "m", "--base-url", server.url, "--price", "m=10,10", "--max-cost", "5.5")
        methods = ("--method", "all-at-once", "--method", "step-by-step")
        result = agenther("attribute", logs, *methods, *words)
    assert result.exit_code == 1
    assert asked(player)["attribute"] >= len(RUNS)
    assert asked(player)["attribute_step"] <= len(RUNS)  # one for each run at a time, and then no more
