"""A run over our own dialogues at an endpoint: kept as they were, or folded, in every format."""

import json

import pytest
from click.testing import CliRunner
from folders import rows
from llm.lamp import CLASSIFY, YES
from llm.player import Player
from llm.server import Server
from renewal import BY_CALL, GOAL, LOGS, OPENING, RUN, SHOWN

from agenther.cli import main
from agenther.packagers.table import PACKAGERS


class Desk(Player):
    """Finds the renewal, kept or folded as it is asked."""

    def content(self, body):
        prompt = "".join(message["content"] for message in body["messages"])
        stage = body["response_format"]["json_schema"]["name"]
        found = SHOWN if "Salt and Cedar" in prompt else []
        goal = GOAL if "The run is a conversation" in prompt else GOAL | BY_CALL
        outcome = {"achievements": found, "key_observations": []}
        return {"classify": CLASSIFY, "extract": outcome, "relabel": {"goals": [goal]}, "judge": YES}[stage]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("dialogues")


def agenther(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module", params=[(), ("--fold",)], ids=["kept", "folded"])
def finished(folder, request):
    out = folder / "".join(request.param or ["kept"])
    formats = [word for name in PACKAGERS for word in ("--format", name)]
    with Server(Desk()) as server:
        models = ("--model", "m", "--judge", "j", "--allow-unknown-cost", "--cache", folder / "cache")
        agenther("run", LOGS, "--out", out, *models, "--base-url", server.url, *formats, *request.param)
    return out, not request.param


def test_a_run_keeps_its_dialogues_unless_told_otherwise(finished):
    out, kept = finished
    assert json.loads((out / "run.json").read_text("utf-8"))["made_with"]["settings"]["fold"] is not kept
    (one,) = rows(out / "samples.jsonl")
    assert one["opening"] == (OPENING if kept else None)
    (judged,) = rows(out / "proposals.jsonl")
    assert judged["proposal"]["as_dialogue"] is kept
    (row,) = rows(out / "dataset/sft/train.jsonl")
    roles = [message["role"] for message in row["messages"]]
    asks = [message["content"] for message in row["messages"] if message["role"] == "user"]
    assert roles[-1] == "assistant"
    assert asks == ([OPENING, "It's R-5518.", "Yes, please."] if kept else [GOAL["hindsight_goal"]])
    assert row["messages"][0]["content"] == RUN.system


OTHERS = {"records", "dpo", "verl", "hard-negatives"}  # the last has failures whole, under their own goal


@pytest.mark.parametrize("name", [name for name in PACKAGERS if name not in OTHERS])
def test_each_format_writes_it_or_says_why_not(finished, name):
    out, kept = finished
    files_ = [path for path in (out / "dataset" / name).rglob("*.json*") if "info" not in path.name]
    text = "".join(path.read_text("utf-8") for path in files_)
    left = [row for row in rows(out / "dataset/left_out.jsonl") if row["format"].startswith(name)]
    assert left or text
    if kept and text:
        assert json.dumps(OPENING)[1:-1] in text
        assert "Yes, please." in text
        assert "put a hold on North by Lantern for me" not in text


def test_the_estimate_counts_the_rules_that_are_shown_with_a_kept_dialogue(tmp_path):
    def prompt_tokens(*options):
        model = ("--model", "m", "--price", "m=1,1", "--base-url", "http://localhost:1/v1")
        said = agenther("run", LOGS, "--out", tmp_path / "out", *model, "--dry-run", *options).stderr
        row = next(line.split() for line in said.splitlines() if "relabel" in line)
        return int(row[3].replace(",", ""))

    assert prompt_tokens() > prompt_tokens("--fold")
