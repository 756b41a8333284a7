"""The world of tools in docs/examples: what is wrong in it earns less, and agenther reads its logs as any others."""

import json
import re
from collections import Counter

import pytest
from folders import by_rules, done
from toolworld import agents, logs
from toolworld.agents import STRENGTHS, Detour, Failure, play
from toolworld.domains import domains, schemas
from toolworld.rewards import checks, is_hard, reward, wanted
from toolworld.tasks import tasks, templates
from toolworld.world import MOST_CALLS, Call, Episode

TASKS = [*tasks(120, 1), *tasks(40, 1, held_out=True)]
UNMET = {
    Failure.INCOMPLETE: {
        "ask": {"looked at the right thing", "told the fact"},
        "take": {"took the right thing", "took the right amount", "told the receipt", "changed no more and no less"},
        "share": {"sent the receipt", "sent it to the right person", "changed no more and no less"},
        "swap": {"took the right thing", "took the right amount", "told the receipt", "changed no more and no less"},
    },
    Failure.CONSTRAINT_VIOLATION: {
        "ask": {"changed no more and no less"},
        "take": {"took the right amount"},
        "share": {"took the right amount"},
        "swap": {"took the right amount"},
    },
    Failure.WRONG_RESULT: {
        "ask": {"looked at the right thing", "told the fact"},
        "take": {"took the right thing"},
        "share": {"took the right thing"},
        "swap": {"took the right thing"},
    },
}
UNMET[Failure.HALLUCINATION] = UNMET[Failure.TOOL_ERROR] = UNMET[Failure.INCOMPLETE] | {
    "share": UNMET[Failure.INCOMPLETE]["take"] | UNMET[Failure.INCOMPLETE]["share"]
}


def unmet(run):
    return {name for name, holds in checks(run).items() if not holds}


@pytest.mark.parametrize("failure", UNMET)
def test_each_way_to_fail_misses_what_it_says_and_nothing_else(failure):
    for task in TASKS:
        assert unmet(play(task, failure)) == UNMET[failure][task.template.errand], task.id


def test_who_is_off_topic_meets_nothing_of_the_task():
    for task in TASKS:
        run = play(task, Failure.OFF_TOPIC)
        assert checks(run) == dict.fromkeys(checks(run), False) | {
            "changed no more and no less": task.template.errand == "ask"
        }


def test_an_error_of_a_tool_is_in_the_log_of_who_fails_by_one_and_in_no_other():
    for task in TASKS:
        for failure in (None, *Failure):
            said = [message["content"] for message in play(task, failure).messages if message["role"] == "tool"]
            assert any("error" in json.loads(text) for text in said) == (failure is Failure.TOOL_ERROR)


def test_what_is_made_up_stands_in_no_result():
    for task in TASKS:
        run = play(task, Failure.HALLUCINATION)
        told = re.findall(r"\w+", run.answer)[-1]
        seen = {message["tool_call_id"]: message["content"] for message in run.messages if message["role"] == "tool"}
        own = seen.popitem()[1]  # the search is the last call
        assert told not in re.findall(r"\w+", own)


def test_an_expert_does_every_task():
    assert {reward(play(task)) for task in TASKS} == {1}


@pytest.mark.parametrize("detour", Detour)
def test_a_detour_costs_one_step_and_does_no_harm(detour):
    for task in TASKS:
        straight, round_about = play(task), play(task, None, detour)
        assert len(round_about.calls) == len(straight.calls) + 1
        assert reward(round_about) == 1


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        pytest.param(Call("fly", {}), {"error": "no tool fly"}, id="no such tool"),
        pytest.param(Call("search_hotels", {}), {"error": "city missing"}, id="an argument less"),
        pytest.param(Call("search_hotels", {"city": 4}), {"error": "city missing"}, id="of another type"),
        pytest.param(Call("search_hotels", {"city": "Rome"}), {"error": "no city Rome"}, id="no such place"),
        pytest.param(
            Call("book_hotel", {"hotel": "B10", "nights": 2}), {"error": "no hotel B10"}, id="of another domain"
        ),
        pytest.param(Call("cancel_booking", {"booking": "R99"}), {"error": "no booking R99"}, id="no such receipt"),
    ],
)
def test_a_call_that_is_wrong_is_told_so_and_changes_nothing(reply, result):
    run = Episode(TASKS[0])
    assert run.act(reply) == result
    assert run.changes == []
    assert reward(run) == 0


def test_a_receipt_is_known_from_when_it_was_given():
    task = next(task for task in TASKS if task.template.errand == "share")
    run, domain = Episode(task), task.template.domain
    send = Call(domain.send["tool"], {domain.receipt: task.new, "person": task.person})
    assert "error" in run.act(send)
    run.act(Call(domain.take["tool"], {domain.item: task.target.id, domain.amount: task.amount}))
    assert "error" not in run.act(send)
    assert run.changes == wanted(task)


def test_a_run_ends_after_so_many_calls_and_without_an_answer_has_told_nothing():
    run = Episode(TASKS[0])
    while not run.is_over:
        run.act(Call("fly", {}))
    assert len(run.calls) == MOST_CALLS
    assert reward(run) == 0


def test_there_are_25_tools_in_five_domains():
    assert len(domains()) == 5
    assert len({tool["function"]["name"] for tool in schemas()}) == 25


def test_no_training_task_is_of_a_held_out_template():
    out, own = (Counter(one.id for one in templates(held_out=held_out)) for held_out in (True, False))
    assert (len(out), len(own)) == (20, 60)
    assert not out & own
    assert {task.template.id for task in tasks(500, 3)} == set(own)
    assert {task.template.id for task in tasks(500, 3, held_out=True)} == set(out)


def test_held_out_templates_are_new_only_in_what_they_combine():
    for part in ("which", "errand"):
        seen = {(one.domain.name, getattr(one, part)) for one in templates(held_out=False)}
        assert {(one.domain.name, getattr(one, part)) for one in templates(held_out=True)} <= seen


def test_equal_seeds_give_equal_logs_and_others_give_others():
    def lines(seed):
        return [json.dumps(logs.record(run)) for run, _ in agents.runs(tasks(60, seed), STRENGTHS["steady"])]

    assert lines(1) == lines(1)
    assert not set(lines(1)) & set(lines(2))


def test_stronger_agents_succeed_more_often_and_near_misses_are_failures():
    found = {name: [reward(run) for run, _ in agents.runs(TASKS, strength)] for name, strength in STRENGTHS.items()}
    successes = [sum(value == 1 for value in values) for values in found.values()]
    assert successes == sorted(successes)
    assert successes[-1] == len(TASKS)
    assert any(is_hard(value) for value in found["novice"])
    assert not is_hard(1)


def test_agenther_reads_the_logs_and_makes_samples_of_them(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    found = [run for run, _ in agents.runs(tasks(120, 1), STRENGTHS["steady"])]
    logs.write(folder / "runs.jsonl", found)
    done(folder, tmp_path / "run", by_rules())
    read = [json.loads(line) for line in (tmp_path / "run" / "trajectories.jsonl").read_text().splitlines()]
    told = {run["task_id"]: run["label"]["success"] for run in read}
    assert told == {run.task.id: reward(run) == 1 for run in found}
    samples = [json.loads(line) for line in (tmp_path / "run" / "samples.jsonl").read_text().splitlines()]
    failed = sum(reward(run) < 1 for run in found)
    assert len({sample["run_id"] for sample in samples}) >= failed / 4
