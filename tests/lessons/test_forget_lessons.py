"""What forgetting leaves in a folder of lessons: no hash of a task of which no run is left, and no old fingerprint."""

import json
import shutil
from contextlib import suppress

import pytest
from click.testing import CliRunner
from folders import a_log, content, rows, write_logs
from test_forget import dying_after

from agenther.cli import main
from agenther.lessons.folder import fingerprint, lessons, made_with
from agenther.lessons.forget import forget
from agenther.lessons.situation import task_keys
from agenther.records import Trajectory
from agenther.store.lines import records


def agenther(*args):
    done = CliRunner().invoke(main, list(map(str, args)))
    assert done.exit_code == 0, done.output
    return done


def a_refusal(number):
    """A run that gives rise to a lesson: a call that is refused, and then one that is not."""
    call = {"action_name": "book", "action_input": {"day": f"{number + 1} May"}}
    steps = [
        {**call, "observation": "Error: day must be written as 2026-05-03"},
        {"action_name": "book", "action_input": {"day": f"2026-05-0{number + 1}"}, "observation": '{"ok": true}'},
    ]
    return a_log(number, steps=steps)


def keys(out):
    return {one.id: task_keys(one) for one in records(out / "trajectories.jsonl", Trajectory)}


@pytest.fixture
def made(tmp_path):
    """Two rounds, another folder, and lessons of all three; after that the first round grows."""
    for name, numbers in (("a", (1, 2)), ("b", (3, 4)), ("c", (1, 5))):
        logs = tmp_path / f"logs-{name}"
        logs.mkdir()
        (logs / f"{name}.jsonl").write_text("".join(json.dumps(a_refusal(n)) + "\n" for n in numbers))
        agenther("run", logs, "--out", tmp_path / name, *(("--after", tmp_path / "a") if name == "b" else ()))
    agenther("lessons", tmp_path / "b", tmp_path / "c", "--out", tmp_path / "lessons")
    return tmp_path


def test_the_hash_of_a_task_goes_with_its_last_run_and_the_fingerprints_are_those_of_now(made):
    of_b, (shared, second), before = keys(made / "b"), keys(made / "a").items(), made_with(made / "lessons")
    agenther("forget", made / "b", second[0], *list(of_b)[:1])
    after = made_with(made / "lessons")
    gone = second[1] | next(iter(of_b.values()))
    assert gone <= before.tasks
    assert after.tasks == before.tasks - gone
    assert set(after.folders) == {fingerprint(made / name) for name in "abc"}
    agenther("forget", made / "a", shared[0])
    assert shared[1] & made_with(made / "lessons").tasks == shared[1] & set().union(*keys(made / "c").values())


def test_runs_that_came_later_are_in_the_fingerprint_and_their_tasks_are_not(made):
    write_logs(made / "more", [9], "more.jsonl")
    agenther("run", made / "more", "--out", made / "c")
    (gone, left, later) = keys(made / "c").items()
    agenther("forget", made / "c", gone[0])
    after = made_with(made / "lessons")
    assert left[1] <= set(after.folders[fingerprint(made / "c")])
    assert not after.tasks & later[1]
    assert len(after.folders) == 3


def test_death_between_any_two_renames_is_made_good(made, monkeypatch):
    prints = {fingerprint(made / name): made / name for name in "abc"}
    gone = list(keys(made / "c"))[1]
    lines = (made / "c/trajectories.jsonl").read_text("utf-8").splitlines(keepends=True)
    (made / "c/trajectories.jsonl").write_text(lines[0], "utf-8")
    shutil.copytree(made / "lessons", made / "wanted")
    forget(made / "wanted", frozenset({gone}), prints)
    assert content(made / "wanted") != content(made / "lessons")
    for survive in range(4):
        copy = made / f"copy{survive}"
        shutil.copytree(made / "lessons", copy)
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            forget(copy, frozenset({gone}), prints)
        forget(copy, frozenset({gone}), prints)
        assert content(copy) == content(made / "wanted")
        assert lessons(copy) == lessons(made / "wanted")


def test_the_command_that_died_reaches_lessons_the_second_time(made, monkeypatch):
    lost = keys(made / "a")
    shutil.copytree(made, made / "first")
    deaths = 0
    for survive in range(20, 60, 3):
        for name in ("a", "b", "c", "lessons"):
            shutil.rmtree(made / name)
            shutil.copytree(made / "first" / name, made / name)
        with dying_after(survive, monkeypatch):
            done = CliRunner().invoke(main, ["forget", str(made / "a"), "a.jsonl"])
        deaths += done.exit_code != 0
        agenther("forget", made / "a", "a.jsonl")
        text = b"".join(content(made / "lessons").values()).decode()
        assert not [one for one in lost if one in text]
        others = set().union(*keys(made / "b").values(), *keys(made / "c").values())
        assert made_with(made / "lessons").tasks == others
        assert rows(made / "a/trajectories.jsonl") == []
    assert deaths > 3
