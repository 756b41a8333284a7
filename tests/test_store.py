"""The run folder read back: run by run, all files side by side."""

import json

import pytest
from builders import a_run, a_sample
from crews import Cast, a_diagnosis, a_proposal, a_verdict
from folders import a_job, content, done, rows, write_logs

from agenther import ladder
from agenther.cli.summary import in_short
from agenther.errors import StoreError
from agenther.records import Judged, Reason, Rejection, Result, Sample, Trajectory
from agenther.store import run_folder
from agenther.store.journal import block, unpacked
from agenther.store.lines import records
from agenther.tally.counts import Tally, fate

NO = a_verdict(False, 1, reason="made up")


@pytest.fixture
def finished(tmp_path):
    """A folder in which runs ended in every way."""
    logs = write_logs(tmp_path / "logs", range(6))
    (logs / "bad.json").write_text("{", "utf-8")
    (logs / "worse.json").write_text("", "utf-8")
    cast = Cast(
        attempts=(("One goal.", "Another goal."), ()), verdicts=((NO, a_verdict(), a_verdict(), NO, NO, NO, NO),)
    )
    done(logs, tmp_path / "out", a_job(cast, concurrency=1))
    return tmp_path / "out"


def test_kinds_of_files_that_are_no_logs():
    counts = Tally().counts({".md files hold no runs": 1, "a side file": 3})
    assert counts.ignored == 4
    assert list(counts.passed_over.items()) == [("a side file", 3), (".md files hold no runs", 1)]
    assert in_short(counts).endswith("rejected, 4 files passed over (3 a side file, 1 .md files hold no runs)")
    before = counts.model_copy(update={"ignored_by_kind": {}})
    assert before.passed_over == {"no logs": 4}


def test_what_is_read_back_is_what_was_written(finished):
    again = {name: [] for name in (*ladder.files(), "rejections", "calls")}
    for item in run_folder.stored(finished):
        if isinstance(item, Rejection):
            again["rejections"].append(item.model_dump_json())
        else:
            for line in block(*item).splitlines(keepends=True):
                name, record = unpacked(line)
                again.get(name, []).append(record.decode())
    for name, lines in again.items():
        path = finished / f"{name}.jsonl"
        assert lines == (path.read_text("utf-8").splitlines() if path.exists() else [])
    assert len(again["proposals"]) == 12
    assert len(again["samples"]) > 0
    assert [row["reason"] for row in rows(finished / "rejections.jsonl")[:1]] == ["not-json"]


def test_refused_proposals_are_kept_with_their_verdicts(finished):
    refused = [row for row in rows(finished / "proposals.jsonl") if not row["accepted"]]
    assert refused
    assert all(row["verdicts"][0]["reason"] == "made up" for row in refused)
    goals = {(row["run_id"], row["goal"]) for row in rows(finished / "samples.jsonl")}
    assert not goals & {(row["proposal"]["run_id"], row["proposal"]["goal"]) for row in refused}


def test_a_damaged_line_is_told_with_its_number(finished):
    path = finished / "samples.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1][:50]]) + "\n", "utf-8")
    with pytest.raises(StoreError, match=r"samples\.jsonl: line 2 is damaged"):
        list(records(path, Sample))


def test_records_of_other_ids_are_passed_over_unread(finished):
    path = finished / "samples.jsonl"
    lines = path.read_text("utf-8").splitlines()
    second = rows(path)[1]["id"]
    path.write_text("\n".join([lines[0][:50], *lines[1:]]) + "\n", "utf-8")
    assert [sample.id for sample in records(path, Sample, {second})] == [second]


def test_a_line_that_does_not_begin_with_an_id_is_always_read(finished):
    path = finished / "samples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(path)), "utf-8")
    assert len(list(records(path, Sample, set()))) == len(rows(path))


def test_what_is_no_text_is_told(finished):
    with (finished / "samples.jsonl").open("ab") as file:
        file.write(b"\xff\xfe\x00\n")
    with pytest.raises(StoreError, match=r"samples.jsonl: is damaged: not UTF-8"):
        list(run_folder.stored(finished))


def test_files_that_do_not_belong_together_are_refused(finished):
    path = finished / "trajectories.jsonl"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    with pytest.raises(StoreError, match=r"diagnoses\.jsonl: does not fit trajectories\.jsonl"):
        list(run_folder.stored(finished))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"trajectories\.jsonl: cannot be used: No such file"):
        list(records(tmp_path / "trajectories.jsonl", Trajectory))


@pytest.mark.parametrize("text", ["", "[]", '{"made_with": {}}', "\x00"])
def test_a_run_json_of_somebody_else(tmp_path, text):
    (tmp_path / "run.json").write_text(text, "utf-8")
    with pytest.raises(StoreError, match="not written by this program"):
        run_folder.run_file(tmp_path)


def test_run_json_says_what_became_of_every_log(finished):
    run = json.loads((finished / "run.json").read_text("utf-8"))
    counts = run["counts"]
    assert run["made_with"]["settings"]["theta"] == 0.5
    assert counts["read"] == 8 == counts["with_samples"] + counts["rejected"]
    assert sum(counts["rejected_by_reason"].values()) == counts["rejected"]
    assert counts["read_by_format"] == {"agenther": 6, "": 2}
    assert counts["samples_by_kind"] == {"lookup": counts["samples"]}
    assert sum(group["runs"] for group in counts["groups"]) == counts["read"]


def test_no_time_and_no_place_stands_in_the_folder(finished, tmp_path):
    for name, raw in content(finished).items():
        assert str(tmp_path).encode() not in raw, name


def test_a_run_with_samples_and_a_rejection_is_a_bug():
    trajectory = a_run()
    rejection = Rejection(run_id=trajectory.id, path="a", stage="relabel", reason=Reason.REFUSED, detail="no")
    both = Result(run_id=trajectory.id, made=(a_sample(),), rejection=rejection)
    with pytest.raises(AssertionError, match="has samples and a rejection"):
        Tally().add(fate(trajectory, both))


def test_runs_that_wait_for_a_stage_are_counted_apart():
    tally = Tally()
    trajectory = a_run()
    tally.add(fate(trajectory, Result(run_id=trajectory.id, made=(a_diagnosis(trajectory.id),))))
    tally.add(fate(trajectory, Result(run_id=trajectory.id, made=(a_sample(),) * 3)))
    counts = tally.counts({"a side file": 1})
    assert (counts.read, counts.with_samples, counts.samples, counts.unfinished) == (2, 1, 3, 1)


def test_a_journal_line_comes_apart_whatever_stands_in_it():
    goal = 'Say "}\n{" and \u2028 or \x85: {"done":1}'
    judged = Judged(proposal=a_proposal(goal), accepted=False)
    lines = block(a_run(), Result(run_id=a_run().id, made=(judged,))).splitlines(keepends=True)
    assert [unpacked(line)[0] for line in lines] == ["proposals", "done"]
    assert Judged.model_validate_json(unpacked(lines[0])[1]) == judged


def test_a_folder_of_before_dialogues_were_kept_holds_folded_ones(finished):
    path = finished / "run.json"
    run = json.loads(path.read_text("utf-8"))
    assert run["made_with"]["settings"].pop("fold") is False
    path.write_text(json.dumps(run), "utf-8")
    assert run_folder.run_file(finished).made_with.settings.fold
    made = a_job(Cast(), concurrency=1).made
    with pytest.raises(StoreError, match="was made with fold=True, this is fold=False"):
        run_folder.check(finished, made)
    run_folder.check(finished, made.model_copy(update={"settings": made.settings.model_copy(update={"fold": True})}))
