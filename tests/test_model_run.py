"""Whole runs at an endpoint: whatever it does, and however often the program dies, nothing is lost or paid twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from commands import agenther
from folders import content, rows
from llm.player import Moody, Player, lamp_logs
from llm.server import Server, fails, says

from agenther.llm import access
from agenther.llm.layers.gate import Gate
from agenther.llm.layers.retry import Patient

MODELS = ("--model", "m", "--judge", "j", "--price", "m=1,10,0.1", "--price", "j=2,20")
TESTS = Path(__file__).parent


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(12))


def arguments(logs, out, server, *options):
    return [str(word) for word in ("run", logs, "--out", out, *MODELS, "--base-url", server.url, *options)]


def run(logs, out, player, *options):
    with Server(player) as server:
        result = agenther(*arguments(logs, out, server, *options))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def done(logs, out, player, *options):
    result = run(logs, out, player, *options)
    assert result.exit_code == 0, result.output
    return result


def finals(out):
    """Everything in a finished folder, with the address of the endpoint, which is another one each time, left out."""
    files = content(out)
    files["run.json"] = json.dumps(without_address(files["run.json"])).encode()
    return files


def without_address(raw):
    run_file = json.loads(raw)
    run_file["made_with"]["settings"].pop("base_url")
    return run_file


def ledger(out):
    return json.loads((out / "run.json").read_text("utf-8"))["ledger"]


# --- faults --------------------------------------------------------------------------------------


def test_a_moody_endpoint_leads_to_the_same_samples(tmp_path, monkeypatch):
    logs = lamp_logs(tmp_path / "logs", range(60))
    monkeypatch.setattr(access, "Patient", partial(Patient, pause=0.01))
    monkeypatch.setattr(access, "Gate", partial(Gate, pause=0.01))
    done(logs, tmp_path / "calm", Player())
    moody = Moody(0.3)
    done(logs, tmp_path / "moody", moody, "--timeout", 0.5, "--cache", tmp_path / "other.sqlite")
    assert len(rows(tmp_path / "calm/samples.jsonl")) == 60
    assert content(tmp_path / "moody")["samples.jsonl"] == content(tmp_path / "calm")["samples.jsonl"]
    assert rows(tmp_path / "moody/rejections.jsonl") == []
    assert len(moody.moods) == 19, "every kind of fault"
    assert moody.moods.total() > 60
    assert sum(account["retries"] for account in ledger(tmp_path / "moody")["accounts"]) > 10


def test_a_prompt_that_is_never_answered_costs_only_its_run(tmp_path, logs):
    class Choosy(Player):
        def good(self, body):
            bad = "Orbit 7" in str(body) and body["response_format"]["json_schema"]["name"] == "extract"
            return fails(400, "I cannot parse this") if bad else super().good(body)

    done(logs, tmp_path / "out", Choosy())
    assert len(rows(tmp_path / "out/samples.jsonl")) == 11
    [rejection] = rows(tmp_path / "out/rejections.jsonl")
    assert (rejection["reason"], rejection["stage"]) == ("bad-answer", "extract")
    assert "I cannot parse this" in rejection["detail"]


def test_a_key_that_is_revoked_stops_the_run_and_rejects_nothing(tmp_path, logs):
    class Revoked(Player):
        def good(self, body):
            return fails(401, "revoked") if sum(self.answered.values()) > 20 else super().good(body)

    result = run(logs, tmp_path / "out", Revoked())
    assert result.exit_code == 1
    assert "revoked" in result.stderr
    assert not (tmp_path / "out/run.json").exists()
    done(logs, tmp_path / "out", player := Player())
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12
    assert player.asked.total() == 48 - 20, "what was answered is not asked again, though the server has moved"


# --- never twice ---------------------------------------------------------------------------------


def test_other_settings_pay_only_for_what_is_new(tmp_path, logs):
    player = Player()
    with Server(player) as server:
        for name, options, asked in (
            ("a", (), 48),
            ("b", ("--theta", 0.6), 48),
            ("c", ("--format", "sft"), 48),
            ("d", ("--judge", "k", "--price", "k=1,1"), 60),
        ):
            result = agenther(*arguments(logs, tmp_path / name, server, *options))
            assert result.exit_code == 0, result.output
            assert player.asked.total() == asked
    assert max(player.asked.values()) == 1
    assert ledger(tmp_path / "b") == ledger(tmp_path / "a"), "what the answers cost, whenever that was"
    assert "12 were asked for now" in result.stdout


def test_a_finished_run_whose_server_has_moved_asks_nothing(tmp_path, logs):
    done(logs, tmp_path / "out", Player())
    before = finals(tmp_path / "out")
    done(logs, tmp_path / "out", player := Player())
    assert player.asked.total() == 0
    assert finals(tmp_path / "out") == before


def test_a_stage_is_done_again_where_the_server_is_now(tmp_path, logs):
    done(logs, tmp_path / "out", Player())
    assert agenther("cache", "--all").exit_code == 0
    with Server(player := Player()) as server:
        words = ("--base-url", server.url, "--allow-unknown-cost")
        assert "nothing changed" in agenther("relabel", tmp_path / "out", *words).stdout
        assert agenther("probe", tmp_path / "out", "--model-judges", *words).exit_code == 0
    assert player.asked.total() > 24


def test_a_start_that_came_to_nothing_binds_nobody(tmp_path, logs):
    class Unknown(Player):
        def good(self, _body):
            return fails(404, "no such model")

    assert run(logs, tmp_path / "out", Unknown()).exit_code == 1
    done(logs, tmp_path / "out", Player(), "--theta", 0.6)
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12


@pytest.mark.parametrize("stop", [False, True], ids=["a finished run", "a run that was stopped"])
def test_what_a_bad_model_spoilt_is_done_again_on_request(tmp_path, logs, stop):
    class Spoilt(Player):
        def good(self, body):
            about = json.dumps(body)
            if "like 3 under" in about and "<request>" in about:
                return says("I do not know.")
            if stop and len(self.answered) > 40:  # of 50; the one that it spoils is done by then
                return fails(401, "revoked")
            return super().good(body)

    out = tmp_path / "out"
    first = Spoilt()
    assert run(logs, out, first, "--concurrency", 2).exit_code == int(stop)
    assert done(logs, out, Player()).stdout.endswith(f"11 samples from 11 runs, 1 rejected (1 bad-answer) -> {out}/\n")
    player = Player()
    assert done(logs, out, player, "--retry").stdout.endswith(f"12 samples from 12 runs, 0 rejected -> {out}/\n")
    assert {json.loads(body)["response_format"]["json_schema"]["name"] for body in player.asked} >= {"classify"}
    assert player.asked.total() == 4
    done(logs, out, idle := Player(), "--retry")
    assert idle.asked.total() == 0


def test_the_cap_of_a_run_counts_what_it_paid_before_it_was_finished(tmp_path, logs):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    done(logs, tmp_path / "out", Player(usage=usage))
    paid = ledger(tmp_path / "out")["usd"]
    lamp_logs(logs, [40])
    result = run(logs, tmp_path / "out", player := Player(usage=usage), "--max-cost", paid)
    assert result.exit_code == 1
    assert f"{paid:.4f} USD are paid" in result.stderr
    assert player.asked.total() == 0


def test_a_start_that_comes_to_nothing_forgets_nothing_of_what_was_paid(tmp_path, logs):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    done(logs, tmp_path / "out", Player(usage=usage))
    paid = ledger(tmp_path / "out")["usd"]
    lamp_logs(logs, [40])
    (tmp_path / "bad.sqlite").write_bytes(b"x" * 5000)
    assert run(logs, tmp_path / "out", Player(), "--cache", tmp_path / "bad.sqlite").exit_code == 1
    result = run(logs, tmp_path / "out", player := Player(usage=usage), "--max-cost", paid)
    assert f"{paid:.4f} USD are paid" in result.stderr
    assert player.asked.total() == 0


def test_what_was_paid_when_no_price_was_known_counts_too(tmp_path, logs, monkeypatch):
    monkeypatch.setattr("agenther.llm.money.prices.PRIVATE", ())  # as if this machine were a stranger's
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    with Server(Player(usage=usage)) as server:
        free = ("--model", "m", "--judge", "j", "--allow-unknown-cost", "--price", "j=2,20")
        words = ("run", logs, "--out", tmp_path / "out", *free, "--base-url", server.url)
        assert agenther(*words).exit_code == 0
    assert ledger(tmp_path / "out")["usd"] is None
    lamp_logs(logs, [40])
    paid = 12 * (3 * (1000 + 1000) + 2000 + 2000) / 1e6
    result = run(logs, tmp_path / "out", player := Player(usage=usage), "--max-cost", paid)
    assert f"{paid:.4f} USD are paid" in result.stderr
    assert player.asked.total() == 0


def test_the_ledger_stays_what_was_paid_when_prices_change(tmp_path, logs):
    done(logs, tmp_path / "out", Player())
    before = ledger(tmp_path / "out")
    with Server(Player()) as server:
        words = [word.replace("=1,10,0.1", "=5,50").replace("=2,20", "=9,90") for word in MODELS]
        result = agenther("run", logs, "--out", tmp_path / "out", *words, "--base-url", server.url)
    assert result.exit_code == 0, result.output
    assert ledger(tmp_path / "out") == before


def test_a_price_for_nobody_is_told(tmp_path, logs):
    result = done(logs, tmp_path / "out", Player(), "--price", "mm=1,2")
    assert "--price is given for mm, which is not asked" in result.stderr
    assert "given for m," not in result.stderr


def test_the_estimate_after_a_stage_was_done_again(tmp_path, logs):
    with Server(Player()) as server:
        words = arguments(logs, tmp_path / "out", server)
        assert agenther(*words).exit_code == 0
        (tmp_path / "out/samples.jsonl").unlink()
        assert agenther(*words, "--dry-run").exit_code == 0


def test_the_estimate_counts_each_judge_of_one_name_once(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(30))
    with Server(Player()) as one, Server(Player()) as other:
        judges = ("--judge", f"j@{one.url}", "--judge", f"j@{other.url}")
        words = ("run", logs, "--out", tmp_path / "out", "--model", "m", "--base-url", one.url, *judges)
        assert agenther(*words, "--allow-unknown-cost").exit_code == 0
        lamp_logs(logs, range(30, 40))
        result = agenther(*words, "--allow-unknown-cost", "--dry-run")
    assert "as far as those before them got" in result.stderr
    rows = [line.split() for line in result.stderr.splitlines()]
    assert [row[2] for row in rows if row[:2] == ["j", "judge"]] == ["10", "10"]


def test_the_estimate_counts_what_is_to_be_done_again(tmp_path, logs):
    class Refusing(Player):
        def good(self, body):
            return says("No.") if "Orbit 3" in str(body) else super().good(body)

    done(logs, tmp_path / "out", Refusing())
    assert "0 runs to ask about (12 are done)" in run(logs, tmp_path / "out", Player(), "--dry-run").stderr
    result = run(logs, tmp_path / "out", Player(), "--dry-run", "--retry")
    assert "1 runs to ask about (11 are done)" in result.stderr


@pytest.mark.parametrize("line", ['{"done":{"run_id":3}}', '{"calls":{"run_id":3}}'])
def test_a_journal_that_was_damaged_is_one_line(tmp_path, logs, line):
    class Revoked(Player):
        def good(self, body):
            return fails(401, "revoked") if sum(self.answered.values()) > 20 else super().good(body)

    run(logs, tmp_path / "out", Revoked())
    with (tmp_path / "out/journal.jsonl").open("a") as file:
        file.write(f"{line}\n")
    result = run(logs, tmp_path / "out", Player(), "--dry-run")
    assert result.exit_code == 1
    assert result.stderr.endswith("journal.jsonl: is damaged; delete it to start anew\n")


def test_a_dry_run_on_the_folder_of_another_run_says_so(tmp_path, logs):
    done(logs, tmp_path / "out", Player())
    result = run(logs, tmp_path / "out", Player(), "--theta", 0.9, "--dry-run")
    assert result.exit_code == 1
    assert "theta=0.5" in result.stderr


def test_the_ledger(tmp_path, logs):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}}
    result = done(logs, tmp_path / "out", Player(usage=usage))
    found = ledger(tmp_path / "out")
    each = {"calls": 12, "retries": 0, "uncounted": 0, "prompt": 12_000, "cached": 7_200, "completion": 1_200}
    mine, judges = 12 * (400 + 60 + 1000) / 1e6, 12 * (2000 + 2000) / 1e6
    assert found["accounts"] == [
        {"stage": "judge", "model": "j", **each, "usd": pytest.approx(judges)},
        *({"stage": stage, "model": "m", **each, "usd": pytest.approx(mine)} for stage in STAGES),
    ]
    assert found["usd"] == pytest.approx(3 * mine + judges)
    assert found["usd_per_sample"] == pytest.approx(found["usd"] / 12)
    assert f"48 answers for {found['usd']:.4f} USD" in result.stdout
    assert len(rows(tmp_path / "out/calls.jsonl")) == 48


STAGES = ("classify", "extract", "relabel")


def test_two_runs_at_once_share_the_cache(tmp_path, logs):
    player = Player(0.01)
    with Server(player) as server:
        children = [start(arguments(logs, tmp_path / name, server)) for name in ("a", "b")]
        assert [child.wait(60) for child in children] == [0, 0]
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert 48 <= player.asked.total() <= 96


def test_two_on_one_folder_are_kept_apart(tmp_path, logs):
    with Server(Player(0.3)) as server:
        first = start(arguments(logs, tmp_path / "out", server))
        wait_for((tmp_path / "out/journal.jsonl").exists, first)
        second = agenther(*arguments(logs, tmp_path / "out", server))
        assert second.exit_code == 1
        assert "another process" in second.stderr
        assert first.wait(60) == 0
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12


# --- killed --------------------------------------------------------------------------------------


def start(words):
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    return subprocess.Popen(
        [sys.executable, "-m", "agenther", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(condition, child):
    while not condition():
        assert child.poll() is None, "it ended too early"
        time.sleep(0.002)


def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path):
    runs, kills, concurrency = 130, 20, 6
    logs = lamp_logs(tmp_path / "logs", range(runs))
    chance = random.Random(5)
    player = Player(0.03)
    out = tmp_path / "out"
    with Server(player) as server:
        words = arguments(logs, out, server, "--concurrency", concurrency)
        for number in range(kills):
            child = start(words)
            asked = player.asked.total() + chance.randrange(4, 24)
            wait_for(lambda asked=asked: player.asked.total() >= asked, child)
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert not (out / "run.json").exists(), number
        assert agenther(*words).exit_code == 0
        again = player.asked.total() - len(player.asked)
        fresh = agenther(*arguments(logs, tmp_path / "fresh", server, "--concurrency", concurrency))
        assert fresh.exit_code == 0
        assert player.asked.total() - len(player.asked) == again, "all of it was kept"
    assert len(player.asked) == 4 * runs
    assert again <= kills * 2 * concurrency, "of two models"
    assert content(out) == content(tmp_path / "fresh")


def test_the_bytes_are_those_of_an_uninterrupted_run(tmp_path, logs):
    """Without the cache in common, too."""
    for name in ("a", "b"):
        done(logs, tmp_path / name, Player(), "--cache", tmp_path / f"{name}.sqlite")
    assert finals(tmp_path / "a") == finals(tmp_path / "b")


# --- money ---------------------------------------------------------------------------------------

DEAR = {"prompt_tokens": 1000, "completion_tokens": 500}
CALL = {"m": 0.006, "j": 0.012}


def test_a_cap_stops_in_time_and_a_higher_one_carries_on(tmp_path, logs):
    player = Player(0.01, usage=DEAR)
    out = tmp_path / "out"
    with Server(player) as server:
        for cap in (0.1, 0.1, 0.25):
            asked = player.asked.total()
            result = agenther(*arguments(logs, out, server, "--max-cost", cap, "--concurrency", 3))
            assert result.exit_code == 1, result.output
            assert cost(player) <= cap
            assert cost(player) > cap - 0.06
            assert f"--max-cost {cap:g}" in result.stderr
            assert "are left" in result.stderr
        assert asked < player.asked.total()
        assert " runs are left for about " in result.stderr
        result = agenther(*arguments(logs, out, server, "--max-cost", 3, "--concurrency", 3))
        assert result.exit_code == 0, result.output
    assert max(player.asked.values()) == 1
    assert cost(player) == pytest.approx(ledger(out)["usd"]) == pytest.approx(12 * (3 * CALL["m"] + CALL["j"]))
    assert len(rows(out / "samples.jsonl")) == 12
    assert not list(out.glob("*.part"))


def cost(player):
    return sum(CALL[json.loads(body)["model"]] * times for body, times in player.asked.items())


def test_what_is_kept_costs_nothing_under_a_cap(tmp_path, logs):
    player = Player(usage=DEAR)
    with Server(player) as server:
        assert agenther(*arguments(logs, tmp_path / "a", server)).exit_code == 0
        assert agenther(*arguments(logs, tmp_path / "b", server, "--max-cost", 0)).exit_code == 0
    assert player.asked.total() == 48


def test_an_unknown_price_stops_before_the_first_call(tmp_path, logs, monkeypatch):
    monkeypatch.setattr("agenther.llm.money.prices.PRIVATE", ())  # as if this machine were a stranger's
    player = Player()
    with Server(player) as server:
        words = ["run", logs, "--out", tmp_path / "out", "--model", "m", "--base-url", server.url]
        result = agenther(*words)
        assert result.exit_code == 1
        assert result.stderr.count("\n") == 1
        assert "--price m=IN,OUT" in result.stderr
        assert not (tmp_path / "out").exists()
        assert agenther(*words, "--allow-unknown-cost").exit_code == 0
    assert player.asked.total() == 36
    assert ledger(tmp_path / "out")["usd"] is None


def test_what_is_asked_at_home_is_told_to_cost_nothing(tmp_path, logs):
    """The command of the README, with the addresses of two servers."""
    with Server(Player()) as one, Server(player := Player()) as other:
        words = ("run", logs, "--out", tmp_path / "out", "--model", "Qwen3-32B", "--base-url", one.url)
        words = (*words, "--judge", f"other@{other.url}", "--max-cost", 0)
        result = agenther(*words)
    assert result.exit_code == 0, result.output
    assert "Qwen3-32B, other: 0 USD, since asked at local endpoints alone" in result.stderr
    assert result.stderr.count("0 (local)") == 4
    assert result.stdout.count("0 (local)") == 4
    assert ledger(tmp_path / "out")["usd"] == 0
    assert player.asked.total() == 12


def test_a_proxy_to_a_provider_counts_at_its_price(tmp_path, logs):
    with Server(Player()) as server:
        words = ("run", logs, "--out", tmp_path / "out", "--model", "gpt-4o-mini", "--base-url", server.url)
        result = agenther(*words)
    assert result.exit_code == 0, result.output
    assert "gpt-4o-mini counts at its provider's price, though its address is local" in result.stderr
    assert ledger(tmp_path / "out")["usd"] > 0


def test_a_dry_run_only_estimates(tmp_path, logs):
    player = Player(usage=DEAR)
    result = run(logs, tmp_path / "out", player, "--dry-run")
    assert result.exit_code == 0
    assert player.asked.total() == 0
    assert not (tmp_path / "out").exists()
    assert "12 runs to ask about: about 0." in result.stderr
    assert "assumed for each run: calls 1 classify" in result.stderr
    with Server(player) as server:
        done_words = arguments(lamp_logs(logs, range(40)), tmp_path / "out", server)
        assert agenther(*done_words).exit_code == 0
        lamp_logs(logs, range(40, 50))
        result = agenther(*done_words, "--dry-run")
    assert "10 runs to ask about (40 are done)" in result.stderr
    assert "as far as those before them got" in result.stderr
    row = next(line.split() for line in result.stderr.splitlines() if "relabel" in line)
    assert (row[2], row[4]) == ("10", "5,000"), "as long as they were"


@pytest.mark.parametrize("price", ["m", "m=1", "m=a,b"])
def test_a_price_that_is_none_is_wrong_usage(tmp_path, logs, price):
    assert agenther("run", logs, "--out", tmp_path / "out", "--model", "m", "--price", price).exit_code == 2


# --- the cache is a file like others -------------------------------------------------------------


def test_a_cache_that_cannot_be_used_is_one_line(tmp_path, logs):
    (tmp_path / "bad.sqlite").write_bytes(b"x" * 5000)
    player = Player()
    result = run(logs, tmp_path / "out", player, "--cache", tmp_path / "bad.sqlite")
    assert result.exit_code == 1
    assert "choose another --cache" in result.stderr.splitlines()[-1]
    assert player.asked.total() == 0


def test_stages_again_take_what_was_answered(tmp_path, logs):
    player = Player()
    with Server(player) as server:
        assert agenther(*arguments(logs, tmp_path / "out", server)).exit_code == 0
        before = content(tmp_path / "out")
        for stage in STAGES:
            result = agenther(stage, tmp_path / "out", "--price", "m=1,10,0.1", "--price", "j=2,20")
            assert "nothing changed" in result.stdout, result.output
    assert player.asked.total() == 48
    assert content(tmp_path / "out") == before
    assert agenther("package", tmp_path / "out").exit_code == 0
