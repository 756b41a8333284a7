"""Forgetting in one round is forgetting in all of them."""

import json
import shutil
from contextlib import suppress

import pytest
from click.testing import CliRunner
from folders import content, rows, write_logs
from test_forget import dying_after
from test_rounds import add, ids, in_dataset

from agenther.cli import main
from agenther.errors import StoreError
from agenther.jobs import gone
from agenther.jobs.again import finished, package
from agenther.jobs.forget import forget
from agenther.jobs.gone import look_up
from agenther.packagers.selection.choices import Choices
from agenther.records import Spent
from agenther.store import forgetting, rounds

NAMES = ("a", "b", "c")


@pytest.fixture
def three(tmp_path):
    """Three rounds, whose logs grow: lamps 0 to 2, then to 5, then to 8; and a file that only the second has."""
    before = None
    for number, name in enumerate(NAMES, 1):
        logs = write_logs(tmp_path / f"logs{number}", range(3 * number))
        if name == "b":
            write_logs(logs, range(20, 22), "unwanted.jsonl")
        add(logs, tmp_path / name, before)
        before = tmp_path / name
    return [tmp_path / name for name in NAMES]


def traces(folders, *words):
    return [
        str(folder / name)
        for folder in folders
        for name, raw in content(folder).items()
        if name != "forgotten.jsonl" and any(word.encode() in raw for word in words)
    ]


@pytest.mark.parametrize("named", [0, 1, 2])
@pytest.mark.parametrize("where", [0, 1, 2])
def test_nothing_is_left_in_any_round_wherever_it_is_named(three, named, where):
    gone = rows(three[where] / "trajectories.jsonl")[0]
    done = forget(three[named], frozenset({gone["id"]}))
    assert done.runs == 1
    assert done.samples == 1
    assert set(done.others) <= set(three) - {three[named]}
    assert not traces(three, gone["id"], f"{gone['goal'].removesuffix('under $5.')}")
    package(three[2], (), Choices())
    assert len(in_dataset(three[2])) == 10
    assert all(
        finished(out).counts.read == finished(out).counts.with_samples + finished(out).counts.rejected for out in three
    )


def test_it_does_not_come_back_in_a_later_round(three, tmp_path):
    gone = ids(three[0])[0]
    forget(three[0], frozenset({gone}))
    before = content(three[2])
    add(tmp_path / "logs3", three[2])
    assert content(three[2]) == before
    add(tmp_path / "logs3", tmp_path / "d", three[2])
    assert not traces([tmp_path / "d"], gone, "lamp 0 ")
    assert finished(tmp_path / "d").counts.forgotten == 1


def test_many_runs_of_another_round_are_looked_for_together(three, monkeypatch):
    asked = []
    monkeypatch.setattr(gone, "look_up", lambda folder, *names: asked.append(folder) or look_up(folder, *names))
    of_second = ids(three[1])
    assert forget(three[0], frozenset(of_second)).runs == len(of_second) == 5
    assert len(asked) == len(three)
    assert not traces(three, *of_second, "lamp 3 ", "lamp 4 ", "lamp 5 ", "lamp 20 ", "lamp 21 ")


def test_a_file_that_one_round_has_is_forgotten_through_another(three):
    assert forget(three[2], frozenset({"unwanted.jsonl"})).runs == 2
    assert not traces(three, "unwanted.jsonl", "lamp 20", "lamp 21")
    assert len(ids(three[1])) == 3


def test_a_path_that_means_two_files_is_asked_back(tmp_path, three):
    one = add(write_logs(tmp_path / "more", [30], "two.jsonl"), tmp_path / "d", three[2])
    assert one.counts.samples == 1
    add(write_logs(tmp_path / "others", [31], "two.jsonl"), tmp_path / "e", tmp_path / "d")
    before = [content(out) for out in three]
    with pytest.raises(StoreError, match=r"two\.jsonl is not the same in .*d and in .*e; name it in one of them"):
        forget(three[0], frozenset({"two.jsonl"}))
    assert [content(out) for out in three] == before
    assert forget(tmp_path / "d", frozenset({"two.jsonl"})).runs == 1
    assert len(ids(tmp_path / "e")) == 1


def test_what_nobody_knows_changes_nothing(three):
    before = [content(out) for out in three]
    with pytest.raises(StoreError, match="holds no run and no file nobody"):
        forget(three[1], frozenset({"nobody", ids(three[1])[0]}))
    assert [content(out) for out in three] == before


def test_the_same_again_changes_nothing(three):
    gone = frozenset({ids(three[0])[0]})
    forget(three[1], gone)
    before = [content(out) for out in three]
    for out in three:
        assert forget(out, gone)[:3] == (0, 0, 0)
    assert [content(out) for out in three] == before


def test_two_rounds_after_the_same_one(three, tmp_path):
    add(tmp_path / "logs2", tmp_path / "other", three[0])
    gone = ids(three[0])[1]
    done = forget(tmp_path / "other", frozenset({gone}))
    assert set(done.others) == set(three)
    assert not traces([*three, tmp_path / "other"], gone, "lamp 1 ")


def test_a_round_that_is_not_found_is_named_and_cannot_be_packaged(three, tmp_path):
    gone = ids(three[0])[0]
    shutil.move(three[0], tmp_path / "elsewhere")
    done = forget(three[1], frozenset({ids(three[1])[0]}))
    assert done.missing == (str(three[0]),)
    assert done.unmade == (three[1], three[2])
    assert not (three[2] / "dataset").exists()
    done = forget(tmp_path / "elsewhere", frozenset({gone}))
    assert done.missing == (str(tmp_path / "b"),)


def test_an_unfinished_round_is_finished_first(three):
    (three[2] / "journal.jsonl").write_bytes(
        b'{"made_with":' + finished(three[2]).made_with.model_dump_json().encode() + b"}\n"
    )
    before = [content(out) for out in three]
    with pytest.raises(StoreError, match="c: holds no finished run"):
        forget(three[0], frozenset({ids(three[0])[0]}))
    assert [content(out) for out in three] == before


def test_sides_stay_when_something_is_forgotten(three):
    def told(out):
        return json.loads((out / "dataset/sides.json").read_text("utf-8"))

    before = {out: told(out) for out in three}
    forget(three[2], frozenset({ids(three[0])[0]}))
    for out in three:
        assert all(
            set(keys) < set(before[out][side]) or not keys for side, keys in told(out).items() if side == "train"
        )
        assert set(told(out)["test"]) <= set(before[out]["test"])


def test_answers_that_a_cache_may_hold_are_counted(three):
    gone = ids(three[0])[0]
    spent = Spent(
        run_id=gone, stage="classify", model="m", calls=3, retries=0, uncounted=0, prompt=1, cached=0, completion=1
    )
    (three[0] / "calls.jsonl").write_text(spent.model_dump_json() + "\n", "utf-8")
    assert forget(three[2], frozenset({gone})).answers == {"m": 3}


def test_stopped_half_way_a_round_after_one_that_was_changed_is_not_mended(three, tmp_path, monkeypatch):
    add(write_logs(tmp_path / "more", [50]), three[0])
    gone = frozenset({ids(three[1])[0]})
    for survive in range(0, 40, 8):
        copy = tmp_path.parent / f"copy{survive}"
        shutil.copytree(tmp_path, copy)
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            forget(copy / "b", gone)
        forget(copy / "b", gone)
        assert not (copy / "b/dataset").exists()
        with pytest.raises(StoreError, match="round 1 was changed since b was made after it"):
            package(copy / "b", (), Choices())
        shutil.rmtree(copy)


def test_death_between_any_two_renames_is_made_good(three, tmp_path, monkeypatch):
    gone = frozenset({ids(three[0])[0]})
    shutil.copytree(tmp_path, tmp_path.parent / "wanted")
    wanted = [tmp_path.parent / "wanted" / name for name in NAMES]
    forget(wanted[1], gone)
    for survive in range(0, 80, 3):
        copy = tmp_path.parent / f"copy{survive}"
        shutil.copytree(tmp_path, copy)
        copies = [copy / name for name in NAMES]
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            forget(copies[1], gone)
        forget(copies[1], gone)
        for one, other in zip(copies, wanted, strict=True):
            mine, theirs = content(one), content(other)
            assert {name for name in mine if "dataset" not in name} == {
                name for name in theirs if "dataset" not in name
            }
            assert mine["samples.jsonl"] == theirs["samples.jsonl"]
            assert mine["run.json"] == theirs["run.json"]
        shutil.rmtree(copy)
    assert rounds.mark(wanted[0]) == finished(wanted[1]).made_with.after.sha256
    shutil.rmtree(tmp_path.parent / "wanted")


@pytest.mark.parametrize("is_same", [True, False])
def test_what_a_path_meant_is_forgotten_everywhere_though_death_came_between(three, tmp_path, monkeypatch, is_same):
    """By the same call, or by one that forgets something else in another round."""
    of_first, words = frozenset(ids(three[0])), ("lamp 0 ", "lamp 1 ", "lamp 2 ")
    deaths = 0
    for survive in range(0, 90, 4):
        copy = tmp_path.parent / f"copy{survive}"
        shutil.copytree(tmp_path, copy)
        copies, reached = [copy / name for name in NAMES], []
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            forget(copies[0], frozenset({"runs.jsonl"}))
        is_stopped = any(map(forgetting.is_stopped, copies))
        deaths += is_stopped
        if survive and not is_stopped:
            shutil.rmtree(copy)
            break
        again = (copies[0], "runs.jsonl") if is_same or not survive else (copies[2], "unwanted.jsonl")
        forget(again[0], frozenset({again[1]}), lambda _, gone, reached=reached: reached.append(gone))
        assert not traces(copies, *of_first, *words)
        assert of_first <= reached[0]
        assert [len(ids(one)) for one in copies] == [0, 5 if is_same or not survive else 3, 3]
        assert not any(map(forgetting.is_stopped, copies))
        shutil.rmtree(copy)
    assert deaths > 5


def test_what_lies_elsewhere_is_reached_though_death_came_before(three):
    def dies(_folders, _ids):
        raise KeyboardInterrupt

    of_first, reached = frozenset(ids(three[0])), []
    with suppress(KeyboardInterrupt):
        forget(three[0], frozenset({"runs.jsonl"}), dies)
    for command in (("package", three[1]), ("push", three[2], "me/data", "--dry-run", three[2] / "look")):
        done = CliRunner().invoke(main, [*map(str, command)])
        assert done.exit_code == 1
        assert "`agenther forget` was stopped before it reached all rounds, lessons and sets" in done.stderr
    forget(three[0], frozenset({"runs.jsonl"}), lambda _, gone: reached.append(gone))
    assert of_first <= reached[0]
    assert not any(map(forgetting.is_stopped, three))


def test_a_damaged_note_of_what_is_being_forgotten_changes_nothing(three):
    (three[1] / "forgetting.json").write_text("{", "utf-8")
    before = [content(out) for out in three]
    with pytest.raises(StoreError, match=r"forgetting\.json: is damaged"):
        forget(three[0], frozenset({ids(three[0])[0]}))
    assert [content(out) for out in three] == before
