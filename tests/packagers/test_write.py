"""The packaging pass: what lies in the folder afterwards."""

import json
import tracemalloc
from collections import Counter

import polars as pl
import pytest
from builders import NEW_GOAL, a_run, a_sample, a_step
from shapes import in_shop

from agenther.packagers.formats.hard_negatives import HARD_NEGATIVES
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import select
from agenther.packagers.selection.split import TEST_SHARE, group, side
from agenther.packagers.selection.weights import copies
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import NO_COPY, write
from agenther.records import Label

DEFAULT = ("sft", "dpo", "kto", "sharegpt")
OTHERS = ("prompt-completion", "swift", "openai", "atif", "records")
PARTS = (
    *OTHERS,
    *(f"llamafactory/{part}" for part in ("sft", "kto", "ranking", "v1")),
    *(f"goal-pairs/{part}" for part in ("swift", "llamafactory-v1")),
    *(f"hard-negatives/{part}" for part in HARD_NEGATIVES.parts),
    *("unsloth", "verl", "nemo-rl/sft", "nemo-rl/preference"),
)


def packed(folder, packagers, given, runs, **choices):
    folder.mkdir(exist_ok=True)
    return write(folder, packagers, select(lambda _ids=None: given(), runs, Choices(**choices)))


def formats(*names):
    return {name: PACKAGERS[name] for name in names}


def samples(count):
    def again():
        for n in range(count):
            goal = f"{NEW_GOAL} Look at number {n}."
            yield in_shop(n, a_sample(id=f"s{n}", run_id=f"r{n}", task_id=str(n), goal=goal))

    return again


def these(*given):
    return lambda: iter(given)


def runs(count=0):
    def again():
        for n in range(count):
            yield in_shop(n, a_run(id=f"bad-{n}", task_id=str(n)))
            good = a_run(id=f"good-{n}", task_id=str(n), label=Label(success=True), steps=(a_step(1),), answer="$4.")
            yield in_shop(n, good)

    return again


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_files_and_counts(tmp_path):
    written = packed(tmp_path, formats(*DEFAULT), samples(60), runs(60))
    files = tree(tmp_path)
    test = sum(side(f"task:shop/{n}") == "test" for n in range(60))
    assert 0 < test < 20
    splits = Counter(train=60 - test, test=test)
    assert written.rows == {
        "sft": splits,
        "dpo": splits,
        "kto": Counter({k: 4 * v for k, v in splits.items()}),
        "sharegpt": splits,
    }
    assert not any(written.left_out.values())
    names = {f"{name}/{split}.jsonl" for name in DEFAULT for split in ("train", "test")}
    assert set(files) == {*names, "left_out.jsonl", "README.md"}
    for name, counter in written.rows.items():
        for split, count in counter.items():
            rows = [json.loads(line) for line in files[f"{name}/{split}.jsonl"].splitlines()]
            assert len(rows) == count
            assert {side(row["group"]) for row in rows} == {split}


def test_the_same_input_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        packed(tmp_path / name, PACKAGERS, samples(20), runs(20))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_no_rows_no_files(tmp_path):
    written = packed(tmp_path, PACKAGERS, samples(0), runs())
    assert tree(tmp_path) == {"left_out.jsonl": b""}
    assert [path.name for path in tmp_path.iterdir()] == ["left_out.jsonl"]
    assert set(written.rows) == {*DEFAULT, *PARTS}
    assert not any(written.rows.values())


def test_what_is_left_out_is_counted_and_named(tmp_path):
    nothing_serves = a_sample(id="a", relevant_steps=(), goal="Find a door.")
    no_answer = a_sample(id="b", answer="", goal="Find a lamp.")
    written = packed(tmp_path, formats("sft"), these(nothing_serves, no_answer, a_sample(id="c")), runs())
    rules = {"no step serves the goal": 1, "an empty message of the assistant": 1}
    assert written.left_out == {"sft": Counter(rules)}
    lines = [json.loads(line) for line in (tmp_path / "left_out.jsonl").read_text().splitlines()]
    assert [(line["format"], line["id"]) for line in lines] == [("sft", "a"), ("sft", "b")]
    assert sum(written.rows["sft"].values()) == 1


def test_what_no_format_has_is_named_with_the_sample_that_stands_for_it(tmp_path):
    given = these(a_sample(id="a"), a_sample(id="b"), a_sample(id="c", goal=NEW_GOAL.upper(), confidence=0.1))
    written = packed(tmp_path, formats("sft", "kto"), given, runs())
    assert written.samples == {"the same pair as another": 1, "the same goal as another": 1}
    lines = [json.loads(line) for line in (tmp_path / "left_out.jsonl").read_text().splitlines()]
    assert lines == [
        {"format": "all", "id": "b", "rule": "the same pair as a"},
        {"format": "all", "id": "c", "rule": "the same goal as a"},
    ]
    assert written.rows["sft"].total() == 1


def test_several_parts_lie_in_folders_of_their_own(tmp_path):
    written = packed(tmp_path, formats("llamafactory", "goal-pairs"), samples(30), runs(30))
    for part, counter in written.rows.items():
        assert {path.stem for path in (tmp_path / part).iterdir()} == set(counter)
    info = json.loads((tmp_path / "llamafactory/dataset_info.json").read_text())
    assert {(tmp_path / "llamafactory" / about["file_name"]).exists() for about in info.values()} == {True}
    assert set(info) == {f"agenther_{part}{split}" for part in ("sft", "kto", "ranking") for split in ("", "_test")}


FIELD = {"sft", "kto", "prompt-completion", "atif"}
"""Formats with a field for thoughts; ATIF keeps it, since nobody renders it with a template."""


@pytest.mark.parametrize("thoughts", ["reasoning", "inline", "drop"])
def test_where_thoughts_go(tmp_path, thoughts):
    names = [name for name in PACKAGERS if name not in {"dpo", "records"}]
    packed(tmp_path, formats(*names), these(a_sample()), runs(), thoughts=thoughts)
    for path in sorted(tmp_path.glob("*/**/*.jsonl")):
        name, text = path.relative_to(tmp_path).parts[0], path.read_text()
        assert ("I look for brass desk lamps first." in text) is (thoughts != "drop"), path
        if name in FIELD:
            field = thoughts == "reasoning" or (thoughts == "inline" and name == "atif")
            assert ("reasoning_content" in text) is field, path
            assert ("<think>" in text) is (thoughts == "inline" and name != "atif"), path


def test_rows_as_often_as_they_count(tmp_path):
    light = a_sample(id="light", goal="Look.", weight=0.02)
    given = these(light, *samples(9)())
    written = packed(tmp_path, formats("sft", "kto", "swift", "records"), given, runs(), replicate=True)
    weights = pl.read_parquet(tmp_path / "records/records.parquet")["weight"].to_list()
    assert min(weights) < 0.1
    assert max(weights) >= 0.75
    rows = Counter(
        json.loads(line)["id"] for path in (tmp_path / "sft").iterdir() for line in path.read_text().splitlines()
    )
    assert rows.total() == written.rows["sft"].total() < 10
    assert "light" not in rows
    assert written.left_out["sft"] == {NO_COPY: 10 - len(rows)}
    assert written.rows["swift"].total() == written.rows["records"].total() == 10, "they tell the weight themselves"


@pytest.mark.parametrize(("weight", "lowest", "highest"), [(0.0, 0, 0), (1.0, 1, 1), (2.3, 2, 3), (0.3, 0, 1)])
def test_copies(weight, lowest, highest):
    numbers = [copies(weight, f"s{n}") for n in range(2000)]
    assert (min(numbers), max(numbers)) == (lowest, highest)
    assert abs(sum(numbers) / 2000 - weight) < 0.03


def test_tools_added_from_their_use_are_counted(tmp_path):
    given = these(a_sample(), a_sample(goal="Look.", tools=(), benchmark=""), a_sample(goal="Open.", tools=()))
    written = packed(tmp_path, formats("sft"), given, runs())
    assert written.unlisted == {"unknown": 1, "shop": 1}


def test_text_is_kept_to_the_letter(tmp_path):
    text = "Zoë \u2028 \x85 \ue604 \x00 \r\n 灯 🛋"
    packed(tmp_path, formats("sft"), these(a_sample(answer=text, goal=f"{NEW_GOAL} {text}")), runs())
    (path,) = (tmp_path / "sft").iterdir()
    (line,) = path.read_bytes().removesuffix(b"\n").split(b"\n")
    assert json.loads(line)["messages"][-1]["content"] == text
    assert "灯".encode() in line


def test_memory_does_not_grow_with_the_number_of_logs(tmp_path):
    """Of each sample and task some hundred bytes are kept; the runs have 40 KB each."""

    def long_runs(count):
        def again():
            for run in runs(count)():
                yield run.model_copy(update={"steps": (a_step(1, observation=f"{run.id} " * 4000), *run.steps[1:])})

        return again

    def peak(count):
        tracemalloc.start()
        packed(tmp_path / str(count), PACKAGERS, samples(count), long_runs(count))
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(400)  # imports and caches
    assert peak(400) - peak(100) < 300 * 2000


def test_memory_does_not_grow_with_the_runs_of_one_task(tmp_path):
    def again():
        for n in range(400):
            long = a_step(1, observation=f"{n} " * 20_000)
            yield a_run(id=str(n), label=Label(success=n % 2 == 0), steps=(long,), answer=str(n))

    tracemalloc.start()
    written = packed(tmp_path, formats("dpo"), these(), again)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written.left_out["dpo"].total() == 1
    assert peak < 40 * 100_000


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"template": "t9"}, "template:t9"),
        ({}, "task:shop/7"),
    ],
)
def test_group(changes, key):
    assert group(a_sample(**changes)) == group(a_run(**changes)) == key


def test_runs_without_a_task_id_are_grouped_by_their_original_goal():
    one, other = a_sample(task_id=""), a_run(task_id="", id="another")
    assert group(one) == group(other)
    assert group(a_run(task_id="", goal="Another.")) != group(one)


def test_side_is_stable_and_about_a_tenth():
    sides = [side(f"task:{n}") for n in range(5000)]
    assert abs(sides.count("test") / 5000 - TEST_SHARE) < 0.02
    assert [n for n in range(40) if sides[n] == "test"] == [0, 1, 6, 12, 28, 32]
