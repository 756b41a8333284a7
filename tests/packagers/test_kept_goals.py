"""Failed runs under their own goal: rows of their own in every format, mistakes in sight and without loss."""

import json

import polars as pl
import pytest
from builders import GOAL, a_run, a_step
from folders import content, rows
from recovery import ACTS, MISTAKEN, TRAINED, agenther, kept_run

from agenther.hub import plan
from agenther.hub import write as publish
from agenther.packagers.base import KEPT, LeftOut, Pick, parts_of
from agenther.packagers.selection.kept_goals import kept_goals
from agenther.packagers.table import EVERY, KEPT_GOALS, PACKAGERS
from agenther.records import Kept, Soundness, Verdict

VERDICTS = (Verdict(judge="grounded", valid=True, confidence=1), Verdict(judge="j", valid=True, confidence=0.8))


def kept(run, *trained):
    steps = tuple(Soundness(step=n, verdicts=VERDICTS, trained=True) for n in trained)
    return Kept(run_id=run.id, steps=steps)


def a_kept_pick(run, *trained):
    (sample,) = kept_goals([run], [kept(run, *trained)])
    return Pick(sample, "task:shop/7")


STEPPED = tuple(a_step(n, arguments={"q": f"lamp {n}"}, observation=f"found {n}") for n in range(1, 6))
RUN = a_run(steps=STEPPED)


def row(name, *trained, run=RUN, part=""):
    (made,) = KEPT_GOALS[f"{KEPT}/{name}"].parts[part].rows(a_kept_pick(run, *trained))
    if not isinstance(made, LeftOut):
        assert KEPT_GOALS[f"{KEPT}/{name}"].parts[part].problems(made) == []
    return made


def test_a_sample_of_a_run_under_its_own_goal():
    sample = a_kept_pick(RUN, 1, 2, 4).sample
    assert (sample.goal, sample.original_goal, sample.kind, sample.answer) == (GOAL, GOAL, KEPT, "")
    assert [step.n for step in sample.steps] == [1, 2, 3, 4]
    assert sample.relevant_steps == (1, 2, 4)
    assert [verdict.judge for verdict in sample.verdicts] == ["grounded", "j"]
    assert sample.confidence == 0.8


def test_runs_of_which_nothing_is_learned_have_none():
    others = [a_run(id=f"r{n}") for n in range(4)]
    found = kept_goals(others, [kept(others[1], 1), Kept(run_id="r2", why="no"), kept(others[3], 2)])
    assert [sample.run_id for sample in found] == ["r1", "r3"]


@pytest.mark.parametrize("name", ["sft", "prompt-completion", "sharegpt"])
def test_where_no_turn_can_be_masked_it_ends_before_the_first_that_is_not_learned(name):
    made = json.dumps(row(name, 1, 2, 4, 5))
    assert [f"lamp {n}" in made for n in range(1, 6)] == [True, True, False, False, False]
    assert [f"found {n}" in made for n in range(1, 6)] == [True, False, False, False, False]
    assert RUN.answer not in made


@pytest.mark.parametrize("name", ["sft", "prompt-completion", "sharegpt"])
def test_where_no_turn_can_be_masked_the_first_has_to_be_learned(name):
    assert row(name, 2, 4).rule == "its first turn is not learned, and no turn can be masked"


def test_swift_learns_what_is_trained_and_sees_the_rest():
    messages = row("swift", 1, 2, 4)["messages"]
    assert [one["loss"] for one in messages if one["role"] == "tool_call"] == [True, True, False, True]
    assert [one["content"] for one in messages if one["role"] == "tool_response"] == ["found 1", "found 2", "found 3"]
    assert messages[-1]["role"] == "tool_call"


def test_openai_learns_what_is_trained_and_sees_the_rest():
    messages = row("openai", 1, 3)["messages"]
    assert [one["weight"] for one in messages if one["role"] == "assistant"] == [1, 0, 1]
    assert "tool_calls" in messages[-1]


def test_v1_learns_what_is_trained_and_sees_the_rest():
    messages = row("llamafactory", 2, 3, part="v1")["messages"]
    assert [one["loss_weight"] for one in messages if one["role"] == "assistant"] == [0.0, 1.0, 1.0]


def test_atif_says_which_steps_are_sound():
    steps = row("atif", 1, 3)["steps"]
    assert [one["extra"]["serves_goal"] for one in steps if one["source"] == "agent"] == [True, False, True]


def test_kto_learns_each_sound_act_after_all_that_came_before():
    made = [*KEPT_GOALS[f"{KEPT}/kto"].parts[""].rows(a_kept_pick(RUN, 1, 4))]
    assert [one["label"] for one in made] == [True, True]
    assert [one["completion"][0]["tool_calls"][0]["function"]["arguments"] for one in made] == [
        {"q": "lamp 1"},
        {"q": "lamp 4"},
    ]
    assert "found 3" in json.dumps(made[1]["prompt"])


def test_a_dialogue_keeps_its_turns():
    steps = (
        a_step(1, "respond", "Brass, please.", arguments={"content": "Which one?"}, answered_by="user"),
        *STEPPED[1:3],
    )
    run = a_run(steps=steps, goal_seen=False, start="Hello, I want a lamp.")
    messages = row("sft", 1, 2, run=run)["messages"]
    told = [one["content"] for one in messages if one["role"] == "user"]
    assert told == ["Hello, I want a lamp.", "Brass, please."]
    assert GOAL not in json.dumps(messages)


def test_each_format_that_makes_rows_of_samples_has_them():
    without = {name for name in PACKAGERS if f"{KEPT}/{name}" not in KEPT_GOALS}
    assert without == {"dpo", "goal-pairs", "hard-negatives"}
    parts = parts_of(EVERY)
    assert all(part.keeps_goal == name.startswith(f"{KEPT}/") for name, part in parts.items())


# --- whole runs -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folders of one run with kept goals, and of the same without."""
    folder = tmp_path_factory.mktemp("kept")
    every = ("--format", "all")
    kept_run(folder / "with", *every, runs=12)
    kept_run(folder / "without", *every, runs=12, keep=())
    return folder / "with/out", folder / "without/out"


def is_of_rows(name):
    return name.endswith(".jsonl") and "/" in name and not name.startswith(KEPT)


def test_other_rows_are_the_same_bytes_with_them_and_without(made):
    found, without = (content(folder / "dataset") for folder in made)
    assert not any(name.startswith(KEPT) for name in without)
    names = [*filter(is_of_rows, without)]
    assert len(names) > 10
    assert [name for name in names if found[name] != without[name]] == []
    assert [*filter(is_of_rows, found)] == names


def test_they_lie_in_folders_of_their_own_and_say_what_they_are(made):
    data = made[0] / "dataset"
    found = [*data.glob("**/*.jsonl")]
    assert {path.relative_to(data).parts[1] for path in found if KEPT in path.parts} >= {"sft", "kto", "sharegpt"}
    for path in found:
        for one in rows(path):
            kind = one.get("kind") or one.get("extra", {}).get("kind")
            assert kind is None or (kind == KEPT) == (KEPT in path.parts), path


def test_they_are_on_the_side_of_the_other_rows_of_their_run(made):
    sides = {}
    for folder in ("sft", f"{KEPT}/sft"):
        for split in ("train", "test"):
            path = made[0] / "dataset" / folder / f"{split}.jsonl"
            for one in rows(path) if path.exists() else ():
                sides.setdefault(one["run_id"], []).append((one["group"], split))
    assert len(sides) == 12
    assert all(len(found) == 2 and len(set(found)) == 1 for found in sides.values())
    assert {split for found in sides.values() for _, split in found} == {"train", "test"}


def test_mistakes_are_shown_and_not_learned(made):
    one = rows(made[0] / "dataset" / KEPT / "swift/train.jsonl")[0]
    learned = [call["loss"] for call in one["messages"] if call["role"] == "tool_call"]
    assert learned == [n in TRAINED for n in range(1, len(ACTS) + 1)]
    assert not learned[MISTAKEN - 1]


def test_what_is_known_of_them_is_a_table_of_its_own(made):
    data = made[0] / "dataset"
    frames = [pl.read_parquet(data / folder / "records.parquet") for folder in (f"{KEPT}/records", "records")]
    assert [set(frame["kind"] == KEPT) for frame in frames] == [{True}, {False}]


def test_trainers_load_them_by_names_of_their_own(made, tmp_path):
    data = made[0] / "dataset"
    index = json.loads((data / KEPT / "llamafactory/dataset_info.json").read_text("utf-8"))
    assert {"agenther_kept_goal_sft", "agenther_kept_goal_kto"} <= set(index)
    assert '"kept-goal_sft"' in (data / "README.md").read_text("utf-8")
    publish(plan(made[0]), tmp_path / "hub", "me/lamps")
    card = (tmp_path / "hub/README.md").read_text("utf-8")
    assert "config_name: kept-goal_sft\n" in card
    assert "failed runs under their own goal" in card
    index = json.loads((tmp_path / "hub/dataset_info.json").read_text("utf-8"))
    assert index["agenther_kept_goal_sft"]["subset"] == "kept-goal_llamafactory_sft"


def test_packaging_again_and_forgetting_keep_them_in_step(made):
    out = made[0]
    ids = [one["id"] for one in rows(out / "trajectories.jsonl")]
    assert agenther("forget", out, ids[0]).exit_code == 0
    assert agenther("package", out, "--format", "sft").exit_code == 0
    folders = {path.relative_to(out / "dataset").as_posix() for path in (out / "dataset").rglob("train.jsonl")}
    assert folders == {"sft/train.jsonl", f"{KEPT}/sft/train.jsonl"}
    left = [one["run_id"] for path in (out / "dataset" / KEPT / "sft").iterdir() for one in rows(path)]
    assert sorted(left) == sorted(ids[1:])
