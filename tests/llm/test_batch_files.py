"""A run in waves through files: whatever comes back, and in whatever order, it ends as it would have without."""

import json

import pytest
from aiohttp import web
from click.testing import CliRunner
from folders import content, rows, write_logs
from llm.batches import ANSWERS, bad, expired, good, lines, sensible, stage_of
from llm.server import Server, chat

from agenther.cli import main
from agenther.llm.batch import box

RUNS = 6


@pytest.fixture
def logs(tmp_path):
    page = {"action_name": "open", "action_input": {"id": "L-7"}, "observation": "Orbit lamp, $12.99, in stock"}
    for n in range(RUNS):
        search = {
            "action_name": "search",
            "action_input": {"q": "lamp"},
            "observation": f'{{"id": "L-7", "shop": {n}}}',
        }
        write_logs(tmp_path / "logs", [n], f"{n}.jsonl", original_prompt="Find a light.", steps=[search, page])
    return tmp_path / "logs"


@pytest.fixture
def agenther(tmp_path, logs):
    """Runs the command, with a cache of its own for each run folder."""

    def run(out="out", *options, batch=True, model="m", url="http://127.0.0.1:9/v1"):
        where = ["--batch-dir", str(tmp_path / "batch")] if batch else []
        arguments = ["run", logs, "--out", tmp_path / out, "--model", model, "--judge", "j", "--base-url", url]
        cache = ["--cache", tmp_path / f"{out}.sqlite", "--allow-unknown-cost"]
        return CliRunner().invoke(main, [str(one) for one in (*arguments, *cache, *where, *options)])

    return run


def requests(tmp_path):
    """Every request so far, by file."""
    return {path.name: lines(path.read_bytes()) for path in sorted((tmp_path / "batch").glob("requests-*.jsonl"))}


def newest(tmp_path, seen):
    """The requests of the files that are not in `seen`, which they are added to."""
    new = {name: found for name, found in requests(tmp_path).items() if name not in seen}
    seen.update(new)
    return [request for found in new.values() for request in found]


def put(tmp_path, answers, name):
    text = "".join(json.dumps(answer) + "\n" if isinstance(answer, dict) else answer for answer in answers)
    (tmp_path / "batch" / f"responses-{name}.jsonl").write_text(text, "utf-8")


def through(tmp_path, agenther, answer, waves=20):
    """Answers wave after wave until the run is done; gives the last result, and how many waves it took."""
    seen: dict[str, object] = {}
    for wave in range(waves):
        result = agenther()
        assert result.exit_code == 0, result.output
        new = newest(tmp_path, seen)
        if not new:
            return result, wave
        answer(new, wave)
    raise AssertionError("the run comes to no end")


@pytest.fixture
def without(tmp_path, agenther):
    """What the run folder holds when the same answers come one by one."""

    async def answer(request):
        return web.json_response(chat(sensible(await request.json())))

    with Server(answer) as server:
        url = server.url
        result = agenther("alone", batch=False, url=url)
    assert result.exit_code == 0, result.output
    return content(tmp_path / "alone"), url


def test_the_bytes_are_those_of_a_run_without_batches(tmp_path, agenther, without):
    folder, url = without

    def run():
        return agenther(url=url)

    result, waves = through(tmp_path, run, lambda new, wave: put(tmp_path, map(good, new), wave))
    assert f"{RUNS} samples from {RUNS} runs" in result.stdout
    assert waves == 4
    assert content(tmp_path / "out") == folder
    marks = [request["custom_id"] for found in requests(tmp_path).values() for request in found]
    assert len(marks) == len(set(marks)) == 4 * RUNS


@pytest.mark.parametrize(("quorum", "waves"), [("all", 6), ("majority", 4)])
def test_a_majority_of_judges_is_asked_in_one_wave(tmp_path, agenther, quorum, waves):
    def run():
        return agenther("out", "--judge", "k", "--judge", "l", "--quorum", quorum)

    result, took = through(tmp_path, run, lambda new, wave: put(tmp_path, map(good, new), wave))
    assert f"{RUNS} samples from {RUNS} runs" in result.stdout
    assert took == waves


def test_a_file_of_requests_is_what_openai_takes(tmp_path, agenther):
    agenther()
    [found] = requests(tmp_path).values()
    for request in found:
        assert request.keys() == {"custom_id", "method", "url", "body"}
        assert request["method"] == "POST"
        assert request["url"] == "/v1/chat/completions"
        assert request["body"]["model"] == "m"
        assert stage_of(request["body"]) == "classify"
        assert len(request["custom_id"]) <= 64
    assert len({request["custom_id"] for request in found}) == RUNS


def test_what_is_pending_is_said_and_nothing_is_sent_twice(tmp_path, agenther):
    first = agenther()
    assert f"answers awaited: {RUNS}; new: " in first.stdout
    assert "requests-0001.jsonl (m)" in first.stdout
    second = agenther()
    assert second.exit_code == 0
    assert f"answers awaited: {RUNS}; new: nothing" in second.stdout
    assert list(requests(tmp_path)) == ["requests-0001.jsonl"]
    assert not (tmp_path / "out/run.json").exists()


@pytest.mark.parametrize(
    ("spoil", "waves"),
    [
        pytest.param(lambda new, _wave: list(reversed([good(one) for one in new])), 4, id="in another order"),
        pytest.param(lambda new, _wave: [good(one) for one in new] * 2, 4, id="twice"),
        pytest.param(lambda new, _wave: [*map(bad500, new), *map(good, new)], 4, id="an error, then an answer"),
        pytest.param(lambda new, _wave: [*map(good, new), *map(bad500, new)], 4, id="an answer, then an error"),
        pytest.param(lambda new, wave: [good(one) for one in new[wave == 0 :]], 5, id="one line is missing"),
        pytest.param(lambda new, wave: first(new, wave, bad500), 5, id="one call failed"),
        pytest.param(lambda new, wave: first(new, wave, expired), 5, id="one call expired"),
        pytest.param(lambda new, wave: first(new, wave, hollow), 5, id="one body is no completion"),
        pytest.param(lambda new, wave: first(new, wave, half), 5, id="one line is cut"),
        pytest.param(
            lambda new, _wave: ["\n", "nonsense\n", "[]\n", '{"custom_id": 7}\n', *map(good, new)], 4, id="junk"
        ),
        pytest.param(lambda new, _wave: [{"custom_id": "x-1", "response": None}, *map(good, new)], 4, id="not ours"),
        pytest.param(lambda new, wave: first(new, wave, lambda one: good(one, prose)), 5, id="prose is asked again"),
    ],
)
def test_whatever_comes_back(tmp_path, agenther, without, spoil, waves):
    folder, url = without

    def run():
        return agenther(url=url)

    result, taken = through(tmp_path, run, lambda new, wave: put(tmp_path, spoil(new, wave), wave))
    assert f"{RUNS} samples from {RUNS} runs" in result.stdout
    assert taken == waves
    assert content(tmp_path / "out")["samples.jsonl"] == folder["samples.jsonl"]


def bad500(request):
    return bad(request, 500)


def hollow(request):
    return {**good(request), "response": {"status_code": 200, "body": {"choices": []}}}


def half(request):
    return json.dumps(good(request))[:-9] + "\n"


def prose(_body):
    return "Certainly! Here is what I think."


def first(new, wave, spoilt):
    """All answers good, but that to the first request of the first wave."""
    return [spoilt(new[0]) if wave == 0 else good(new[0]), *map(good, new[1:])]


def test_answers_come_in_files_of_any_name(tmp_path, agenther):
    def answer(new, wave):
        for number, request in enumerate(new):
            put(tmp_path, [good(request)], f"{'zyxwvu'[number]}-{wave}-of-some-tool")

    _, waves = through(tmp_path, agenther, answer)
    assert waves == 4


def test_answers_that_come_one_by_one(tmp_path, agenther):
    """Once one is there the others are taken for lost, and asked again; what comes late is used all the same."""
    agenther()
    new = newest(tmp_path, {})
    put(tmp_path, [good(new[0])], "early")
    agenther()
    files = requests(tmp_path)
    assert len(files["requests-0002.jsonl"]) == RUNS - 1 + 1  # and the next question on the first run
    put(tmp_path, map(good, new[1:]), "late")
    agenther()
    assert {stage_of(one["body"]) for one in requests(tmp_path)["requests-0003.jsonl"]} == {"extract"}


def test_all_goals_of_a_run_are_judged_in_one_wave(tmp_path, agenther):
    goals = ANSWERS["relabel"]["goals"]
    other = {**goals[0], "hindsight_goal": "Find the Orbit lamp and tell me what it costs."}
    other["claims"] = [{**goals[0]["claims"][0], "text": "The price was found."}]

    def two_goals(body):
        return json.dumps({"goals": [*goals, other]}) if stage_of(body) == "relabel" else sensible(body)

    def answer(new, wave):
        put(tmp_path, [good(one, two_goals) for one in new], wave)

    _, waves = through(tmp_path, agenther, answer)
    assert waves == 4
    assert len(requests(tmp_path)["requests-0004.jsonl"]) == 2 * RUNS


def test_a_question_asked_again_shows_the_answer_that_was_no_good(tmp_path, agenther):
    agenther()
    new = newest(tmp_path, {})
    put(tmp_path, [good(one, prose) for one in new], "1")
    agenther()
    for request in requests(tmp_path)["requests-0002.jsonl"]:
        *_, said, why = request["body"]["messages"]
        assert said == {"role": "assistant", "content": prose({})}
        assert "could not be used" in why["content"]


def test_one_model_a_file_and_no_file_too_large(tmp_path, agenther, monkeypatch):
    monkeypatch.setattr(box, "MOST_REQUESTS", 4)
    _, waves = through(tmp_path, agenther, lambda new, wave: put(tmp_path, map(good, new), wave))
    files = requests(tmp_path)
    assert waves == 4
    assert [len(found) for found in files.values()] == [4, 2] * 4
    assert [{one["body"]["model"] for one in found} for found in files.values()] == [{"m"}] * 6 + [{"j"}] * 2


def test_no_file_has_more_bytes_than_allowed(tmp_path, agenther, monkeypatch):
    monkeypatch.setattr(box, "MOST_BYTES", 20_000)
    agenther()
    sizes = [path.stat().st_size for path in (tmp_path / "batch").glob("requests-*.jsonl")]
    assert len(sizes) > 1
    assert max(sizes) <= 20_000


def test_a_request_that_always_fails_costs_only_its_run(tmp_path, agenther):
    def answer(new, wave):
        put(
            tmp_path, [bad500(one) if "lamp 3" in str(one["body"]) or is_first(one) else good(one) for one in new], wave
        )

    def is_first(request):
        return request["custom_id"].partition("-")[0] == unlucky

    agenther()
    unlucky = newest(tmp_path, {})[2]["custom_id"].partition("-")[0]
    result, _ = through(tmp_path, agenther, answer)
    assert f"{RUNS - 1} samples from {RUNS - 1} runs, 1 rejected (1 bad-answer)" in result.stdout
    [rejection] = rows(tmp_path / "out/rejections.jsonl")
    assert "after being sent 4 times" in rejection["detail"]
    asked = [one for found in requests(tmp_path).values() for one in found if one["custom_id"].startswith(unlucky)]
    assert [one["custom_id"][-2:] for one in asked] == ["-1", "-2", "-3", "-4"]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        pytest.param(404, {"code": "model_not_found"}, "check the model's name", id="no such model"),
        pytest.param(401, {"code": "invalid_api_key"}, "the key is refused", id="wrong key"),
        pytest.param(429, {"code": "insufficient_quota"}, "quota is used up", id="no money"),
    ],
)
def test_when_nothing_is_answered_the_run_stops_and_says_why(tmp_path, agenther, status, error, words):
    agenther()
    put(tmp_path, [bad(one, status, **error) for one in newest(tmp_path, {})], "1")
    result = agenther()
    assert result.exit_code == 1
    assert words in result.stderr
    assert "remove" in result.stderr
    assert list(requests(tmp_path)) == ["requests-0001.jsonl"]


def test_a_prompt_that_is_too_long_is_a_rejection(tmp_path, agenther):
    def answer(new, wave):
        put(tmp_path, first(new, wave, lambda one: bad(one, 400, code="context_length_exceeded")), wave)

    result, waves = through(tmp_path, agenther, answer)
    assert waves == 4
    assert "1 rejected (1 bad-answer)" in result.stdout


def test_a_model_with_a_fixed_temperature_is_asked_without_one(tmp_path, agenther):
    def answer(new, wave):
        put(tmp_path, [refusal(one) if "temperature" in one["body"] else good(one) for one in new], wave)

    def refusal(request):
        return bad(request, 400, param="temperature", code="unsupported_value")

    result, waves = through(tmp_path, agenther, answer)
    assert f"{RUNS} samples" in result.stdout
    assert waves == 6  # once for each of the two models


def test_lines_of_no_use_are_counted_and_named(tmp_path, agenther):
    def answer(new, wave):
        odd = ["<html>\n", "[1]\n", good({**new[0], "custom_id": "somebody-1"})] if wave == 1 else []
        empty = [{"custom_id": new[0]["custom_id"], "body": good(new[0])["response"]["body"]}] if wave == 1 else []
        put(tmp_path, [*odd, *empty, *map(good, new[len(empty) :])], wave)

    heard = []

    def noting(*words, **more):
        heard.append(agenther(*words, **more))
        return heard[-1]

    result, _ = through(tmp_path, noting, answer)
    assert f"{RUNS} samples" in result.stdout
    told = " ".join(heard[2].stderr.split())
    kinds = "no JSON with a custom_id (2), to nothing that was asked from this folder (1), with neither a response nor"
    assert f"responses-1.jsonl: lines of no use: {kinds} an error (1); what has no answer is asked for again" in told
    assert "of no use" not in heard[1].stderr


def test_a_half_written_wave_of_a_killed_process_is_no_wave(tmp_path, agenther):
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch/requests-0001.jsonl.part").write_text('{"custom_id":"abc', "utf-8")
    assert agenther().exit_code == 0
    assert list(requests(tmp_path)) == ["requests-0001.jsonl"]
    assert not list((tmp_path / "batch").glob("*.part"))


def test_files_of_somebody_else_are_left_alone(tmp_path, agenther):
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch/requests-0001.jsonl").write_text('{"messages": []}\n', "utf-8")
    result = agenther()
    assert result.exit_code == 1
    assert "was not written by this program" in result.stderr


def test_a_wave_that_could_cost_too_much_is_not_written(tmp_path, agenther):
    result = agenther("out", "--max-cost", "0.001", "--price", "m=1,2", "--price", "j=1,2")
    assert result.exit_code == 1
    assert "--max-cost 0.001 would be crossed" in result.stderr
    assert list((tmp_path / "batch").iterdir()) == []
    assert agenther("out", "--max-cost", "1", "--price", "m=1,2", "--price", "j=1,2").exit_code == 0
    assert list(requests(tmp_path)) == ["requests-0001.jsonl"]


def test_no_key_and_no_endpoint_are_needed(tmp_path, logs, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    arguments = ["run", logs, "--out", tmp_path / "out", "--model", "anthropic/some-model", "--allow-unknown-cost"]
    result = CliRunner().invoke(main, [str(one) for one in (*arguments, "--batch-dir", tmp_path / "batch")])
    assert result.exit_code == 0, result.output
    assert len(requests(tmp_path)["requests-0001.jsonl"]) == RUNS


def test_one_way_at_a_time(tmp_path, agenther):
    result = agenther("out", "--batch")
    assert result.exit_code == 2
    assert "choose one" in result.stderr
