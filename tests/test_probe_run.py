"""`agenther probe`: wrong goals, put to the judges of a finished run. What goes wrong comes first."""

import json

import pytest
from folders import content
from llm.player import Player, lamp_logs
from llm.server import Server, status
from test_judges import FREE, NO, agenther, judges_of, run
from test_model_path import YES, five_runs, script


@pytest.fixture
def logs(tmp_path):
    return five_runs(tmp_path / "logs")


@pytest.fixture
def finished(tmp_path, logs):
    options, names = judges_of(tmp_path, YES, YES, NO)
    run(logs, tmp_path / "out", "--model", script(tmp_path), *options, "--quorum", "majority")
    return tmp_path / "out", names


def objects(*words):
    result = agenther("probe", *words, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("wrong", [["--each", "0"], ["--each", "x"], ["--model-judge"]])
def test_probe_wrong_usage(finished, wrong):
    assert agenther("probe", finished[0], *wrong).exit_code == 2


def test_probe_without_a_finished_run_or_its_samples_is_one_line(tmp_path, finished):
    (tmp_path / "empty").mkdir()
    (finished[0] / "samples.jsonl").unlink()
    for folder, words in ((tmp_path / "empty", "holds no finished run"), (finished[0], "has no samples")):
        result = agenther("probe", folder)
        assert (result.exit_code, result.stdout) == (1, "")
        assert words in result.stderr


def test_probe_by_the_mechanical_judge_is_free_and_leaves_the_folder(tmp_path, finished):
    before = content(finished[0])
    for name in finished[1]:
        (tmp_path / name.rpartition("/")[2]).unlink()
    result = agenther("probe", finished[0])
    assert result.exit_code == 0, result.output
    assert "that got through: grounded" in result.stdout
    assert "that got through: gate" in result.stdout
    assert "scripted" not in result.stdout
    assert result.stdout.splitlines()[-1].endswith("; true goals: 5 of 5 (56.6% to 100.0%)")
    assert result.stderr == ""
    after = content(finished[0])
    assert json.loads(after.pop("probe.json"))["lines"]
    assert after == before


def test_a_damaged_finding_is_told_by_the_report(finished):
    (finished[0] / "probe.json").write_text("{}")
    result = agenther("report", finished[0])
    assert result.exit_code == 1
    assert "probe.json: is damaged" in result.stderr


def test_probe_with_the_models_of_the_run(finished):
    found = [line for line in objects(finished[0], "--model-judges") if "judge" in line]
    true = {line["judge"]: line["through"] for line in found if line["kind"] == "true"}
    assert true == {"grounded": 5, finished[1][0]: 5, finished[1][1]: 5, finished[1][2]: 0, "gate": 5}
    twins = [line for line in found if line["kind"] != "true"]
    through = {name: sum(line["through"] for line in twins if line["judge"] == name) for name in true}
    assert through["gate"] == through["grounded"] <= through[finished[1][0]], "they settle whatever is doubted"
    assert through[finished[1][2]] == 0


def test_probe_makes_more_wrong_goals_when_asked_to(finished):
    few, many = (sum(line["of"] for line in objects(finished[0], "--each", each) if "of" in line) for each in (1, 5))
    assert 0 < few < many


def test_probe_of_a_run_without_samples_or_models(tmp_path, logs):
    options, _ = judges_of(tmp_path, NO)
    run(logs, tmp_path / "none", "--model", script(tmp_path), *options)
    result = agenther("probe", tmp_path / "none")
    assert (result.exit_code, result.stdout) == (0, "near-miss goals through the gate: none; true goals: none\n")
    run(logs, tmp_path / "rules")
    result = agenther("probe", tmp_path / "rules", "--model-judges")
    assert result.exit_code == 0
    assert result.stderr == "agenther: no model judged this run; the mechanical judge is asked alone\n"


def test_probe_pays_no_more_than_allowed_and_tells(tmp_path, monkeypatch):
    monkeypatch.setattr("agenther.llm.money.prices.PRIVATE", ())  # as if this machine were a stranger's
    logs = lamp_logs(tmp_path / "logs", range(4))
    player = Player(usage={"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100})
    with Server(player) as server:
        judge = ("--model", "m", "--judge", "j", "--base-url", server.url, "--allow-unknown-cost")
        run(logs, tmp_path / "out", *judge)
        before = player.asked.total()
        words = ("probe", tmp_path / "out", "--model-judges", "--each", 1)
        assert "--price j=IN,OUT" in agenther(*words).stderr
        capped = agenther(*words, "--price", "j=10,100", "--max-cost", 0)
        assert (capped.exit_code, capped.stdout) == (1, "")
        assert "--max-cost 0" in capped.stderr
        assert player.asked.total() == before
        result = agenther(*words, "--price", "j=10,100")
        asked = player.asked.total() - before
        assert asked > 0, "true goals are known from the run, the others are new"
        assert f"{asked} answers were asked for now, for {asked * 0.02:.4f} USD" in result.stdout
        assert "0 answers were asked for now" in agenther(*words, "--price", "j=10,100").stdout


def test_probe_at_an_endpoint_that_refuses_is_one_line(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(2))
    with Server(Player()) as server:
        run(logs, tmp_path / "out", "--model", "m", "--judge", "j", "--base-url", server.url, *FREE)
        server.behaviours = [status(401, {"error": {"message": "no such key", "type": "error"}})]
        result = agenther("probe", tmp_path / "out", "--model-judges", *FREE)
    assert result.exit_code == 1
    assert result.stderr.startswith("agenther: j: the key is refused")
    assert result.stderr.count("\n") == 1
