"""Who made a run fail and when, asked of a model over HTTP: each method finds what is known, in its number of calls."""

import json
from collections import Counter
from functools import partial

import pytest
from click.testing import CliRunner
from detective import Detective, MoodyDetective, asked, calls, crew_logs, told
from folders import content, rows
from llm.batches import good, lines
from llm.server import Server, fails

from agenther.cli import main
from agenther.llm import access
from agenther.llm.layers.gate import Gate
from agenther.llm.layers.retry import Patient

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
    made = found(tmp_path / "out")
    assert {task: one["suspects"][0]["step"] for task, one in made.items()} == TRUTH
    for one in made.values():
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
    run_file = json.loads((tmp_path / "out/run.json").read_text("utf-8"))
    assert "attribute" in run_file["made_with"]["prompts"]
    assert run_file["made_with"]["settings"]["attribute"] == "all-at-once"
    [account] = [one for one in run_file["ledger"]["accounts"] if one["stage"] == "attribute"]
    assert account["calls"] == len(RUNS)
    assert {one["stage"] for one in rows(tmp_path / "out/calls.jsonl")} >= {"classify", "extract", "attribute"}


# --- faults, money, batches ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["step-by-step", "binary-search", "contrast", "panel"])
def test_a_moody_endpoint_leads_to_the_same(tmp_path, logs, monkeypatch, method):
    monkeypatch.setattr(access, "Patient", partial(Patient, pause=0.01))
    monkeypatch.setattr(access, "Gate", partial(Gate, pause=0.01))
    moody = MoodyDetective(0.3)
    for name, player in (("calm", Detective()), ("moody", moody)):
        options = ("--attribute", method, "--timeout", 0.5, "--cache", tmp_path / f"{name}.sqlite")
        run(logs, tmp_path / name, player, *options)
    assert len(moody.moods) > 5
    assert content(tmp_path / "moody")["attributions.jsonl"] == content(tmp_path / "calm")["attributions.jsonl"]


@pytest.mark.parametrize("method", METHODS)
def test_stopped_it_carries_on_and_asks_nothing_twice(tmp_path, logs, method):
    class Revoked(Detective):
        def good(self, body):
            return fails(401, "revoked") if sum(self.answered.values()) > 20 else super().good(body)

    out = tmp_path / "out"
    result = run(logs, out, Revoked(), "--attribute", method, "--concurrency", 2)
    assert result.exit_code == 1
    assert "revoked" in result.stderr
    run(logs, out, player := Detective(), "--attribute", method)
    run(logs, tmp_path / "anew", anew := Detective(), "--attribute", method, "--cache", tmp_path / "anew.sqlite")
    assert player.asked.total() == anew.asked.total() - 20
    assert content(out)["attributions.jsonl"] == content(tmp_path / "anew")["attributions.jsonl"]
    run(logs, out, idle := Detective(), "--attribute", method)
    assert idle.asked.total() == 0


def test_a_cap_stops_it_in_time(tmp_path, logs):
    player = Detective(usage={"prompt_tokens": 1000, "completion_tokens": 500})
    price = ("--price", "m=1,10", "--price", "j=1,10", "--attribute", "step-by-step", "--concurrency", 2)
    with Server(player) as server:
        words = (
            "run",
            logs,
            "--out",
            tmp_path / "out",
            "--model",
            "m",
            "--judge",
            "j",
            "--base-url",
            server.url,
            *price,
        )
        result = agenther(*words, "--max-cost", 0.15)
        assert result.exit_code == 1
        assert "--max-cost 0.15" in result.stderr
        assert 0.08 < 0.006 * player.asked.total() <= 0.15
        agenther(*words, "--max-cost", 3)
    assert {task: one["suspects"][0]["step"] for task, one in found(tmp_path / "out").items()} == TRUTH
    assert max(player.asked.values()) == 1


@pytest.mark.parametrize("method", ["step-by-step", "binary-search", "panel"])
def test_in_batches_it_comes_to_the_same(tmp_path, logs, method):
    run(logs, tmp_path / "calls", Detective(), "--attribute", method)
    batch, seen = tmp_path / "batch", set[str]()
    where = ("--batch-dir", batch, "--cache", tmp_path / "batch.sqlite", "--attribute", method)
    for wave in range(20):
        result = run(logs, tmp_path / "out", Detective(), *where, url="http://127.0.0.1:9/v1")
        if "answers awaited" not in result.output:
            break
        new = [path for path in sorted(batch.glob("requests-*.jsonl")) if path.name not in seen]
        seen.update(path.name for path in new)
        answers = [good(line, lambda body: json.dumps(told(body))) for path in new for line in lines(path.read_bytes())]
        (batch / f"responses-{wave}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in answers), "utf-8")
    assert content(tmp_path / "out")["attributions.jsonl"] == content(tmp_path / "calls")["attributions.jsonl"]
    longest = {"step-by-step": 7, "binary-search": 3, "panel": 1}[method]
    assert wave == 3 + longest, "classify, extract, relabel, and what the longest run takes"


def test_a_bad_answer_ends_the_run_as_one_rejection(tmp_path, logs):
    class Vague(Detective):
        def content(self, body):
            return {} if "lamp 3?" in str(body) and is_attribution(body) else super().content(body)

    run(logs, tmp_path / "out", Vague(), "--attribute", "all-at-once")
    assert found(tmp_path / "out").keys() == TRUTH.keys() - {"q3"}
    bad = [row for row in rows(tmp_path / "out/rejections.jsonl") if row["reason"] == "bad-answer"]
    assert [(row["path"], row["stage"]) for row in bad] == [("003.json", "attribute")]


def is_attribution(body):
    return body["response_format"]["json_schema"]["name"].startswith("attribute")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("all-at-once", "1 classify, 0.75 extract, 0.75 attribute, 0.75 relabel"),
        ("step-by-step", "0.75 extract, 4 attribute_step, 0.75 relabel"),
        ("hybrid", "0.75 attribute, 2 attribute_step, 0.75 relabel"),
        ("contrast", "0.75 attribute, 0.75 attribute_choice, 0.75 relabel"),
        ("rules", "0.75 extract, 0.75 relabel"),
    ],
)
def test_the_estimate_counts_it(tmp_path, logs, method, words):
    result = run(logs, tmp_path / "out", Detective(), "--attribute", method, "--dry-run")
    assert words in result.stderr


def test_the_estimate_counts_each_member_of_a_panel(tmp_path, logs):
    result = run(logs, tmp_path / "out", Detective(), "--attribute", "panel", "--dry-run")
    table = [line.split()[:3] for line in result.stderr.splitlines()]
    assert ["m", "attribute", "5"] in table
    assert ["j", "attribute", "5"] in table


def test_it_is_caught_up_with_when_an_early_stage_was_done_again(tmp_path, logs):
    class Other(Detective):
        def content(self, body):
            return json.loads(json.dumps(super().content(body)).replace("A price was told.", "Somebody told a price."))

    out = tmp_path / "out"
    run(logs, out, Detective(), "--attribute", "contrast")
    before = content(out)
    with Server(Other()) as server:
        where = ("--base-url", server.url, "--cache", tmp_path / "other.sqlite", "--allow-unknown-cost")
        assert "attributions.jsonl" in agenther("extract", out, *where).stderr
        assert not (out / "attributions.jsonl").exists()
        agenther("relabel", out, *where)
        assert content(out)["attributions.jsonl"] == before["attributions.jsonl"]
        assert content(out)["outcomes.jsonl"] != before["outcomes.jsonl"]
        assert content(out)["calls.jsonl"] == before["calls.jsonl"]
        assert "nothing changed" in agenther("relabel", out, *where).stdout
    assert content(out)["calls.jsonl"] == before["calls.jsonl"]
