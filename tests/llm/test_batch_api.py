"""A run in waves through a provider's batch API, over real HTTP, with batches that end in every way they can."""

import json

import pytest
from click.testing import CliRunner
from folders import content, rows, write_logs
from llm.batches import BatchServer, bad, expired, good, lines
from llm.server import Server, fails

from agenther.cli import main

RUNS = 4


@pytest.fixture
def logs(tmp_path):
    page = {"action_name": "open", "action_input": {"id": "L-7"}, "observation": "Orbit lamp, $12.99, in stock"}
    for n in range(RUNS):
        found = f'{{"id": "L-7", "shop": {n}}}'
        search = {"action_name": "search", "action_input": {"q": "lamp"}, "observation": found}
        write_logs(tmp_path / "logs", [n], f"{n}.jsonl", original_prompt="Find a light.", steps=[search, page])
    return tmp_path / "logs"


@pytest.fixture
def agenther(tmp_path, logs):
    def run(url, out="out", *options, batch=True, url_option=True):
        arguments = ["run", logs, "--out", tmp_path / out, "--model", "m", "--judge", "m", "--allow-unknown-cost"]
        where = ["--base-url", url] if url_option else []
        cache = ["--cache", tmp_path / f"{out}.sqlite", *(["--batch"] if batch else [])]
        return CliRunner().invoke(main, [str(one) for one in (*arguments, *where, *cache, *options)])

    return run


@pytest.fixture
def server():
    with BatchServer() as server:
        yield server


def asked(server):
    """Every request of every batch, by batch."""
    return [lines(server.files[batch["input_file_id"]]) for batch in server.batches.values()]


def test_from_wave_to_wave(tmp_path, agenther, server):
    assert "answers awaited: 4; batches: batch_1 (validating)" in agenther(server.url).stdout
    assert "batch_1 (in_progress 0/4)" in agenther(server.url).stdout
    assert not (tmp_path / "out/run.json").exists()
    server.ending = "completed"
    results = [agenther(server.url) for _ in range(4)]
    assert [result.exit_code for result in results] == [0] * 4
    assert "batch_2 (validating)" in results[0].stdout
    assert f"{RUNS} samples from {RUNS} runs" in results[3].stdout
    assert [len(found) for found in asked(server)] == [RUNS] * 4
    assert agenther(server.url, "alone", batch=False).exit_code == 0
    ours = {name: text for name, text in content(tmp_path / "out").items() if not name.startswith("batch/")}
    assert ours == content(tmp_path / "alone")


def test_what_is_under_way_is_not_paid_for_twice(agenther, server):
    agenther(server.url)
    result = agenther(server.url, batch=False)
    assert result.exit_code == 1
    assert "one batch is under way" in result.stderr
    assert "--batch collects" in result.stderr
    server.ending = "completed"
    for _ in range(4):
        last = agenther(server.url)
    assert f"{RUNS} samples" in last.stdout
    assert agenther(server.url, batch=False).exit_code == 0, "everything is collected"


def test_nor_is_it_asked_through_files(tmp_path, agenther, server):
    agenther(server.url)
    result = agenther(server.url, "out", "--batch-dir", tmp_path / "files", batch=False)
    assert result.exit_code == 1
    assert "one batch is under way" in result.stderr
    assert not list((tmp_path / "files").glob("*"))


def test_a_batch_at_an_address_that_is_not_asked_any_more(tmp_path, agenther, server):
    """It may have moved with its server, or be lost; that is for its user to say, who pays for it."""
    agenther(server.url)
    with BatchServer() as other:
        result = agenther(other.url)
        assert result.exit_code == 1
        assert f"batch_1 was sent to {server.url}" in result.stderr
        assert "out/batch/requests-0001.jsonl" in result.stderr
        (tmp_path / "out/batch/requests-0001.jsonl").unlink()
        assert "batch_1 (validating)" in agenther(other.url).stdout
        assert [len(found) for found in asked(other)] == [RUNS]


def test_a_stroke_at_the_end_is_no_other_address(agenther, server):
    agenther(server.url)
    assert "batch_1 (in_progress 0/4)" in agenther(f"{server.url}/").stdout


def test_a_batch_that_is_not_known_any_more(tmp_path, agenther, server):
    agenther(server.url)
    server.batches.clear()
    for _ in range(2):
        result = agenther(server.url)
        assert result.exit_code == 1
        assert "batch_1: No batch found with that id." in result.stderr
        assert "out/batch/requests-0001.jsonl" in result.stderr
    (tmp_path / "out/batch/requests-0001.jsonl").unlink()
    assert agenther(server.url, batch=False).exit_code == 0, "nothing is under way"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda request: good(request, lambda _body: "Hm."), id="prose"),
        pytest.param(lambda request: bad(request, 400, code="content_filter"), id="filtered"),
    ],
)
def test_what_was_of_no_use_is_sent_again_on_request(agenther, server, spoil):
    """The answers lie in the batch's folder, too."""
    server.ending = "completed"
    server.answer = lambda request: spoil(request) if is_about_the_first(request) else good(request)
    for _ in range(10):
        result = agenther(server.url)
    assert f"{RUNS - 1} samples from {RUNS - 1} runs, 1 rejected (1 bad-answer)" in result.stdout
    server.answer = good
    waves = len(server.batches)
    results = [agenther(server.url, "out", "--retry") for _ in range(6)]
    assert [result.exit_code for result in results] == [0] * 6
    assert f"{RUNS} samples from {RUNS} runs" in results[-1].stdout
    assert [len(found) for found in asked(server)[waves:]] == [1] * 4


def is_about_the_first(request):
    return '"shop": 0' in json.dumps(request).replace("\\", "")


def test_what_was_sent_again_on_request_is_waited_for(agenther, server):
    server.ending = "completed"
    server.answer = lambda request: good(request, lambda _body: "Hm.")
    for _ in range(10):
        result = agenther(server.url)
    assert f"{RUNS} rejected ({RUNS} bad-answer)" in result.stdout
    waves = len(server.batches)
    server.ending = ""
    for _ in range(3):
        assert f"answers awaited: {RUNS}; batches: batch_{waves + 1}" in agenther(server.url, "out", "--retry").stdout
    assert len(server.batches) == waves + 1


def test_a_finished_run_asks_nothing_more(agenther, server):
    server.ending = "completed"
    for _ in range(5):
        agenther(server.url)
    result = agenther(server.url)
    assert f"{RUNS} samples" in result.stdout
    assert len(server.batches) == 4


@pytest.mark.parametrize("ending", ["expired", "cancelled"])
@pytest.mark.parametrize("rest", [pytest.param(expired, id="told"), pytest.param(lambda _request: None, id="missing")])
def test_what_a_batch_left_undone_is_sent_again(agenther, server, ending, rest):
    def answer(request):
        return good(request) if len(server.batches) > 1 or is_first(request) else rest(request)

    def is_first(request):
        return request["custom_id"] in {one["custom_id"] for one in asked(server)[0][:2]}

    server.answer = answer
    agenther(server.url)
    server.ending = ending
    agenther(server.url)
    first, second = asked(server)
    assert [one["custom_id"] for one in second if one["custom_id"].endswith("-2")] == [
        f"{one['custom_id'][:-2]}-2" for one in first[2:]
    ]
    assert len(second) == RUNS
    server.ending = "completed"
    results = [agenther(server.url) for _ in range(5)]
    assert f"{RUNS} samples from {RUNS} runs" in results[-1].stdout


def test_a_batch_that_ended_before_it_began_is_sent_again(agenther, server):
    server.answer = lambda _request: None
    agenther(server.url)
    server.ending = "cancelled"
    assert "batch_2 (validating)" in agenther(server.url).stdout
    first, second = asked(server)
    assert first == second


def test_a_batch_that_is_not_accepted_is_told_and_sent_again(agenther, server):
    agenther(server.url)
    server.ending = "failed"
    result = agenther(server.url)
    assert result.exit_code == 1
    assert "batch_1 was not accepted: too many tokens are enqueued" in result.stderr
    server.ending = ""
    assert "batch_2 (validating)" in agenther(server.url).stdout


def test_a_batch_that_nobody_heard_of_is_found_again(agenther, server):
    server.deaf = 1
    result = agenther(server.url)
    assert result.exit_code == 1
    assert "the batch API fails" in result.stderr
    assert "the same command carries on" in result.stderr
    assert "batches: batch_1 (validating)" in agenther(server.url).stdout
    assert "batches: batch_1 (in_progress 0/4)" in agenther(server.url).stdout
    assert len(server.batches) == 1


def test_a_file_that_was_not_handed_over_is_handed_over_later(tmp_path, agenther, server):
    agenther(server.url)
    state = tmp_path / "out/batch/batches.json"
    state.write_text(state.read_text("utf-8").replace('"batch_1"', '""'), "utf-8")
    server.batches.clear()
    assert "batch_1 (validating)" in agenther(server.url).stdout
    assert len(server.batches) == 1


def test_answers_to_nothing_that_was_asked_are_none(agenther, server):
    server.answer = lambda request: {**good(request), "custom_id": "somebody-1"}
    agenther(server.url)
    server.ending = "completed"
    assert "batch_2 (validating)" in agenther(server.url).stdout
    assert {one["custom_id"][-2:] for one in asked(server)[1]} == {"-2"}


def test_an_error_in_an_answer_is_a_wave_more(tmp_path, agenther, server):
    def answer(request):
        line = good(request)
        if len(server.batches) == 1 and request["custom_id"] == asked(server)[0][1]["custom_id"]:
            line["response"]["status_code"] = 500
        return line

    server.answer = answer
    server.ending = "completed"
    results = [agenther(server.url) for _ in range(6)]
    assert f"{RUNS} samples from {RUNS} runs" in results[-1].stdout
    assert len(rows(tmp_path / "out/samples.jsonl")) == RUNS


def test_an_endpoint_without_a_batch_api(agenther):
    with Server() as server:
        result = agenther(server.url)
    assert result.exit_code == 1
    assert "no batch API here" in result.stderr
    assert "--batch-dir" in result.stderr


def test_a_wrong_key_stops_the_run(agenther, monkeypatch):
    async def refuse(_self, request):
        return await fails(401, "bad key", "invalid_api_key")(request)

    monkeypatch.setattr(BatchServer, "_create", refuse)
    with BatchServer() as server:
        result = agenther(server.url)
    assert result.exit_code == 1
    assert "the key is refused" in result.stderr


def test_a_model_without_a_batch_api(agenther, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = agenther("", url_option=False)
    assert result.exit_code == 1
    assert "set OPENAI_API_KEY" in result.stderr
