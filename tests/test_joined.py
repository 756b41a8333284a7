"""Classify and extract as one question: what is believed is the same, and one call a run is saved."""

import asyncio
import json
from collections import Counter

import pytest
from builders import a_run
from commands import agenther
from folders import content, rows
from llm.player import Player, answers, lamp_logs
from llm.server import Server

from agenther.errors import AnswerError
from agenther.llm.clients.scripted import in_order
from agenther.prompt import load
from agenther.records import Label
from agenther.stages.joined import Joined

LAMP = '{"name": "Orbit 3", "price": "$12.99"}'
BOTH = answers(LAMP)["classify_extract"]
UNLABELLED = a_run(label=Label())
MODELS = ("--model", "m", "--judge", "j", "--allow-unknown-cost")


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(4))


def asked(player):
    """How often each question was put."""
    bodies = [json.loads(body) for body in player.asked.elements()]
    return Counter(body["response_format"]["json_schema"]["name"] for body in bodies)


def joined(*said):
    return Joined(in_order([one if isinstance(one, str) else json.dumps(one) for one in said]), load())


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("I cannot tell.", id="prose"),
        pytest.param(BOTH["diagnosis"], id="only the first answer"),
        pytest.param({"outcome": BOTH["outcome"]}, id="only the second answer"),
        pytest.param({**BOTH, "diagnosis": {**BOTH["diagnosis"], "severity_weight": 7}}, id="a weight of 7"),
        pytest.param({**BOTH, "outcome": {"achievements": "many"}}, id="an outcome of the wrong shape"),
    ],
)
def test_half_an_answer_is_none(said):
    with pytest.raises(AnswerError):
        asyncio.run(joined(*[said] * 9).classify(UNLABELLED))
    diagnosis, _ = asyncio.run(joined(said, BOTH).classify(UNLABELLED))
    assert diagnosis.is_failure is True


def test_a_known_success_is_not_put_to_the_model():
    found = asyncio.run(joined().classify(a_run(label=Label(success=True, source="reward"))))
    assert found.is_failure is False


def test_a_quote_that_is_not_in_the_log_is_dropped_here_too():
    lie = {"text": "It is free.", "step": 1, "quote": "no charge at all"}
    said = {**BOTH, "outcome": {"achievements": [lie], "key_observations": [lie]}}
    _, found = asyncio.run(joined(said).classify(UNLABELLED))
    assert found.achievements == found.key_observations == ()


def test_one_call_fewer_for_each_run_and_the_same_goals(tmp_path, logs):
    found = {}
    for name, option in (("apart", ()), ("joined", ("--joined",))):
        with Server(player := Player()) as server:
            where = ("--base-url", server.url, "--cache", tmp_path / f"{name}.sqlite")
            result = agenther("run", logs, "--out", tmp_path / name, *MODELS, *option, *where)
        assert result.exit_code == 0, result.output
        found[name] = (asked(player), [row["goal"] for row in rows(tmp_path / name / "samples.jsonl")])
    assert found["apart"][0] == {"classify": 4, "extract": 4, "relabel": 4, "judge": 4}
    assert found["joined"][0] == {"classify_extract": 4, "relabel": 4, "judge": 4}
    assert found["joined"][1] == found["apart"][1] != []
    for name in ("diagnoses.jsonl", "outcomes.jsonl"):
        assert content(tmp_path / "joined")[name] == content(tmp_path / "apart")[name]
    told = json.loads((tmp_path / "joined/run.json").read_text("utf-8"))
    assert {account["stage"] for account in told["ledger"]["accounts"]} == {"classify_extract", "relabel", "judge"}
    assert {"classify_extract", "classify", "extract"} <= told["made_with"]["prompts"].keys()


def test_a_stage_done_again_finds_its_half_in_the_cache(tmp_path, logs):
    with Server(player := Player()) as server:
        words = (*MODELS, "--joined", "--base-url", server.url, "--cache", tmp_path / "cache.sqlite")
        assert agenther("run", logs, "--out", tmp_path / "out", *words).exit_code == 0
        before, calls = content(tmp_path / "out"), player.asked.total()
        for stage in ("classify", "extract", "relabel"):
            again = ("--cache", tmp_path / "cache.sqlite", "--allow-unknown-cost")
            assert "nothing changed" in agenther(stage, tmp_path / "out", *again).stdout
    assert content(tmp_path / "out") == before
    assert player.asked.total() == calls


def test_a_bad_answer_is_a_rejection_of_the_first_stage(tmp_path, logs):
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"stage": "classify_extract", "text": "Hm.", "again": True}), "utf-8")
    result = agenther("run", logs, "--out", tmp_path / "out", "--model", f"scripted:{script}", "--joined")
    assert result.exit_code == 1, result.output
    rejections = rows(tmp_path / "out/rejections.jsonl")
    assert {(row["stage"], row["reason"], row["raw"]) for row in rejections} == {("classify", "bad-answer", "Hm.")}


def test_it_is_for_models(tmp_path, logs):
    result = agenther("run", logs, "--out", tmp_path / "out", "--joined")
    assert result.exit_code == 2
    assert "--model" in result.stderr


def test_the_estimate_counts_one_question_for_two(tmp_path, logs):
    words = ("run", logs, "--out", tmp_path / "out", *MODELS, "--base-url", "http://localhost:9/v1", "--dry-run")
    assert "calls 1 classify, 0.75 extract, 0.75 relabel, 1.5 judge" in agenther(*words).stderr
    assert "calls 1 classify_extract, 0.75 relabel, 1.5 judge" in agenther(*words, "--joined").stderr
