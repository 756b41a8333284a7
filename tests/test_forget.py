"""Forgetting: nothing of a run is left, whenever the program dies, and it does not come back."""

import json
import shutil
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from crews import Cast
from folders import a_job, by_rules, content, done, rows, write_logs

from agenther.errors import StoreError
from agenther.files import locked
from agenther.jobs.again import again, finished, package
from agenther.jobs.forget import forget
from agenther.packagers.selection.choices import Choices
from agenther.pages import index, run_page
from agenther.pages.counting import facts
from agenther.store.book import Book, Preference, Rating

NUMBERS = range(5)


class Telling(Cast):
    """Writes another goal for every run."""

    async def relabel(self, trajectory, *others):
        self.attempts = ((f"{trajectory.goal} Tell me its price.",),)
        return await super().relabel(trajectory, *others)


def a_telling_job():
    return a_job(Telling(), formats=("sft", "kto", "openai", "records"))


@pytest.fixture
def logs(tmp_path):
    """Runs in two files, one of which has a damaged line, and a copy of a run in a folder of its own."""
    logs = write_logs(tmp_path / "logs", NUMBERS)
    write_logs(logs, range(20, 23), "unwanted.jsonl")
    with (logs / "unwanted.jsonl").open("a") as file:
        file.write('{"trajectory_id": "private words", "original_prompt": "Go.", "steps": 7}\n')
    return logs, write_logs(tmp_path / "copy", [0])


@pytest.fixture
def out(tmp_path, logs):
    done(logs, tmp_path / "out", a_telling_job())
    return tmp_path / "out"


def ids(out):
    return [row["id"] for row in rows(out / "trajectories.jsonl")]


def forgotten(out, *names):
    return forget(out, frozenset(names))


def everything(out):
    return {name: raw for name, raw in content(out).items() if name != "forgotten.jsonl"}


@pytest.mark.parametrize("name", ["nobody", "", "logs/runs.jsonl", "../logs"])
def test_an_unknown_name_changes_nothing(out, name):
    before = content(out)
    with pytest.raises(StoreError, match="holds no run and no file"):
        forgotten(out, ids(out)[0], name)
    assert content(out) == before


def test_an_unfinished_run_is_finished_first(out):
    (out / "journal.jsonl").write_text("", "utf-8")
    with pytest.raises(StoreError, match="holds no finished run"):
        forgotten(out, "nobody")


def test_one_process_at_a_time(out):
    with locked(out), pytest.raises(StoreError, match="another process"):
        forgotten(out, ids(out)[0])


def test_nothing_is_left_of_a_run(out):
    first, *others = ids(out)
    before = finished(out).counts
    assert {"dataset/kto", "dataset/openai", "dataset/sft"} <= {
        name.rpartition("/")[0] for name, raw in everything(out).items() if b"lamp 0" in raw
    }
    assert forgotten(out, first).runs == 1
    assert not [name for name, raw in everything(out).items() if first.encode() in raw or b"lamp 0" in raw]
    assert ids(out) == others
    after = finished(out).counts
    assert (after.read, after.with_samples, after.forgotten) == (before.read - 2, before.with_samples - 1, 1)
    assert "duplicate" not in after.rejected_by_reason, "the same run, read from another folder"
    assert after.read == after.with_samples + after.rejected


def test_nothing_is_left_of_a_file(out):
    assert b"unwanted.jsonl" in everything(out)["rejections.jsonl"]
    assert forgotten(out, "unwanted.jsonl").runs == 3
    assert not [name for name, raw in everything(out).items() if b"unwanted.jsonl" in raw or b"lamp 20" in raw]
    assert len(ids(out)) == len(NUMBERS)


@pytest.mark.parametrize(
    "typed",
    [
        "{logs}/unwanted.jsonl",
        "{logs}/../logs//unwanted.jsonl",
        "logs/unwanted.jsonl",
        "link/unwanted.jsonl",
        "./unwanted.jsonl",
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_is_named_as_it_is_typed(out, logs, tmp_path, monkeypatch, typed, is_there):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(logs[0])
    if not is_there:
        (logs[0] / "unwanted.jsonl").unlink()
    before = finished(out).counts
    done_ = forgotten(out, typed.format(logs=logs[0]))
    assert (done_.runs, done_.unread) == (3, 1)
    assert done_.samples == before.samples - finished(out).counts.samples
    assert not [name for name, raw in everything(out).items() if b"unwanted.jsonl" in raw or b"lamp 20" in raw]
    assert len(ids(out)) == len(NUMBERS)
    assert forgotten(out, typed.format(logs=logs[0]))[:3] == (0, 0, 0)


def test_a_folder_is_all_that_lies_in_it_and_nothing_beside_it(tmp_path, monkeypatch):
    write_logs(tmp_path / "logs/a", [1, 2])
    write_logs(tmp_path / "logs/a/deep", [3], "more.jsonl")
    write_logs(tmp_path / "logs/ab", [4])
    (tmp_path / "logs/a/notes.md").write_text("no log", "utf-8")
    for typed in ("logs/a", "logs/a/", "a"):
        out = tmp_path / typed.replace("/", "-")
        done(tmp_path / "logs", out, a_telling_job())
        monkeypatch.chdir(tmp_path)
        assert forgotten(out, typed).runs == 3
        assert len(ids(out)) == 1
        done(tmp_path / "logs", out, a_telling_job())
        assert len(ids(out)) == 1, "nothing comes back"


def test_a_typed_path_is_that_file_and_no_other_of_the_same_name(tmp_path):
    folders = (write_logs(tmp_path / "a", [1]), write_logs(tmp_path / "b", [2]))
    done(folders, tmp_path / "out", a_telling_job())
    assert forgotten(tmp_path / "out", str(tmp_path / "b/runs.jsonl")).runs == 1
    done(folders, tmp_path / "out", a_telling_job())
    assert [row["goal"] for row in rows(tmp_path / "out/trajectories.jsonl")] == ["Find lamp 1 under $5."]


def test_the_same_again_changes_nothing(out):
    first = ids(out)[0]
    forgotten(out, first, "unwanted.jsonl")
    before = content(out)
    assert forgotten(out, "unwanted.jsonl", first).runs == 0
    assert content(out) == before


def test_it_does_not_come_back(out, logs):
    forgotten(out, ids(out)[0], "unwanted.jsonl")
    before = content(out)
    assert done(logs, out, a_telling_job()).gone == 0
    assert content(out) == before


def test_it_does_not_come_back_through_other_processes(logs, tmp_path, monkeypatch):
    monkeypatch.setattr("agenther.jobs.loop.SMALL", 0)
    done(logs, tmp_path / "out", by_rules(2))
    forgotten(tmp_path / "out", ids(tmp_path / "out")[0], "unwanted.jsonl")
    before = content(tmp_path / "out")
    assert done(logs, tmp_path / "out", by_rules(2)).gone == 0
    assert content(tmp_path / "out") == before


def test_a_fresh_run_with_the_same_list_makes_the_same(out, logs, tmp_path):
    forgotten(out, ids(out)[0], "unwanted.jsonl")
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh/forgotten.jsonl").write_bytes((out / "forgotten.jsonl").read_bytes())
    cast = Cast()
    done(logs, tmp_path / "fresh", a_job(cast))
    assert cast.asked.count("classify") == len(NUMBERS) - 1, "nobody is asked about what is forgotten"
    assert ids(tmp_path / "fresh") == ids(out)


def test_the_stages_one_by_one_do_not_bring_it_back(out):
    first = ids(out)[0]
    forgotten(out, first)
    again(out, "classify", a_job(Cast({"weight": 0.4})))
    forgotten(out, ids(out)[0])
    for stage in ("extract", "relabel"):
        again(out, stage, a_job(Cast({"weight": 0.4})))
    package(out, (), Choices())
    assert not [name for name, raw in everything(out).items() if first.encode() in raw]
    assert finished(out).counts.forgotten == 2


def test_the_datasets_are_made_as_before(out):
    first, second, *_ = rows(out / "samples.jsonl")
    held = frozenset({second["original_goal"]})
    package(out, ("kto", "records"), Choices(holdout=held))
    forgotten(out, first["run_id"])
    made = json.loads((out / "dataset/made_with.json").read_text("utf-8"))
    assert (made["formats"], made["choices"]["holdout"]) == (["kto", "records"], [second["original_goal"]])
    assert {path.name for path in (out / "dataset").iterdir() if path.is_dir()} <= {"kto", "records"}
    assert "held out" in (out / "dataset/left_out.jsonl").read_text("utf-8")


def test_what_was_left_half_written_goes_too(out):
    first = ids(out)[0]
    (out / "batch").mkdir()
    (out / "batch/requests-0001.jsonl").write_text(first, "utf-8")
    (out / "unread.jsonl.part").write_text(first, "utf-8")
    forgotten(out, first)
    assert not [name for name, raw in everything(out).items() if first.encode() in raw]


def looked_at(out):
    """Rated, reported, probed and calibrated: a line about each run, and one about each two."""
    runs = ids(out)
    Book(out).add(
        [
            *(Rating(item=f"{run}~1", run_id=run, rater="ada", valid="yes", note=f"of {run}") for run in runs),
            *(
                Preference(items=(f"{one}~1", f"{two}~1"), run_ids=(one, two), rater="ada", better="first")
                for one, two in pairwise(runs)
            ),
        ]
    )
    run_page.write_all(out)
    index.write(out, "out", facts(out), None)
    for name in ("probe.json", "gate.json", "report/index.html.part"):
        (out / name).write_text(f'"{runs[0]}: lamp 0"', "utf-8")


def test_nothing_is_left_of_a_run_that_people_looked_at(out):
    looked_at(out)
    first, *others = ids(out)
    assert len(list((out / "report/runs").iterdir())) == len(others) + 1
    forgotten(out, first)
    assert not [name for name, raw in everything(out).items() if first.encode() in raw or b"lamp 0" in raw]
    assert not [name for name in content(out) if first in name or name.startswith(("report/", "probe", "gate"))]
    assert {run for one in Book(out).lines() for run in one.runs} == set(others)


def test_what_others_put_beside_the_report_stays(out):
    looked_at(out)
    (out / "report/funnel.svg").write_text("mine", "utf-8")
    forgotten(out, ids(out)[0])
    assert [name for name in content(out) if name.startswith("report/")] == ["report/funnel.svg"]


def test_what_was_said_of_a_run_goes_though_the_run_went_before(out):
    Book(out).add([Rating(item="t9~1", run_id="t9", rater="ada", valid="no", note="private words")])
    assert forgotten(out, "t9").runs == 1
    assert "private words" not in (out / "ratings.jsonl").read_text("utf-8")


def test_damaged_ratings_change_nothing(out):
    (out / "ratings.jsonl").write_text("{}\n", "utf-8")
    before = content(out)
    with pytest.raises(StoreError, match="line 1 is no rating"):
        forgotten(out, ids(out)[0])
    assert content(out) == before


def test_death_while_ratings_are_taken_out_is_made_good(out, monkeypatch):
    looked_at(out)
    first = ids(out)[0]
    for survive in range(3):
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            forgotten(out, first)
    forgotten(out, first)
    assert not [name for name, raw in everything(out).items() if first.encode() in raw or b"lamp 0" in raw]


def test_death_between_any_two_renames_is_made_good(out, logs, tmp_path, monkeypatch):
    first = ids(out)[0]
    wanted = tmp_path / "wanted"
    shutil.copytree(out, wanted)
    forgotten(wanted, first)
    deaths = 0
    for survive in range(30):
        by_forget, by_run = tmp_path / f"a{survive}", tmp_path / f"b{survive}"
        for copy in (by_forget, by_run):
            shutil.copytree(out, copy)
            with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
                forgotten(copy, first)
        if finished(by_forget, half_forgotten=True) == finished(wanted):
            break
        deaths += 1
        if survive > 1:
            with pytest.raises(StoreError, match="half forgotten"):
                package(by_forget, (), Choices())
            done(logs, by_run, a_telling_job())
            (by_run / "forgetting.json").unlink()
            assert content(by_run) == content(wanted)
        forgotten(by_forget, first)
        assert no_dataset(content(by_forget)) == no_dataset(content(wanted))
    assert deaths >= 9, "the note, the list, each file, the datasets, run.json"


@contextmanager
def dying_after(renames, monkeypatch):
    left = iter(range(renames))
    replace_file = Path.replace

    def dying(path, target):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return replace_file(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        yield


def no_dataset(files):
    """Dead just before its new datasets were put in place, a folder has none; `package` makes them."""
    return {name: raw for name, raw in files.items() if not name.startswith("dataset/")}


def test_a_damaged_list_is_told(out):
    (out / "forgotten.jsonl").write_text("{", "utf-8")
    with pytest.raises(StoreError, match=r"forgotten\.jsonl: is damaged"):
        forgotten(out, "x")


@pytest.mark.parametrize("text", ["{", '{"formats": ["csv"], "choices": {}}', "[]"])
def test_a_damaged_note_of_the_datasets_is_told(out, text):
    (out / "dataset/made_with.json").write_text(text, "utf-8")
    before = content(out)
    with pytest.raises(StoreError, match=r"made_with\.json"):
        forgotten(out, ids(out)[0])
    assert content(out) == before
