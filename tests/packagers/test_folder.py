"""`dataset/` is agenther's only as far as agenther wrote it."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from crews import Cast
from folders import a_job, content, done, rows, write_logs

from agenther.errors import StoreError
from agenther.jobs.again import again, package
from agenther.jobs.forget import forget
from agenther.packagers.selection.choices import Choices


class Telling(Cast):
    """Writes another goal for every run."""

    async def relabel(self, trajectory, *others):
        self.attempts = ((f"{trajectory.goal} Tell me its price.",),)
        return await super().relabel(trajectory, *others)


@pytest.fixture
def out(tmp_path):
    done(write_logs(tmp_path / "logs", range(5)), tmp_path / "out", a_job(Telling(), formats=("sft", "records")))
    return tmp_path / "out"


def again_with_sharegpt(out):
    package(out, ("sharegpt",), Choices())


def once_more(out):
    done(out.parent / "logs", out, a_job(Telling(), formats=("sft", "records")))


def without_the_first(out):
    forget(out, frozenset([rows(out / "trajectories.jsonl")[0]["id"]]))


def classified_otherwise(out):
    again(out, "classify", a_job(Cast({"weight": 0.4}), formats=("sft", "records")))


WAYS = (again_with_sharegpt, once_more, without_the_first, classified_otherwise)
THEIRS = {
    "notes.txt": "mine",
    "sft/filtered.jsonl": "{}",
    "llamafactory/dataset_info.json": "{}",
    "own/train.jsonl": "{}",
    "records/.cache/x": "",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_others_put_there_stays(out, way):
    for name, text in THEIRS.items():
        (out / "dataset" / name).parent.mkdir(parents=True, exist_ok=True)
        (out / "dataset" / name).write_text(text, "utf-8")
    way(out)
    assert {name: (out / "dataset" / name).read_text("utf-8") for name in THEIRS} == THEIRS


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["sft/train.jsonl", "README.md", "left_out.jsonl", "records/records.parquet"])
def test_what_others_changed_is_refused_before_anything_happens(out, way, name):
    with (out / "dataset" / name).open("a") as file:
        file.write("\n")
    before = content(out)
    with pytest.raises(StoreError, match="was changed since agenther wrote it"):
        way(out)
    after = content(out)
    after.pop("journal.jsonl", None)  # of a start that is carried on with
    assert {path: raw for path, raw in after.items() if not path.endswith(".part")} == before


@pytest.mark.parametrize("name", ["sharegpt/train.jsonl", "sharegpt"])
def test_what_stands_in_the_way_is_refused(out, name):
    (out / "dataset" / name).parent.mkdir(exist_ok=True)
    (out / "dataset" / name).write_text("mine", "utf-8")
    before = content(out)
    with pytest.raises(StoreError, match=f"dataset/{name}: was not written by agenther"):
        again_with_sharegpt(out)
    assert content(out) == before


def test_a_folder_that_was_there_before_is_nobody_elses(tmp_path):
    (tmp_path / "out").mkdir()
    logs = write_logs(tmp_path / "logs", range(3))
    done(logs, tmp_path / "out", a_job(Telling()))
    for path in (tmp_path / "out/dataset").rglob("made_with.json"):
        path.unlink()
    before = content(tmp_path / "out/dataset")
    with pytest.raises(StoreError, match="was not written by agenther"):
        package(tmp_path / "out", (), Choices())
    assert content(tmp_path / "out/dataset") == before


def test_formats_that_are_gone_leave_no_folder(out):
    again_with_sharegpt(out)
    assert {path.name for path in (out / "dataset").iterdir() if path.is_dir()} == {"sharegpt"}


def test_datasets_of_before_whose_note_names_no_files_are_ours(out):
    path = out / "dataset/made_with.json"
    note = json.loads(path.read_text("utf-8"))
    del note["files"]
    path.write_text(json.dumps(note), "utf-8")
    again_with_sharegpt(out)
    assert {path.name for path in (out / "dataset").iterdir() if path.is_dir()} == {"sharegpt"}


def test_death_between_any_two_renames_is_made_good(out, tmp_path, monkeypatch):
    (out / "dataset/notes.txt").write_text("mine", "utf-8")
    replace_file = Path.replace
    deaths = 0
    for survive in range(30):
        left = iter(range(survive))

        def dying(path, target, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return replace_file(path, target)

        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(Path, "replace", dying)
            package(out, ("sharegpt", "sft", "kto") if survive % 2 else ("dpo", "openai", "sft"), Choices())
            break
        deaths += 1
        package(out, ("sft",), Choices())
        assert {path.name for path in (out / "dataset").iterdir() if path.is_dir()} == {"sft"}
        assert (out / "dataset/notes.txt").read_text("utf-8") == "mine"
        assert not (out / "dataset.part").exists()
    assert deaths > 3
