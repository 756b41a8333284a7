"""Whole runs at an endpoint that takes less than it is given, bills more than expected, or never says what is asked."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from folders import a_log, rows
from llm.player import Player, lamp_logs
from llm.server import Server, chat, fails, says, status

from agenther.cli import main

PRICES = ("--price", "m=1,10", "--price", "j=2,20")


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(12))


@pytest.fixture
def long_logs(tmp_path):
    """Runs that go on for long after what is of use in them."""
    (tmp_path / "long").mkdir()
    for number in range(12):
        record = a_log(number, original_prompt=f"Find a desk light like {number} under $5.")
        for step in range(10):
            words = " ".join(f"shelf {number}-{step}-{n} holds {n * 7919 % 997} boxes" for n in range(120))
            record["steps"].append({"action_name": "look", "action_input": {"at": step}, "observation": words})
        (tmp_path / f"long/{number}.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    return tmp_path / "long"


def run(logs, out, player, *options):
    models = ("--model", "m", "--judge", "j", *PRICES)
    with Server(player) as server:
        words = ("run", logs, "--out", out, *models, "--base-url", server.url, "--cache", f"{out}.sqlite", *options)
        result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def done(logs, out, player, *options):
    result = run(logs, out, player, *options)
    assert result.exit_code == 0, result.output
    return result


class Narrow(Player):
    """Refuses prompts of more characters than `room`, of which the longest answer counts as four for each token."""

    def __init__(self, room, refusal):
        super().__init__()
        self.room = room
        self.refusal = refusal
        self.taken = set()
        self.bounds = set()

    def good(self, body):
        prompt = sum(len(message["content"]) for message in body["messages"])
        if prompt + 4 * body.get("max_tokens", 0) > self.room:
            return self.refusal
        self.taken.add(json.dumps(body["messages"]))
        self.bounds.add(body.get("max_tokens"))
        return super().good(body)


TGI = status(422, {"error": "Input validation error: `inputs` must have less than 1024 tokens.", "error_type": "v"})
GEMINI = fails(400, "The input token count (50000) exceeds the maximum number of tokens allowed (32768).")
VLLM = fails(400, "This model's maximum context length is 8192 tokens. However, you requested more.")
TGI_BOUND = status(422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 8192", "error_type": "v"})


@pytest.mark.parametrize("refusal", [TGI, GEMINI], ids=["TGI", "Gemini"])
def test_a_run_is_shrunk_whatever_the_endpoint_calls_it(tmp_path, long_logs, refusal):
    narrow = Narrow(30_000, refusal)
    done(long_logs, tmp_path / "out", narrow)
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12
    assert len(narrow.taken) >= 48


def test_a_run_that_cannot_be_shrunk_enough_is_a_rejection(tmp_path, logs):
    assert run(logs, tmp_path / "out", Narrow(3_000, TGI)).exit_code == 1, "none of them can be"
    rejections = rows(tmp_path / "out/rejections.jsonl")
    assert len(rejections) == 12
    assert {one["reason"] for one in rejections} == {"bad-answer"}
    assert all("must have less than 1024 tokens" in one["detail"] for one in rejections)


class Short(Player):
    """Reads no more than 12,000 characters of a prompt, and says nothing of it but in its count of tokens."""

    def good(self, body):
        sent = sum(len(message["content"]) for message in body["messages"])
        usage = {"prompt_tokens": min(sent, 12_000) // 4, "completion_tokens": 9}
        return says(json.dumps(self.content(body)), usage=usage)


def test_a_prompt_that_is_cut_in_silence_is_told_once_and_shortened(tmp_path, long_logs):
    player = Short()
    result = done(long_logs, tmp_path / "out", player)
    told = " ".join(result.stderr.split())
    assert told.count("tokens of a prompt of about") == 1, "what the judge is asked is short enough"
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12
    answers = [body for body in map(json.loads, player.asked) if body["max_tokens"] > 256]
    long = [body for body in answers if sum(len(message["content"]) for message in body["messages"]) > 12_000]
    assert len(long) < len(answers)


def test_an_endpoint_that_takes_nothing_stops_the_run_at_once(tmp_path, logs):
    player = Narrow(0, fails(400, "response_format is not supported, nor is anything else"))
    result = run(logs, tmp_path / "out", player)
    assert result.exit_code == 1
    assert result.stderr.count("nor is anything else") == 1
    assert player.asked.total() <= 64
    assert not (tmp_path / "out/rejections.jsonl").exists()


# --- under a cap ---------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [VLLM, TGI_BOUND], ids=["vLLM", "TGI"])
def test_a_cap_takes_nothing_of_a_run_from_a_small_context(tmp_path, long_logs, refusal):
    free, capped = Narrow(50_000, refusal), Narrow(50_000, refusal)
    done(long_logs, tmp_path / "free", free)
    done(long_logs, tmp_path / "capped", capped, "--max-cost", 100)
    assert max(map(len, free.taken)) > 50_000 - 4 * 4096, "there is no room for the whole bound"
    assert capped.taken == free.taken
    assert None not in capped.bounds


def test_a_model_that_allows_only_short_answers_is_asked_for_them(tmp_path, logs):
    class Terse(Player):
        def good(self, body):
            most = max(body.get("max_tokens", 0), body.get("max_completion_tokens", 0))
            message = f"max_tokens is too large: {most}. This model supports at most 1024 completion tokens."
            return fails(400, message, param="max_tokens") if most > 1024 else super().good(body)

    done(logs, tmp_path / "out", Terse(), "--max-cost", 100)
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12


class Dense(Player):
    """Bills a token for each byte of the prompt and the schema, and all that an answer may be long."""

    def __init__(self):
        super().__init__(0.01)
        self.usd = 0.0

    def good(self, body):
        prompt = sum(len(message["content"].encode()) for message in body["messages"])
        prompt += len(json.dumps(body["response_format"], separators=(",", ":")))
        completion = body.get("max_tokens", 500)
        factor = {"m": 1, "j": 2}[body["model"]]
        self.usd += factor * (prompt + 10 * completion) / 1e6
        usage = {"prompt_tokens": prompt, "completion_tokens": completion}
        return status(200, chat(json.dumps(self.content(body)), usage=usage))


def test_an_endpoint_that_bills_a_token_a_byte_is_kept_under_the_cap(tmp_path, logs):
    for number, cap in enumerate([0.06, 0.2, 0.61]):
        dense = Dense()
        result = run(logs, tmp_path / f"out{number}", dense, "--max-cost", cap)
        assert result.exit_code == 1
        assert cap / 2 < dense.usd <= cap
        assert f"--max-cost {cap:g} would be crossed by the next call: {dense.usd:.4f} USD are paid" in result.stderr


def test_a_cap_below_what_is_paid_says_so(tmp_path, logs):
    run(logs, tmp_path / "out", Dense(), "--max-cost", 0.2)
    result = run(logs, tmp_path / "out", player := Dense(), "--max-cost", 0.01)
    assert result.exit_code == 1
    assert "--max-cost 0.01 is used up: 0." in result.stderr
    assert player.usd == 0


def test_a_cap_for_a_model_of_unknown_price_is_refused(tmp_path, logs):
    player = Player()
    words = ("--max-cost", "1", "--allow-unknown-cost")
    result = run(logs, tmp_path / "out", player, *words, "--judge", "k@https://api.example.com/v1")
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert "k: its price is not known, so --max-cost cannot be kept" in line
    assert "--price k=IN,OUT" in line
    assert player.asked.total() == 0
    done(logs, tmp_path / "out", Player(), *words, "--judge", "k")


# --- answers of no use ---------------------------------------------------------------------------


class Prosaic(Player):
    """As judge it says nothing of use."""

    prose = True

    def good(self, body):
        is_judge = body["model"] == "j"
        return says("I would say that it went quite well.") if self.prose and is_judge else super().good(body)


def test_a_judge_that_never_gives_a_verdict_stops_the_run_and_another_start_carries_on(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(60))
    player = Prosaic()
    result = run(logs, tmp_path / "out", player, "--concurrency", 8)
    assert result.exit_code == 1
    assert "answers to judge were of no use" in result.stderr
    assert sum(json.loads(body)["model"] == "j" for body in player.asked) < 100
    player.prose = False
    done(logs, tmp_path / "out", player, "--concurrency", 8)
    kept, lost = len(rows(tmp_path / "out/samples.jsonl")), len(rows(tmp_path / "out/rejections.jsonl"))
    assert kept + lost == 60
    assert lost <= 10


def test_from_the_third_try_on_chance_is_let_in(tmp_path):
    player = Prosaic()
    result = run(lamp_logs(tmp_path / "logs", range(6)), tmp_path / "out", player)  # too few to stop at once
    assert result.exit_code == 1
    heat = Counter()
    for words, times in player.asked.items():
        body = json.loads(words)
        heat[body["model"], body["temperature"]] += times
    assert heat["j", 0] == 12
    assert heat["j", 0.7] == 24


def differently(goal, more):
    """In other words, its claims too: what claims the same is judged once."""
    claims = [{**claim, "text": f"{claim['text']} {more}"} for claim in goal["claims"]]
    return {**goal, "hindsight_goal": f"{goal['hindsight_goal']} {more}", "claims": claims}


class Spoilt(Player):
    """One run has four goals each time, and the judge answers as told about it."""

    def __init__(self, verdict):
        super().__init__()
        self.verdict = verdict

    def good(self, body):
        is_spoilt = body["model"] == "j" and "Orbit 7" in json.dumps(body)
        return self.verdict if is_spoilt else super().good(body)

    def content(self, body):
        said = super().content(body)
        if "goals" in said and "Orbit 7" in json.dumps(body):
            [goal] = said["goals"]
            attempt = "again " * json.dumps(body).count("Nicely")
            return {"goals": [differently(goal, f"Nicely {attempt}{word}.") for word in ("do", "say", "tell", "show")]}
        return said


@pytest.mark.parametrize("verdict", [says("As you command!"), fails(403, "not past this firewall")])
def test_one_run_that_gets_no_verdict_stops_nothing(tmp_path, verdict):
    """Its goals are refused for want of one, so more are asked for, and the others are long done."""
    logs = lamp_logs(tmp_path / "logs", range(12))
    player = Spoilt(verdict)
    done(logs, tmp_path / "out", player, "--attempts", 5)
    assert len(rows(tmp_path / "out/samples.jsonl")) == 11
    [lost] = rows(tmp_path / "out/rejections.jsonl")
    assert lost["reason"] == "bad-answer"
    asked = [json.loads(body) for body in player.asked if "Orbit 7" in body and '"model": "j"' in body]
    assert len({body["messages"][1]["content"] for body in asked}) == 20
