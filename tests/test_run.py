"""The loop: nothing is lost, nothing is done twice, and the bytes are the same however it went."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from builders import a_run
from crews import Cast, a_verdict
from folders import a_job, by_rules, content, done, rows, write_logs

from agenther.errors import AgentHERError, AnswerError, ModelError, StoreError
from agenther.files import locked
from agenther.jobs import loop, spread
from agenther.jobs.settle import settle

DATA = Path(__file__).parents[1] / "data"


class Slow(Cast):
    """Answers in an order of its own."""

    def __init__(self, seed=1, **script):
        super().__init__(**script)
        self.random = random.Random(seed)

    async def classify(self, trajectory):
        await asyncio.sleep(self.random.random() / 100)
        return await super().classify(trajectory)


@pytest.fixture
def logs(tmp_path):
    return write_logs(tmp_path / "logs", range(20))


@pytest.fixture
def fresh(tmp_path, logs):
    """What the run folder has to hold in the end."""
    done(logs, tmp_path / "fresh")
    return content(tmp_path / "fresh")


def test_everything_stands_in_input_order(tmp_path, logs):
    (logs / "broken.jsonl").write_text('{"trajectory_id": "x", "original_prompt": "Go.", "steps": 7}\n', "utf-8")
    finished = done(logs, tmp_path / "out", a_job(Slow()))
    ids = [row["id"] for row in rows(tmp_path / "out/trajectories.jsonl")]
    assert [row["source"]["line"] for row in rows(tmp_path / "out/trajectories.jsonl")] == list(range(1, 21))
    for name in ("diagnoses", "outcomes"):
        assert [row["run_id"] for row in rows(tmp_path / f"out/{name}.jsonl")] == ids
    assert [row["run_id"] for row in rows(tmp_path / "out/samples.jsonl")] == ids
    assert [row["path"] for row in rows(tmp_path / "out/rejections.jsonl")] == ["broken.jsonl"]
    assert (finished.counts.read, finished.counts.with_samples, finished.counts.rejected) == (21, 20, 1)
    assert json.loads((tmp_path / "out/run.json").read_text("utf-8"))["counts"]["read"] == 21
    leftovers = [name for name in content(tmp_path / "out") if name.endswith(".part") or "journal" in name]
    assert leftovers == []


def test_the_order_of_answers_changes_nothing(tmp_path, logs, fresh):
    for seed in range(3):
        done(logs, tmp_path / f"{seed}", a_job(Slow(seed)))
        assert content(tmp_path / f"{seed}") == fresh


def test_no_more_runs_at_a_time_than_allowed(tmp_path, logs):
    class Counting(Cast):
        now = most = 0

        async def classify(self, trajectory):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.001)
            self.now -= 1
            return await super().classify(trajectory)

    cast = Counting()
    done(logs, tmp_path / "out", a_job(cast, concurrency=3))
    assert cast.most == 3


def test_an_unusable_answer_is_a_rejection_with_what_was_said(tmp_path, logs):
    cast = Cast(achieved=AnswerError("extract", "no JSON", "Well, you see"))
    finished = done(logs, tmp_path / "out", a_job(cast))
    assert finished.counts.rejected_by_reason == {"bad-answer": 20}
    rejection = rows(tmp_path / "out/rejections.jsonl")[0]
    assert (rejection["stage"], rejection["raw"]) == ("extract", "Well, you see")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(AnswerError("relabel", "no JSON", "Well"), "bad-answer", id="an unusable answer"),
        pytest.param(KeyError("\ud800"), "internal-error", id="a bug"),
    ],
)
@pytest.mark.parametrize(
    ("late", "kept"),
    [
        ("diagnosis", {"diagnoses": 0, "outcomes": 0, "proposals": 0}),
        ("achieved", {"diagnoses": 20, "outcomes": 0, "proposals": 0}),
        ("attempts", {"diagnoses": 20, "outcomes": 20, "proposals": 20}),
    ],
)
def test_what_was_found_before_an_error_is_kept(tmp_path, logs, error, reason, late, kept):
    script = {"attempts": (("One goal.",), error), "verdicts": ((a_verdict(False, 1, reason="made up"),),)}
    finished = done(logs, tmp_path / "out", a_job(Cast(**{**script, **({late: error} if late != "attempts" else {})})))
    assert finished.counts.rejected_by_reason == {reason: 20}
    assert {name: len(rows(tmp_path / f"out/{name}.jsonl")) for name in kept} == kept


def test_a_bug_in_one_run_costs_that_run_alone(tmp_path, logs):
    cast = Cast()

    async def extract(trajectory, diagnosis):
        return 1 / 0 if "7" in trajectory.goal else await Cast.extract(cast, trajectory, diagnosis)

    job = a_job(cast)
    finished = done(
        logs, tmp_path / "out", replace(job, crew=replace(job.crew, stages={**job.crew.stages, "extract": extract}))
    )
    assert finished.counts.rejected_by_reason == {"internal-error": 2}
    assert finished.counts.with_samples == 18
    rejection = rows(tmp_path / "out/rejections.jsonl")[0]
    assert rejection["stage"] == "extract"
    assert rejection["detail"].startswith("ZeroDivisionError: division by zero (at tests/test_run.py:")
    assert rejection["detail"].endswith("this is a bug, please report it")
    assert rejection["raw"].startswith("jobs/settle.py:")
    assert str(Path(__file__).parents[1]) not in rejection["raw"]


@pytest.mark.parametrize("error", [ModelError("m", "no key"), KeyboardInterrupt(), asyncio.CancelledError()])
def test_what_is_no_bug_is_raised(error):
    class Broken(Cast):
        async def classify(self, _trajectory):
            raise error

    with pytest.raises(type(error)):
        asyncio.run(settle(Broken().crew, a_job().made, a_run()))


def test_when_the_model_is_gone_the_run_stops_and_later_carries_on(tmp_path, logs, fresh):
    broken = Cast()
    broken.classify = failing_after(7, broken.classify)
    with pytest.raises(ModelError, match="the key is not accepted"):
        done(logs, tmp_path / "out", a_job(broken, concurrency=1))
    assert not (tmp_path / "out/run.json").exists()
    cast = Cast()
    done(logs, tmp_path / "out", a_job(cast, concurrency=1))
    assert cast.asked.count("classify") == 13, "seven were done"
    assert content(tmp_path / "out").keys() == fresh.keys()
    assert samples(content(tmp_path / "out")) == samples(fresh)


def failing_after(good, classify):
    left = iter(range(good))

    async def ask(trajectory):
        if next(left, None) is None:
            raise ModelError("m", "the key is not accepted")
        return await classify(trajectory)

    return ask


def samples(files):
    return files["samples.jsonl"]


def test_a_finished_folder_is_taken_over(tmp_path, logs, fresh):
    done(logs, tmp_path / "out")
    idle = Cast()
    done(logs, tmp_path / "out", a_job(idle))
    assert idle.asked == []
    assert content(tmp_path / "out") == fresh


def test_new_logs_are_added(tmp_path, logs):
    out = tmp_path / "out"
    done(logs, out)
    write_logs(logs, range(50, 53), "another.jsonl")
    cast = Cast()
    done(logs, out, a_job(cast))
    assert cast.asked.count("classify") == 3
    done(logs, tmp_path / "fresh")
    assert content(out) == content(tmp_path / "fresh")


def test_the_same_run_twice_is_a_duplicate(tmp_path, logs):
    copy = write_logs(tmp_path / "copy", [0, 7, 2])
    for _ in range(2):
        finished = done((logs, copy), tmp_path / "out")
        assert finished.counts.read == 23
        assert finished.counts.rejected_by_reason == {"duplicate": 2}
        assert [row["line"] for row in rows(tmp_path / "out/rejections.jsonl")] == [1, 3]


@pytest.mark.parametrize("finished", [True, False], ids=["finished", "unfinished"])
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"theta": 0.6}, "theta=0.5, this is theta=0.6"),
        ({"delta": 0.1}, "delta"),
        ({"goals": 1}, "goals"),
        ({"model": "m"}, "model"),
        ({"judges": ("m",)}, "judges"),
        ({"assume_failed": True}, "assume_failed"),
        ({"log_format": "agenther"}, "log_format"),
    ],
)
def test_other_settings_are_refused_by_name(tmp_path, logs, finished, settings, named):
    cast = Cast()
    if not finished:
        cast.classify = failing_after(3, cast.classify)
    try:
        done(logs, tmp_path / "out", a_job(cast))
    except ModelError:
        assert not finished
    before = content(tmp_path / "out")
    with pytest.raises(StoreError, match=named):
        done(logs, tmp_path / "out", a_job(**settings))
    assert content(tmp_path / "out") == before


def test_another_version_or_prompt_is_refused(tmp_path, logs):
    job = a_job()
    done(logs, tmp_path / "out", replace(job, made=job.made.model_copy(update={"prompts": {"judge": "1"}})))
    for change, named in ({"prompts": {"judge": "2"}}, "prompt judge"), ({"agenther": "9.9"}, "9.9"):
        made = job.made.model_copy(update={"prompts": {"judge": "1"}, **change})
        with pytest.raises(StoreError, match=named):
            done(logs, tmp_path / "out", replace(job, made=made))


def test_other_dataset_formats_are_no_other_run(tmp_path, logs):
    done(logs, tmp_path / "out")
    idle = Cast()
    done(logs, tmp_path / "out", a_job(idle, formats=("sft",), concurrency=2))
    assert idle.asked == []
    assert [path.name for path in (tmp_path / "out/dataset").iterdir() if path.is_dir()] == ["sft"]


def test_a_foreign_folder_is_left_alone(tmp_path, logs):
    with pytest.raises(StoreError, match=r"not empty \(runs.jsonl\)"):
        done(logs, logs)
    assert [path.name for path in logs.iterdir()] == ["runs.jsonl"]
    (tmp_path / "else").mkdir()
    (tmp_path / "else/run.json").write_text('{"runs": 1}', "utf-8")
    with pytest.raises(StoreError, match="not written by this program"):
        done(logs, tmp_path / "else")


def test_one_process_at_a_time(tmp_path, logs):
    with locked(tmp_path / "out"), pytest.raises(StoreError, match="another process"):
        done(logs, tmp_path / "out")
    assert done(logs, tmp_path / "out").counts.read == 20


def test_a_run_folder_among_the_logs_is_not_read(tmp_path, logs):
    done(logs, tmp_path / "run")
    for _ in range(2):
        counts = done((logs, tmp_path / "run"), tmp_path / "out").counts
        assert (counts.read, counts.ignored) == (20, 1)


def test_a_journal_damaged_within_is_told(tmp_path, logs):
    out = tmp_path / "out"
    done(logs, out)
    made = json.loads((out / "run.json").read_bytes())["made_with"]
    (out / "run.json").unlink()
    (out / "journal.jsonl").write_bytes(b'{"made_with":%b}\n{"done":\xff}\n' % json.dumps(made).encode())
    with pytest.raises(StoreError, match="is damaged"):
        done(logs, out)


@pytest.mark.parametrize("name", ["trajectories.jsonl.part", "journal.jsonl.part", "samples.jsonl.part"])
def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, logs, fresh, name):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).symlink_to("/dev/full")
    with pytest.raises(StoreError, match="No space left"):
        done(logs, out)
    (out / name).unlink()
    done(logs, out)
    assert content(out) == fresh


def test_a_place_where_no_folder_can_be(tmp_path, logs):
    with pytest.raises(StoreError, match="Not a directory"):
        done(logs, logs / "runs.jsonl/out")


def test_a_journal_torn_anywhere_is_carried_on_with(tmp_path, logs, fresh):
    out = tmp_path / "out"
    cast = Cast()
    cast.classify = failing_after(6, cast.classify)
    with pytest.raises(ModelError):
        done(logs, out, a_job(cast))
    journal = (out / "journal.jsonl").read_bytes()
    header = journal.index(b"\n") + 1
    for cut in [header, header + 1, *random.Random(3).sample(range(header, len(journal)), 12), len(journal) - 1]:
        (out / "journal.jsonl").write_bytes(journal[:cut])
        done(logs, out)
        assert content(out) == fresh
        (out / "run.json").unlink()


@pytest.mark.parametrize("torn", [b"", b'{"made_with":{"agen', b"\x00\xff\n"])
def test_a_journal_without_its_beginning_is_refused(tmp_path, logs, torn):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/journal.jsonl").write_bytes(torn)
    with pytest.raises(StoreError, match="cannot be carried on with"):
        done(logs, tmp_path / "out")


def test_death_between_any_two_renames_is_made_good(tmp_path, logs, fresh, monkeypatch):
    replace_file = Path.replace
    deaths = 0
    for survive in range(100):
        left = iter(range(survive))

        def dying(path, target, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return replace_file(path, target)

        out = tmp_path / f"out{survive}"
        monkeypatch.setattr(Path, "replace", dying)
        try:
            done(logs, out)
        except KeyboardInterrupt:
            deaths += 1
        monkeypatch.setattr(Path, "replace", replace_file)
        done(logs, out)
        assert content(out) == fresh
        if deaths == survive:
            break
    assert deaths >= 8, "each stage file, the datasets, run.json"


KILLED = """
import asyncio, sys
from pathlib import Path
from crews import Cast
from folders import a_job, done

class Slow(Cast):
    async def classify(self, trajectory):
        await asyncio.sleep(0.02)
        return await super().classify(trajectory)

done(Path(sys.argv[1]), Path(sys.argv[2]), a_job(Slow(), concurrency=2))
"""


def test_killed_and_started_again_it_ends_with_the_same_bytes(tmp_path, fresh, logs):
    out = tmp_path / "out"
    tests = str(Path(__file__).parent)
    for blocks in (1, 8):
        child = subprocess.Popen([sys.executable, "-c", KILLED, logs, out], env={**os.environ, "PYTHONPATH": tests})
        while child.poll() is None and not has_done(out / "journal.jsonl", blocks):
            time.sleep(0.005)
        assert child.poll() is None, "it has to be killed in the middle"
        child.send_signal(signal.SIGKILL)
        child.wait()
    cast = Cast()
    done(logs, out, a_job(cast))
    assert 0 < cast.asked.count("classify") <= 12
    assert content(out) == fresh


def has_done(journal, blocks):
    return journal.exists() and journal.read_bytes().count(b'{"done":') >= blocks


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Logs of all kinds, which are spread in small batches and some large files."""
    logs = tmp_path / "many"
    for folder in range(3):
        write_logs(logs / f"{folder}", range(folder * 100, folder * 100 + 40))
    write_logs(logs / "small", [1, 900])
    (logs / "notes.md").write_text("not a log", "utf-8")
    (logs / "bad.json").write_text("{", "utf-8")
    monkeypatch.setattr(loop, "SMALL", 0)
    monkeypatch.setattr(spread, "BATCH_BYTES", 2000)
    return logs


@pytest.mark.parametrize("processes", [2, 3])
def test_many_processes_make_the_bytes_of_one(tmp_path, many, processes):
    logs = (many, *(write_logs(tmp_path / name, range(100, 110)) for name in ("a", "b")))
    one, several = done(logs, tmp_path / "one", by_rules()), done(logs, tmp_path / "several", by_rules(processes))
    assert content(tmp_path / "several") == content(tmp_path / "one")
    assert one.counts == several.counts
    assert one.counts.ignored_by_kind == {".md files hold no runs": 1}
    assert (one.counts.read, one.counts.rejected_by_reason["duplicate"]) == (143, 10)


def test_many_processes_take_over_too(tmp_path, many):
    done(many / "1", tmp_path / "out", by_rules())
    done(many, tmp_path / "out", by_rules(2))
    done(many, tmp_path / "fresh", by_rules())
    assert content(tmp_path / "out") == content(tmp_path / "fresh")


def test_a_full_disk_under_many_processes(tmp_path, many):
    with pytest.raises(StoreError, match="No space left"):
        done(many, tmp_path / "out", replace(by_rules(2), hire=fill_disk))
    assert not (tmp_path / "out/work.part").exists()


def fill_disk(*_arguments):
    raise OSError(28, "No space left on device")


def test_a_worker_that_dies_is_told(tmp_path, many):
    with pytest.raises(AgentHERError, match="a worker process died"):
        done(many, tmp_path / "out", replace(by_rules(2), hire=die))


def die(*_arguments):
    os._exit(9)


def test_the_sample_logs_give_samples_by_rules(tmp_path):
    finished = done(DATA, tmp_path / "out", by_rules())
    assert finished.counts.samples > 0
