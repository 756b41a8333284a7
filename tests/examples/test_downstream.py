"""The benchmark of what the data teaches: its scripted reader tells the truth unless told to slip, and arms differ."""

import json
from itertools import islice
from pathlib import Path
from random import Random

import downstream
import downstream_rows
import jsonlines
import pytest
from downstream_controls import form, fullest
from downstream_rows import AGENTHER, ARMS, ASKED, CONTROL, FULLEST, LEAST, MASK, ONE, OURS, SERVED, SEVERAL, UNMASKED
from toolworld.agents import Detour, Failure, play
from toolworld.tasks import tasks
from toolworld_reader import goals, is_sound, slipped, steps_of

TASKS = [*tasks(120, 1), *tasks(40, 1, held_out=True)]
RUNS = [(task, failure, detour) for task in TASKS for failure in (None, *Failure) for detour in (None, *Detour)][::3]


def read(run):
    """The goals that are found in a run, and its steps."""

    calls = [call["function"] for message in run.messages for call in message.get("tool_calls", ())]
    seen = [message["content"] for message in run.messages if message["role"] == "tool"]
    shown = "".join(
        f'<step n="{n}"><action>{call["name"]} {call["arguments"]}</action><observation>{text}</observation></step>\n'
        for n, (call, text) in enumerate(zip(calls, seen, strict=True), 1)
    )
    steps = steps_of(f"<run>\n{shown}</run>")
    return goals(steps), steps


@pytest.mark.parametrize("detour", [None, *Detour])
def test_of_a_run_that_meets_its_goal_the_fullest_goal_is_its_own(detour):
    for task in TASKS:
        assert read(play(task, None, detour))[0][0].text == task.goal


def test_no_failed_run_is_said_to_meet_its_own_goal():
    for task, failure, detour in RUNS:
        # What is taken in the end does not make wrong what was told before; a detour may come upon what was meant.
        is_late = (failure, task.template.errand) == (Failure.CONSTRAINT_VIOLATION, "ask")
        if failure and not is_late and detour is not Detour.ANOTHER:
            assert task.goal not in {made.text for made in read(play(task, failure, detour))[0]}


def test_each_goal_is_shown_by_words_of_the_steps_that_serve_it():
    for task, failure, detour in RUNS:
        found, steps = read(play(task, failure, detour))
        told = {step.n: json.dumps(step.arguments) + json.dumps(step.seen) for step in steps}
        for made in found:
            assert made.quotes
            assert all(n in made.steps and quote in told[n] for _, n, quote in made.quotes)


def test_what_it_slips_in_is_wrong():

    for task, failure, _ in RUNS:
        truths = {made.text for made in read(play(task, failure))[0]}
        assert not truths & {slipped(text, Random(n)) for text in truths for n in range(3)}


def test_of_a_good_run_the_steps_on_the_way_are_sound_and_the_detour_is_not():

    for task in TASKS:
        straight = [str(call) for call in play(task).calls]
        for detour in (None, *Detour):
            run = play(task, None, detour)
            steps = read(run)[1]
            sound = [is_sound(task.goal, steps, step.n) for step in steps]
            assert sound == [str(call) in straight for call in run.calls], (task.goal, detour)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(downstream_rows, "TASKS", 40)
        yield downstream_rows.Data(tmp_path_factory.mktemp("results"), 1)


def test_arms_differ_in_their_rows_and_share_the_successes(data):

    rows = {arm: data.rows(arm) for arm in ARMS}
    alone = rows[LEAST]
    assert alone
    assert all(one[: len(alone)] == alone for one in rows.values())
    assert len(rows[ONE]) == len(rows[MASK]) < len(rows[OURS]) == len(rows[SEVERAL]) < len(rows["ours + kept goals"])
    without_loss = {arm: sum(message.get("weight") == 0 for row in one for message in row) for arm, one in rows.items()}
    assert {arm for arm, count in without_loss.items() if count} >= {MASK, OURS}
    assert {without_loss[arm] for arm in (LEAST, AGENTHER, ONE, SEVERAL)} == {0}
    assert data.wrong(1) < 0.1


def test_controls_differ_from_ours_in_one_thing_each(data):

    rows = {arm: data.rows(arm) for arm in (LEAST, OURS, UNMASKED, ASKED, SERVED, FULLEST)}
    held, more = {form(one.goal) for one in tasks(20, 2, held_out=True)}, len(rows[LEAST])
    assert len(held) == 20
    assert not held & {form(one.goal) for one in tasks(60, 2)}
    unseen = [row for row in rows[OURS] if form(row[0]["content"]) not in held]
    assert more < len(rows[ASKED]) < len(rows[OURS])
    assert rows[ASKED] == unseen
    whole = [[{key: message[key] for key in message if key != "weight"} for message in row] for row in rows[OURS]]
    assert rows[UNMASKED] == whole != rows[OURS]
    assert len(rows[FULLEST]) == len(rows[SERVED])
    assert [row[0] for row in rows[FULLEST]] == [row[0] for row in rows[SERVED]]


def test_the_fullest_goal_of_each_run_is_that_which_most_steps_serve():

    def sample(run, name, *served):
        return {"run_id": run, "id": name, "relevant_steps": served, "steps": [*range(4)]}

    samples = [sample("a", 1, 1), sample("a", 2, 1, 3), sample("a", 3, 2), sample("b", 4, 2)]
    assert {one["id"] for one in fullest(samples)} == {2, 4}


def test_shares_and_noise_are_as_large_as_they_say_and_the_same_each_time(data):

    alone, ours, noisy = len(data.rows(LEAST)), data.rows(OURS), data.rows(OURS, noise=0.15)
    changed = [before[0] != after[0] for before, after in zip(ours, noisy, strict=True)]
    assert sum(changed) == round(0.15 * (len(ours) - alone))
    assert not any(changed[:alone])
    assert len(data.rows(LEAST, 0.25)) == round(0.25 * alone)
    assert data.rows(OURS, 0.5, 0.05) == data.rows(OURS, 0.5, 0.05)


def test_what_is_done_is_not_done_again_and_the_best_two_are_looked_at_when_all_are_done(tmp_path):

    def write(results):
        with jsonlines.open(tmp_path / "results.jsonl", "w") as lines:
            lines.write_all(results)

    def first():
        key, lock = next(downstream.free(tmp_path))
        lock.close()
        return key

    assert first() == (LEAST, 1, 0, 0)
    every = [(arm, 1, 0, seed) for arm in ARMS for seed in downstream.SEEDS]
    done = [
        {
            "arm": arm,
            "share": 1,
            "noise": 0,
            "seed": seed,
            "rows": 9,
            "success": list(ARMS).index(arm) / 10 + seed / 100,
        }
        for arm, _, _, seed in every
    ]
    write(done[1:])
    assert first() == every[0]
    write(done)
    last = [arm for arm in ARMS if ARMS[arm].turn < CONTROL][-1]
    assert first() == (last, 1, 0.15, 0)
    assert f"| {LEAST} | 5 | 9 | 2.0% ± 2.0 |  |" in downstream.table(downstream.known(tmp_path))


def test_what_was_trained_is_in_the_table():

    done = {}
    while new := {key: {"success": 0.5} for key in downstream.grid(done) if key not in done}:
        done |= new
    assert {line[2:] for line in downstream.compared(done)} == {key[:3] for key in done}


def test_what_another_process_is_at_is_left_to_it(tmp_path):

    (first, lock), (second, other) = islice(downstream.free(tmp_path), 2)
    assert first != second
    key, third = next(downstream.free(tmp_path))
    assert key not in (first, second)
    for one in (lock, other, third):
        one.close()


def test_the_page_has_the_tables_and_the_picture_of_the_results_that_are_kept():
    root = Path(__file__).parents[2]
    done = downstream.known(root / "benchmarks" / "results" / "tiny")
    assert downstream.table(done) in (root / "docs" / "downstream.md").read_text("utf-8")
    drawn = downstream.figure([*downstream.bars(done)])
    assert (root / "docs" / "images" / "downstream.svg").read_text("utf-8") == drawn
