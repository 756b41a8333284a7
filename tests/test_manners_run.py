"""Whole runs at endpoints that do not take what the best ones take."""

import json
import re

import pytest
from folders import content
from llm.player import SEEN, Player, answers, lamp_logs
from llm.server import Server, fails
from test_model_run import agenther, arguments, finals

KEYS = {"is_failure": "classify", "achievements": "extract", "hindsight_goal": "relabel", "rejection_reason": "judge"}


class Plain(Player):
    """Knows json_object at the most, and no word of a system. Which stage asks stands in the prompt alone."""

    forms = ("json_object",)

    async def answer(self, request, body):
        form = body.get("response_format", {}).get("type")
        if form not in {*self.forms, None}:
            return await fails(400, f"{form}: what is that?")(request)
        if any(message["role"] == "system" for message in body["messages"]):
            return await fails(500, "System role not supported")(request)
        return await super().answer(request, body)

    def content(self, body):
        prompt = "".join(message["content"] for message in body["messages"])
        stage = next(stage for key, stage in KEYS.items() if f"- {key}:" in prompt)
        return answers(prompt)[stage] if SEEN.search(prompt) else {}


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(4))


def run(logs, out, player, *options):
    with Server(player) as server:
        result = agenther(*arguments(logs, out, server, "--cache", out.parent / "cache.db", *options))
        assert result.exit_code == 0, result.output
        return result


def test_a_run_is_the_same_and_what_was_found_out_is_remembered(tmp_path, logs):
    player, best = Plain(), Player()
    told = run(logs, tmp_path / "a", player).stderr
    for model in ("m", "j"):
        words = f"{model} is asked with the system's words in the user's message, with response_format json_object"
        assert words in " ".join(told.split())
    refused = player.asked.total() - player.answered.total()
    assert 0 < refused <= 2 * 3 * 4 * 3

    with Server(best) as server:
        alone = agenther(*arguments(logs, tmp_path / "b", server, "--cache", tmp_path / "other.db"))
    assert "is asked with" not in alone.stderr
    ours, theirs = (without_retries(finals(tmp_path / name)) for name in ("a", "b"))
    assert ours == theirs


def without_retries(files):
    """Calls that meet a slow machine are made again, in one run as in the other."""
    counted = {name: re.sub(rb'"retries": ?\d+', b"", raw) for name, raw in files.items() if name != "report.md"}
    assert b'"retries"' in files["run.json"]
    return counted


def test_the_next_start_finds_nothing_out_again(tmp_path, logs):
    with Server(Plain()) as server:
        port = server.url.split(":")[2].split("/")[0]
        first = agenther(*arguments(logs, tmp_path / "a", server, "--cache", tmp_path / "cache.db"))
    player = Plain()
    more = lamp_logs(tmp_path / "more", range(4, 8))
    with Server(player, port=int(port)) as server:
        second = agenther(*arguments(more, tmp_path / "a", server, "--cache", tmp_path / "cache.db"))
    assert (first.exit_code, second.exit_code) == (0, 0), second.output
    assert player.asked.total() == player.answered.total(), "nothing was refused"
    assert second.stderr.count("as was found out before") == 2
    assert content(tmp_path / "a")


def test_a_form_that_is_named_is_the_only_one(tmp_path, logs):
    player = Plain()
    run(logs, tmp_path / "a", player, "--answers", "none")
    assert not any("response_format" in json.loads(body) for body in player.asked)
