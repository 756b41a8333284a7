"""A cap on a run in waves: what fits goes along, the rest waits; and what is asked for less, where less is taken."""

import json

import pytest
from click.testing import CliRunner
from folders import rows
from llm.batches import BatchServer, bad, good, lines, stage_of
from llm.player import lamp_logs

from agenther.cli import main

RUNS = 12


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(RUNS))


@pytest.fixture
def agenther(tmp_path, logs):
    def run(*options):
        words = ("run", logs, "--out", tmp_path / "out", "--model", "m", "--cache", tmp_path / "cache.sqlite")
        prices = ("--price", "m=100,200")
        result = CliRunner().invoke(main, [str(word) for word in (*words, *prices, *options)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


def requests(tmp_path):
    return [line for path in sorted((tmp_path / "batch").glob("requests-*")) for line in lines(path.read_bytes())]


def answered(tmp_path, number, answer=good):
    """Answers the newest file of requests, if it has none yet; gives its requests."""
    path = tmp_path / f"batch/requests-{number:04}.jsonl"
    if not path.exists():
        return []
    found = lines(path.read_bytes())
    text = "".join(json.dumps(answer(request)) + "\n" for request in found)
    (tmp_path / f"batch/responses-{number}.jsonl").write_text(text, "utf-8")
    return found


def test_what_fits_is_sent_and_the_rest_waits(tmp_path, agenther):
    options = ("--batch-dir", tmp_path / "batch", "--max-cost", "5")
    result = agenther(*options)
    assert result.exit_code == 0, result.output
    sent = len(requests(tmp_path))
    assert 1 < sent < RUNS
    assert f"answers awaited: {sent}; {RUNS - sent} requests that can cost " in result.stdout
    assert "or for a --max-cost higher than 5" in result.stdout
    again = agenther(*options)
    assert f"answers awaited: {sent}; {RUNS - sent} requests" in again.stdout
    assert len(requests(tmp_path)) == sent, "what is owed already leaves no room"
    higher = agenther(*options[:-1], "100")
    assert f"answers awaited: {RUNS}; new: " in higher.stdout
    marks = [request["custom_id"] for request in requests(tmp_path)]
    assert len(marks) == len(set(marks)) == RUNS


def test_a_run_goes_on_as_long_as_something_fits(tmp_path, agenther):
    """It really costs a hundredth of what it can cost."""
    options = ("--batch-dir", tmp_path / "batch", "--max-cost", "3")
    sent = 0
    for wave in range(1, 60):
        result = agenther(*options)
        assert result.exit_code == 0, result.output
        new = answered(tmp_path, wave)
        sent += len(new)
        if not new:
            break
    assert "samples from 12 runs" in result.stdout
    assert sent == 3 * RUNS
    assert wave > 6, "there was never room for all"


def test_when_nothing_fits_it_stops_and_says_so(tmp_path, agenther):
    result = agenther("--batch-dir", tmp_path / "batch", "--max-cost", "0.01")
    assert result.exit_code == 1
    assert (
        "--max-cost 0.01 would be crossed by the next call: 0.0000 USD are paid, due are 12 requests" in result.stderr
    )
    assert list((tmp_path / "batch").iterdir()) == []


def test_through_the_batch_api_too(agenther):
    with BatchServer() as server:
        server.ending = "completed"
        options = ("--batch", "--base-url", server.url, "--max-cost", "1.2")
        results = [agenther(*options)]
        while "samples from" not in results[-1].stdout and len(results) < 60:
            results.append(agenther(*options))
        asked = [lines(server.files[batch["input_file_id"]]) for batch in server.batches.values()]
    assert {result.exit_code for result in results} == {0}
    assert "samples from 12 runs" in results[-1].stdout
    assert sum(map(len, asked)) == 3 * RUNS
    assert len(asked) > 6


# --- less than was asked for ---------------------------------------------------------------------


def through(tmp_path, agenther, answer, *options):
    for wave in range(1, 30):
        result = agenther("--batch-dir", tmp_path / "batch", *options)
        assert result.exit_code == 0, result.output
        if not answered(tmp_path, wave, answer):
            return result
    raise AssertionError("the run comes to no end")


@pytest.mark.parametrize(
    "error",
    [
        {"message": "max_tokens is too large: this model supports at most 1500", "param": "max_tokens"},
        {"message": "This model's maximum context length is 8192 tokens, and you asked for more"},
    ],
    ids=["model", "context"],
)
def test_an_answer_that_may_not_be_so_long_is_asked_to_be_shorter(tmp_path, agenther, error):
    def answer(request):
        return bad(request, 400, **error) if request["body"]["max_tokens"] > 1500 else good(request)

    result = through(tmp_path, agenther, answer, "--max-cost", "1000")
    assert "samples from 12 runs" in result.stdout
    assert {request["body"]["max_tokens"] for request in requests(tmp_path)} == {4096, 1024}
    assert len(requests(tmp_path)) == 2 * 3 * RUNS


def test_a_prompt_that_is_refused_where_others_are_answered_is_shortened_or_given_up(tmp_path, agenther):
    def answer(request):
        is_bad = "like 3 under" in str(request["body"]) and stage_of(request["body"]) == "relabel"
        return bad(request, 400, message="must have less than 1024 tokens") if is_bad else good(request)

    through(tmp_path, agenther, answer)
    [rejection] = rows(tmp_path / "out/rejections.jsonl")
    assert "must have less than 1024 tokens (other prompts are answered)" in rejection["detail"]
    assert len(requests(tmp_path)) == 3 * RUNS, "asked once, since there is nothing to leave out of so short a run"


def test_a_judge_that_is_never_answered_stops_though_the_other_model_is(tmp_path, agenther):
    def answer(request):
        is_judge = stage_of(request["body"]) == "judge"
        return bad(request, 400, message="no such thing") if is_judge else good(request)

    for wave in range(1, 6):
        result = agenther("--batch-dir", tmp_path / "batch", "--judge", "j", "--price", "j=1,1")
        if result.exit_code:
            break
        answered(tmp_path, wave, answer)
    assert result.exit_code == 1
    assert "no such thing; to send it again all the same" in result.stderr
