"""One stage again: from the stage before, with nothing of a later one left that does not fit."""

import shutil
from dataclasses import replace

import pytest
from crews import Cast, a_verdict
from folders import a_job, content, done, rows, write_logs

from agenther.errors import AnswerError, ModelError, StoreError
from agenther.files import locked
from agenther.jobs.again import again, finished, package
from agenther.packagers.selection.choices import Choices
from agenther.pages import index
from agenther.pages.counting import facts
from agenther.store.book import Book, Rating
from agenther.tally.ledger import charge

STAGES = ("classify", "extract", "relabel")
NO = a_verdict(False, 1)


@pytest.fixture
def out(tmp_path):
    done(write_logs(tmp_path / "logs", range(12)), tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_result_changes_no_byte(out, stage):
    before = content(out)
    cast = Cast()
    assert again(out, stage, a_job(cast)).changed is False
    assert {line.split()[0] for line in cast.asked} == ({stage} if stage != "relabel" else {"relabel", "judge"})
    assert len([line for line in cast.asked if line.startswith(stage)]) == 12
    assert content(out) == before


def test_other_diagnoses_take_what_came_from_the_old_ones_away(out):
    result = again(out, "classify", a_job(Cast({"recoverable": False})))
    assert result.removed == ("outcomes.jsonl", "proposals.jsonl", "samples.jsonl", "dataset/")
    assert sorted(content(out)) == [
        "diagnoses.jsonl",
        "inputs.jsonl",
        "rejections.jsonl",
        "report.md",
        "run.json",
        "trajectories.jsonl",
    ]
    assert {row["reason"] for row in rows(out / "rejections.jsonl")} == {"irrecoverable"}
    assert finished(out).counts == result.counts


def test_stage_after_stage_leads_to_the_folder_of_one_run(out, tmp_path):
    done(tmp_path / "logs", tmp_path / "fresh", a_job(Cast({"weight": 0.5})))
    for stage in STAGES:
        counts = again(out, stage, a_job(Cast({"weight": 0.5}))).counts
        assert counts.read == 12 == counts.with_samples + counts.rejected + counts.unfinished
        assert counts.unfinished == (0 if stage == "relabel" else 12)
    package(out, (), Choices())
    assert content(out) == content(tmp_path / "fresh")


def test_refusals_of_today_take_the_samples_of_yesterday_away(out):
    result = again(out, "relabel", a_job(Cast(verdicts=((NO,),))))
    assert (result.counts.samples, result.counts.rejected) == (0, 12)
    assert rows(out / "samples.jsonl") == []
    assert not (out / "dataset").exists()
    package(out, (), Choices())
    assert not list((out / "dataset").glob("*/*.jsonl"))


def test_what_was_made_to_look_at_goes_and_ratings_stay(out):
    index.write(out, "out", facts(out), None)
    said = Rating(item="t1~1", run_id="t1", rater="ada", valid="yes")
    Book(out).add([said])
    (out / "gate.json").write_text("{}", "utf-8")
    assert not again(out, "relabel", a_job()).removed
    assert (out / "report/index.html").exists()
    assert "report/index.html" in again(out, "relabel", a_job(Cast(verdicts=((NO,),)))).removed
    assert not (out / "report").exists()
    assert (out / "gate.json").exists()
    assert list(Book(out).lines()) == [said]


@pytest.mark.parametrize(
    ("stage", "missing", "makes"), [("extract", "diagnoses", "classify"), ("relabel", "outcomes", "extract")]
)
def test_a_stage_without_the_one_before(out, stage, missing, makes):
    (out / f"{missing}.jsonl").unlink()
    with pytest.raises(StoreError, match=rf"has no {missing}\.jsonl; `agenther {makes}` makes it"):
        again(out, stage, a_job())


def test_packaging_without_samples(out):
    again(out, "extract", a_job(Cast(achieved=())))
    with pytest.raises(StoreError, match=r"has no samples; `agenther relabel` makes them"):
        package(out, (), Choices())


def test_what_was_rejected_before_this_stage_stays_rejected(tmp_path):
    logs = write_logs(tmp_path / "logs", range(3))
    (logs / "bad.json").write_text("{", "utf-8")
    done(logs, tmp_path / "out", a_job(Cast({"recoverable": False})))
    before = content(tmp_path / "out")
    cast = Cast()
    again(tmp_path / "out", "relabel", a_job(cast))
    assert cast.asked == []
    assert content(tmp_path / "out") == before


def test_an_unusable_answer_can_be_asked_for_again(tmp_path):
    bad = AnswerError("classify", "no JSON", "Hm.")
    cast = Cast()
    cast.classify = raising(bad)
    done(write_logs(tmp_path / "logs", range(2)), tmp_path / "out", a_job(cast))
    assert again(tmp_path / "out", "classify", a_job()).counts.unfinished == 2
    for stage in ("extract", "relabel"):
        counts = again(tmp_path / "out", stage, a_job()).counts
    assert counts.with_samples == 2


def test_an_unusable_answer_later_keeps_its_rejection(tmp_path):
    bad = AnswerError("extract", "no JSON", "Hm.")
    done(write_logs(tmp_path / "logs", range(2)), tmp_path / "out", a_job(Cast(achieved=bad)))
    cast = Cast()
    again(tmp_path / "out", "relabel", a_job(cast))
    assert cast.asked == []
    assert {row["raw"] for row in rows(tmp_path / "out/rejections.jsonl")} == {"Hm."}


def raising(error):
    async def ask(*_arguments):
        raise error

    return ask


def test_a_model_that_is_gone_changes_nothing(out):
    before = content(out)
    cast = Cast()
    cast.extract = raising(ModelError("m", "no key"))
    with pytest.raises(ModelError, match="no key"):
        again(out, "extract", a_job(cast))
    assert content(out) == before


def test_only_the_prompts_of_the_stage_are_those_of_today(out):
    with_prompts = {"_trajectory": "1", "classify": "1", "extract": "1", "relabel": "1", "judge": "1"}
    job = a_job()
    shutil.rmtree(out)
    done(out.parent / "logs", out, replace(job, made=job.made.model_copy(update={"prompts": with_prompts})))
    made = job.made.model_copy(update={"prompts": dict.fromkeys(with_prompts, "2")})
    again(out, "relabel", replace(a_job(Cast(attempts=(("Other.",),))), made=made))
    after = {**with_prompts, "_trajectory": "2", "relabel": "2", "judge": "2"}
    assert finished(out).made_with.prompts == after
    assert rows(out / "samples.jsonl")[0]["prompts"] == after


def test_the_ledger_holds_nothing_of_what_was_taken_away(out, tmp_path):
    def paid(diagnosis):
        cast = Cast({"recoverable": diagnosis})
        job = a_job(cast)
        stages = {name: charged(name, ask) for name, ask in job.crew.stages.items()}
        return replace(job, crew=replace(job.crew, stages=stages, relabel=charged("relabel", cast.relabel)))

    shutil.rmtree(out)
    done(tmp_path / "logs", out, paid(True))
    assert {row["stage"] for row in rows(out / "calls.jsonl")} == {*STAGES}
    for stage in STAGES:
        again(out, stage, paid(False))
    package(out, (), Choices())
    done(tmp_path / "logs", tmp_path / "fresh", paid(False))
    assert content(out) == content(tmp_path / "fresh")


def charged(stage, ask):
    async def charging(*arguments):
        charge(stage, "m", 0.5, calls=1)
        return await ask(*arguments)

    return charging


@pytest.mark.parametrize("stage", STAGES)
def test_an_unfinished_run_is_finished_first(out, stage):
    (out / "journal.jsonl").write_text("", "utf-8")
    with pytest.raises(StoreError, match="holds no finished run"):
        again(out, stage, a_job())


def test_one_process_at_a_time(out):
    with locked(out):
        with pytest.raises(StoreError, match="another process"):
            again(out, "classify", a_job())
        with pytest.raises(StoreError, match="another process"):
            package(out, (), Choices())


def test_a_run_goes_on_where_a_stage_left_the_folder(out, tmp_path):
    before = content(out)
    again(out, "classify", a_job(Cast({"weight": 0.4})))
    done(tmp_path / "logs", out)
    assert content(out) == before
