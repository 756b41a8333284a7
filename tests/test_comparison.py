"""Two run folders side by side."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from crews import Cast
from folders import a_job, content, done, write_logs
from llm.player import Player, lamp_logs
from llm.server import Server

from agenther.cli import main
from agenther.jobs.again import again


def compare(*words):
    return CliRunner().invoke(main, ["compare", *map(str, words)])


def compared(first, second):
    result = compare(first, second, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def folders(tmp_path):
    """Ten runs with goals; and the same without the first, with two more, where nothing is found worth relabeling."""
    logs = tmp_path / "logs"
    for number in range(10):
        write_logs(logs, [number], f"{number}.jsonl")
    done(logs, tmp_path / "first")
    (logs / "0.jsonl").unlink()
    write_logs(logs, [10, 11], "more.jsonl")
    done(logs, tmp_path / "second", a_job(Cast({"recoverable": False, "failure_type": "tool_error"})))
    return tmp_path / "first", tmp_path / "second"


def test_a_folder_without_a_finished_run_is_refused(tmp_path, folders):
    (tmp_path / "empty").mkdir()
    for words in ((tmp_path / "empty", folders[0]), (folders[0], tmp_path / "empty")):
        result = compare(*words)
        assert result.exit_code == 1
        assert "holds no finished run" in result.stderr


def test_a_folder_in_which_a_stage_was_done_again_is_finished_first(folders):
    first, second = folders
    again(first, "classify", a_job(Cast({"weight": 0.5})))
    result = compare(second, first)
    assert result.exit_code == 1
    assert "has no samples; `agenther relabel` makes them" in result.stderr


def test_a_run_is_compared_with_itself(folders):
    first, _ = folders
    found = compared(first, first)
    assert found["runs"] == found["diagnosed"] == found["same_failure"] == found["samples_in_both"] == 10
    assert found["sides"][0] == found["sides"][1]
    assert found["settings"] == []
    assert found["sides"][0]["samples"] == 10
    assert found["first_only"] == found["second_only"] == found["samples_in_first_only"] == 0


def test_only_the_runs_that_both_have_read_count(folders):
    before = [content(folder) for folder in folders]
    found = compared(*folders)
    assert (found["runs"], found["first_only"], found["second_only"]) == (9, 1, 2)
    assert [side["samples"] for side in found["sides"]] == [9, 0]
    assert (found["same_failure"], found["same_type"], found["same_recoverable"]) == (9, 0, 0)
    assert (found["samples_in_both"], found["samples_in_first_only"], found["samples_in_second_only"]) == (0, 9, 0)
    back = compared(*reversed(folders))
    assert back["sides"] == found["sides"][::-1]
    assert back["samples_in_second_only"] == 9
    assert [content(folder) for folder in folders] == before


def test_it_is_shown_to_people(folders):
    result = compare(*folders)
    assert result.exit_code == 0
    assert "The 9 runs that both have read" in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last.startswith("0 of 9 runs gave samples in both, 9 only in the first, 0 only in the second; 3 runs")


def test_settings_that_differ_are_named(tmp_path, folders):
    done(tmp_path / "logs", tmp_path / "third", a_job(theta=0.7, joined=True, concurrency=2))
    assert compared(folders[1], tmp_path / "third")["settings"] == ["theta", "joined"]
    assert "the settings differ in theta, joined" in compare(folders[1], tmp_path / "third").stdout


def test_an_address_is_no_difference_and_a_prompt_is_one(tmp_path, folders):
    def a_run(name, url, mark):
        job = a_job(judges=(f"j@{url}",))
        made = job.made.model_copy(update={"prompts": {"judge": mark, "_trajectory": "1"}})
        done(tmp_path / "logs", tmp_path / name, replace(job, made=made))
        return tmp_path / name

    here, there = a_run("here", "http://a/v1", "1"), a_run("there", "http://b/v1", "1")
    assert compared(here, there)["settings"] == []
    assert compared(here, a_run("other", "http://a/v1", "2"))["settings"] == ["prompt judge"]


def test_what_only_one_has_read_costs_the_other_nothing(tmp_path):
    logs = lamp_logs(tmp_path / "logs", range(3))
    models = ("--model", "m", "--price", "m=1,10")
    with Server(Player(usage={"prompt_tokens": 1000, "completion_tokens": 100})) as server:
        for name in ("first", "second"):
            words = ("run", logs, "--out", tmp_path / name, *models, "--base-url", server.url)
            assert CliRunner().invoke(main, [str(word) for word in words]).exit_code == 0
            lamp_logs(logs, range(3, 9))
    found = compared(tmp_path / "first", tmp_path / "second")
    assert [side["usd"] for side in found["sides"]] == [pytest.approx(3 * 3 * 0.002)] * 2
    assert found["sides"][0] == found["sides"][1]


def test_nothing_in_common(tmp_path, folders):
    done(write_logs(tmp_path / "strange", range(50, 52)), tmp_path / "third")
    assert compared(folders[0], tmp_path / "third")["runs"] == 0
    assert "0 of 0 runs" in compare(folders[0], tmp_path / "third").stdout
