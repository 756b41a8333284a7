"""A whole run with models: every stage and every judge asked, and nothing accepted that a judge refused."""

import json
from pathlib import Path

import pytest
from commands import agenther
from folders import a_log, content, rows, write_logs
from llm.lamp import ANSWERS, GOAL, YES
from llm.server import Server, says, status

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def logs(tmp_path):
    return five_runs(tmp_path / "logs")


def five_runs(folder):
    """Runs in which `GOAL` is met."""
    step = {"action_name": "search", "action_input": {"q": "lamp"}, "observation": '{"id": "L-7"}'}
    page = {"action_name": "open", "action_input": {"id": "L-7"}, "observation": "Orbit lamp, $12.99, in stock"}
    return write_logs(folder, range(5), original_prompt="Find a desk light under $5.", steps=[step, page])


def script(folder, name="script.jsonl", **answers):
    lines = [
        {"stage": stage, "again": True, **({"text": said} if isinstance(said, str) else {"answer": said})}
        for stage, said in {**ANSWERS, **answers}.items()
    ]
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return f"scripted:{folder / name}"


@pytest.mark.parametrize(
    "no",
    [
        pytest.param({"is_valid": False, "confidence": 0}, id="refuses everything"),
        pytest.param({"is_valid": False, "confidence": 1}, id="is_valid=false, confidence=1"),
        pytest.param({"is_valid": True, "confidence": 0.49}, id="valid, but hardly"),
        pytest.param({"claims": [{"text": "the price", "supported": False, "step": None}]}, id="a claim is not shown"),
        pytest.param("I would rather not say.", id="no answer at all"),
    ],
)
def test_a_judge_that_refuses_leaves_no_sample(tmp_path, logs, no):
    refuses = script(tmp_path, "no.jsonl", judge=no if isinstance(no, str) else {**YES, **no})
    agrees = script(tmp_path)
    for judges in ([refuses], [agrees, refuses], [refuses, agrees]):
        options = [word for judge in judges for word in ("--judge", judge)]
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        result = agenther("run", logs, "--out", out, "--model", agrees, *options)
        assert result.exit_code == (1 if isinstance(no, str) else 0), result.output
        assert rows(out / "samples.jsonl") == []
        assert not list((out / "dataset").glob("*/*.jsonl"))
        reason = "bad-answer" if isinstance(no, str) else "refused"
        assert {row["reason"] for row in rows(out / "rejections.jsonl")} == {reason}
        assert {row["raw"] for row in rows(out / "rejections.jsonl")} == {no if isinstance(no, str) else None}
        assert f"0 samples from 0 runs, 5 rejected (5 {reason})" in result.stdout


def test_models_that_agree_make_samples(tmp_path, logs):
    model, judge = script(tmp_path), script(tmp_path, "judge.jsonl")
    result = agenther("run", logs, "--out", tmp_path / "out", "--model", model, "--judge", judge)
    assert result.exit_code == 0, result.output
    samples = rows(tmp_path / "out/samples.jsonl")
    assert [(sample["goal"], sample["by"]) for sample in samples] == [(GOAL["hindsight_goal"], model)] * 5
    assert [verdict["judge"] for verdict in samples[0]["verdicts"]] == ["grounded", judge]
    assert samples[0]["weight"] == 0.6, "that of the steps that are kept, which have a minor fault"
    assert set(samples[0]["prompts"]) == {"_trajectory", "classify", "extract", "relabel", "judge"}
    made = json.loads((tmp_path / "out/run.json").read_text("utf-8"))["made_with"]
    assert made["prompts"] == samples[0]["prompts"]
    assert {"openai", "litellm"} <= made["versions"].keys()
    before = content(tmp_path / "out")
    for command in ("classify", "extract", "relabel"):
        assert "nothing changed" in agenther(command, tmp_path / "out").stdout
    assert content(tmp_path / "out") == before


def test_a_model_judge_over_rules(tmp_path):
    judge = script(tmp_path, judge={**YES, "is_valid": False})
    assert agenther("run", DATA, "--out", tmp_path / "free").exit_code == 0
    assert agenther("run", DATA, "--out", tmp_path / "out", "--judge", judge).exit_code == 0
    assert rows(tmp_path / "free/samples.jsonl")
    assert rows(tmp_path / "out/samples.jsonl") == []
    assert {row["by"] for row in rows(tmp_path / "out/diagnoses.jsonl")} == {"rules"}


@pytest.mark.parametrize("stage", ["classify", "extract", "relabel", "judge"])
def test_nothing_but_nonsense_is_an_error_that_quotes_it(tmp_path, logs, stage):
    model = script(tmp_path, **{stage: "What a \x1b[31mfine\nlamp!"})
    run = ("run", logs, "--out", tmp_path / "out", "--model", model, "--judge", model)
    for _ in range(2):
        result = agenther(*run)
        assert result.exit_code == 1
        assert "5 rejected (5 bad-answer)" in result.stdout
        line = result.stderr.splitlines()[-1]
        assert line.startswith("agenther: all 5 runs got no answer that could be used (bad-answer); the first: ")
        assert f"{stage}: {model}: there is no JSON object in the answer; it said" in line
        assert 'it said "What a [31mfine lamp!"' in line
        assert "--retry" in line
    rejections = rows(tmp_path / "out/rejections.jsonl")
    assert {row["raw"] for row in rejections} == {"What a \x1b[31mfine\nlamp!"}
    script(tmp_path)
    assert agenther(*run, "--retry").exit_code == 0


def test_some_nonsense_is_a_warning(tmp_path, logs):
    good = script(tmp_path)
    first = json.dumps({"stage": "extract", "text": "Hm."}) + "\n"
    path = Path(good.removeprefix("scripted:"))
    path.write_text(first * 6 + path.read_text("utf-8"), "utf-8")
    result = agenther("run", logs, "--out", tmp_path / "out", "--model", good, "--judge", good, "--concurrency", 1)
    assert result.exit_code == 0, result.output
    assert "warning: 1 runs got no answer that could be used (bad-answer)" in result.stderr


def test_runs_that_nobody_was_asked_about_do_not_make_up_for_nonsense(tmp_path, logs):
    with (logs / "runs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(a_log(9, success=True)) + '\n{"trajectory_id": 1}\n')
    model = script(tmp_path, classify="Hm.")
    result = agenther("run", logs, "--out", tmp_path / "out", "--model", model)
    assert "5 bad-answer, 1" in result.stdout
    assert "1 success" in result.stdout
    assert result.exit_code == 1


def test_a_script_that_ends_stops_the_run_and_a_longer_one_carries_on(tmp_path, logs):
    path = tmp_path / "script.jsonl"
    lines = [json.dumps({"stage": stage, "answer": said}) for stage, said in ANSWERS.items()] * 2
    path.write_text("\n".join(lines), "utf-8")
    run = ("run", logs, "--out", tmp_path / "out", "--model", f"scripted:{path}", "--concurrency", 1)
    result = agenther(*run)
    assert result.exit_code == 1
    _warning, line = result.stderr.splitlines()
    assert line == f"agenther: scripted:{path}: the script has no answer left for classify"
    script(tmp_path)
    assert agenther(*run).exit_code == 0
    assert len(rows(tmp_path / "out/samples.jsonl")) == 5


def test_over_a_real_socket(tmp_path, logs):
    async def answer(request):
        body = await request.json()
        stage = body["response_format"]["json_schema"]["name"]
        return await says(json.dumps(ANSWERS[stage]))(request)

    with Server(answer) as server:
        models = ("--model", "m", "--judge", "j", "--base-url", server.url, "--allow-unknown-cost")
        result = agenther("run", logs, "--out", tmp_path / "out", *models)
    assert result.exit_code == 0, result.output
    assert len(rows(tmp_path / "out/samples.jsonl")) == 5
    assert [body["model"] for body in server.bodies].count("j") == 1
    assert len(server.bodies) == 4, "five runs that look the same are asked about once"


def test_a_refused_key_stops_the_run_in_one_line(tmp_path, logs):
    with Server(status(401, {"error": {"message": "no such key", "type": "error"}})) as server:
        models = ("--model", "m", "--base-url", server.url, "--price", "m=1,2")
        result = agenther("run", logs, "--out", tmp_path / "out", *models)
    assert result.exit_code == 1
    [_warning, line] = [line for line in result.stderr.splitlines() if line.startswith("agenther:")]
    assert line.startswith("agenther: m: the key is refused")
    assert not (tmp_path / "out/run.json").exists()
