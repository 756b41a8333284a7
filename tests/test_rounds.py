"""Rounds: what one has done, the next does not do again, and its datasets hold both."""

import json
import shutil
from functools import partial

import pytest
from click.testing import CliRunner
from crews import Cast
from folders import a_job, content, done, rows, write_logs

from agenther.cli import main
from agenther.errors import ModelError, StoreError
from agenther.files import locked
from agenther.hub.commit import Pushed
from agenther.hub.publish import Target, publish
from agenther.jobs.again import again, finished, package
from agenther.jobs.rounds import in_round
from agenther.lessons.folder import failed, made_with, make
from agenther.lessons.records import Choices as LessonChoices
from agenther.packagers.folder import selected
from agenther.packagers.selection.choices import Choices, SplitBy
from agenther.pages import index
from agenther.pages.counting import facts
from agenther.ratings.items import items
from agenther.review.draw import candidates
from agenther.store import rounds

LOGS = (range(12), range(24), range(36))
"""The numbers of the runs in the logs of each round, which grow."""


class Telling(Cast):
    """Writes another goal for every run."""

    async def relabel(self, trajectory, *others):
        self.attempts = ((f"{trajectory.goal} Tell me its price.",),)
        return await super().relabel(trajectory, *others)


def a_telling_job(**settings):
    return a_job(Telling(), formats=("sft", "kto", "records"), **settings)


def add(logs, out, before=None, job=None):
    return done(logs, out, in_round(job or a_telling_job(), out, before))


@pytest.fixture
def three(tmp_path):
    """Three rounds, one after the other."""
    before = None
    for number, numbers in enumerate(LOGS, 1):
        out = tmp_path / f"out{number}"
        add(write_logs(tmp_path / f"logs{number}", numbers), out, before)
        before = out
    return [tmp_path / f"out{number}" for number in (1, 2, 3)]


def ids(out):
    return [row["id"] for row in rows(out / "trajectories.jsonl")]


def in_dataset(out):
    return {row["id"] for path in (out / "dataset/sft").glob("*.jsonl") for row in rows(path)}


def sides(out):
    return {row["id"]: path.stem for path in (out / "dataset/sft").glob("*.jsonl") for row in rows(path)}


def left_out(out):
    return [row for row in rows(out / "dataset/left_out.jsonl") if row["format"] == "all"]


def test_nothing_is_lost_and_nothing_is_there_twice(three):
    told = [ids(out) for out in three]
    assert [len(one) for one in told] == [12, 12, 12]
    assert len(set().union(*told)) == 36
    counts = [finished(out).counts for out in three]
    assert [one.rejected_by_reason.get("earlier-round", 0) for one in counts] == [0, 12, 24]
    assert all(one.read == one.with_samples + one.rejected for one in counts)
    samples = [{row["id"] for row in rows(out / "samples.jsonl")} for out in three]
    for number in (1, 2, 3):
        merged = set().union(*samples[:number])
        assert in_dataset(three[number - 1]) | {row["id"] for row in left_out(three[number - 1])} == merged
        assert len(merged) == sum(map(len, samples[:number]))


def test_an_earlier_round_is_named_in_the_rejection(three):
    (first, *_) = rows(three[1] / "rejections.jsonl")
    assert (first["reason"], first["run_id"]) == ("earlier-round", None)
    assert first["detail"] == f"the same run as {ids(three[0])[0]}, which round 1 has"


def test_nobody_is_asked_about_a_run_of_an_earlier_round(three, tmp_path):
    cast = Cast()
    add(tmp_path / "logs1", tmp_path / "again", three[0], a_job(cast))
    assert cast.asked == []
    assert finished(tmp_path / "again").counts.rejected == 12


def test_a_goal_of_an_earlier_round_is_not_made_again_and_no_judge_is_asked(tmp_path):
    first, second, cast = tmp_path / "a", tmp_path / "b", Cast()
    add(write_logs(tmp_path / "logs1", [1]), first, job=a_job(Cast()))
    add(write_logs(tmp_path / "logs2", [2]), second, first, a_job(cast))
    assert not [one for one in cast.asked if one.startswith("judge")]
    (one,) = rows(second / "rejections.jsonl")
    assert (one["stage"], one["reason"], one["detail"]) == ("relabel", "known-goal", "round 1 made this goal")
    assert {row["why"] for row in rows(second / "proposals.jsonl")} == {"round 1 made this goal"}
    assert len([*items(first)]) == 1
    assert [*items(second)] == candidates(second) == [], "nothing was said against it"
    assert not [*selected((first, second), Choices()).batch.refused()]
    again(second, "relabel", a_job(Cast(attempts=(("Another goal.",),))))
    assert [row["goal"] for row in rows(second / "samples.jsonl")] == ["Another goal."]
    again(second, "relabel", a_job(Cast()))
    assert rows(second / "samples.jsonl") == []


def test_the_earlier_round_learns_of_the_later_one_and_of_nothing_else(tmp_path):
    add(write_logs(tmp_path / "logs1", range(3)), tmp_path / "a")
    before = content(tmp_path / "a")
    for _ in range(2):
        add(write_logs(tmp_path / "logs2", range(5)), tmp_path / "b", tmp_path / "a")
    assert content(tmp_path / "a") == {**before, "rounds.jsonl": b'{"path":"../b"}\n'}
    assert finished(tmp_path / "b").made_with.after.model_dump() == {
        "path": "../a",
        "sha256": rounds.mark(tmp_path / "a"),
        "round": 2,
    }


def test_the_round_before_need_not_be_named_again(three, tmp_path):
    before = content(three[1])
    add(tmp_path / "logs2", three[1])
    assert content(three[1]) == before


def test_rounds_may_be_moved_together(three, tmp_path):
    (tmp_path / "moved").mkdir()
    for out in three:
        shutil.move(out, tmp_path / "moved" / out.name)
    moved = tmp_path / "moved/out3"
    package(moved, (), Choices())
    assert len(in_dataset(moved)) + len(left_out(moved)) == 36
    assert rounds.lineage(moved / "../out2").folders == tuple(tmp_path / "moved" / out.name for out in three)


def test_other_settings_are_allowed_between_rounds(tmp_path):
    add(write_logs(tmp_path / "logs1", range(3)), tmp_path / "a", job=a_telling_job(theta=0.5))
    add(write_logs(tmp_path / "logs2", range(5)), tmp_path / "b", tmp_path / "a", a_telling_job(theta=0.7))
    assert [finished(tmp_path / name).made_with.settings.theta for name in "ab"] == [0.5, 0.7]
    with pytest.raises(StoreError, match=r"made with theta=0\.7"):
        add(tmp_path / "logs2", tmp_path / "b", tmp_path / "a", a_telling_job(theta=0.6))


# --- what cannot be ------------------------------------------------------------------------------


def is_gone(three):
    shutil.rmtree(three[0])


def is_changed(three):
    done(write_logs(three[0].parent / "more", [50]), three[0], a_telling_job())


def is_mended_by_hand(three):
    path = three[0] / "samples.jsonl"
    path.write_text(path.read_text("utf-8").replace("Find lamp 0 ", "Find lamp 900 "), "utf-8")


def is_unfinished(three):
    (three[0] / "journal.jsonl").write_bytes(
        b'{"made_with":' + finished(three[0]).made_with.model_dump_json().encode() + b"}\n"
    )


def is_half_forgotten(three):
    (three[0] / "forgotten.jsonl").write_text('{"name":"x"}\n', "utf-8")


def has_no_datasets(three):
    shutil.rmtree(three[0] / "dataset")


def has_damaged_sides(three):
    note = json.loads((three[0] / "dataset/made_with.json").read_text("utf-8"))
    note["files"] = {}
    (three[0] / "dataset/made_with.json").write_text(json.dumps(note), "utf-8")
    (three[0] / "dataset/sides.json").write_text("{", "utf-8")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (is_gone, "out1: round 1, after which out2 comes, is not there; if it was moved, name it"),
        (is_changed, "out1: round 1 was changed since out2 was made after it; make that anew"),
        (is_mended_by_hand, "out1: round 1 was changed since out2 was made after it"),
        (is_unfinished, "out1: round 1 is not finished; `agenther run LOGS --out .*out1` goes on with it"),
        (is_half_forgotten, "out1: round 1 is half without what is forgotten; give that `agenther forget` again"),
        (has_no_datasets, r"out1: has no dataset/made_with\.json, to which later rounds hold"),
        (has_damaged_sides, r"sides\.json: is damaged; `agenther package` makes the datasets anew"),
    ],
)
def test_what_is_wrong_with_an_earlier_round_is_told_and_changes_nothing(three, tmp_path, harm, told):
    harm(three)
    before = content(three[2])
    with pytest.raises(StoreError, match=told):
        package(three[2], (), Choices())
    if harm is not has_damaged_sides:
        with pytest.raises(StoreError, match=told):
            add(tmp_path / "logs3", three[2])
        assert not (tmp_path / "fresh").exists()
    assert content(three[2]) == before


def test_an_earlier_round_may_be_made_again_with_other_formats(three, tmp_path):
    add(tmp_path / "logs1", three[0], job=a_job(Telling(), formats=("sft",), concurrency=2))
    before = content(three[2])
    add(tmp_path / "logs3", three[2])
    assert content(three[2]) == before


def test_an_earlier_round_that_was_moved_is_named_anew(three, tmp_path):
    shutil.move(three[1], tmp_path / "moved")
    with pytest.raises(StoreError, match=r"is not there; .* --out .*out3 --after"):
        add(tmp_path / "logs3", three[2])
    add(tmp_path / "logs3", three[2], tmp_path / "moved")
    package(three[2], (), Choices())
    assert rounds.lineage(three[2]) == ((three[0], tmp_path / "moved", three[2]), (str(three[1]),))


def test_an_earlier_round_that_is_worked_on_is_told(three, tmp_path):
    with locked(three[0]), pytest.raises(StoreError, match="out1: another process works on this run folder"):
        add(tmp_path / "logs3", three[2])
    with locked(three[0], shared=True):
        add(tmp_path / "logs3", three[2])


def test_a_folder_is_no_round_of_its_own(three, tmp_path):
    for number, before in ((1, three[0]), (1, three[2]), (2, three[2])):
        with pytest.raises(StoreError, match="would come after itself"):
            add(tmp_path / "logs1", three[number - 1], before)
    with pytest.raises(StoreError, match="is not finished"):
        add(tmp_path / "logs1", tmp_path / "new", tmp_path / "logs1")


@pytest.mark.parametrize(("first", "second"), [("a", "b\udcff/b"), ("a\udcff/a", "b")])
def test_a_round_whose_path_cannot_be_written_down_is_refused(tmp_path, first, second):
    add(write_logs(tmp_path / "logs1", [1]), tmp_path / first, job=a_job(Telling(), formats=("sft",)))
    with pytest.raises(StoreError, match="its path is no UTF-8"):
        in_round(a_telling_job(), tmp_path / second, tmp_path / first)
    assert not (tmp_path / second).exists()


def test_a_folder_stays_the_round_that_it_is(three, tmp_path):
    with pytest.raises(StoreError, match=r"comes after \.\./out2, this one comes after \.\./out1"):
        add(tmp_path / "logs3", three[2], three[0])
    add(write_logs(tmp_path / "alone", [1]), tmp_path / "first")
    with pytest.raises(StoreError, match=r"is a first round, this one comes after \.\./out1"):
        add(tmp_path / "alone", tmp_path / "first", three[0])


def test_rounds_that_lead_in_a_circle_are_told(three):
    path = three[0] / "run.json"
    made = json.loads(path.read_text("utf-8"))
    made["made_with"]["after"] = {"path": "../out3", "sha256": rounds.mark(three[2]), "round": 2}
    path.write_text(json.dumps(made), "utf-8")
    with pytest.raises(StoreError, match="lead in a circle"):
        package(three[1], (), Choices())


# --- killed --------------------------------------------------------------------------------------


def test_killed_in_the_middle_the_same_call_carries_on(three, tmp_path):
    class Dying(Telling):
        async def extract(self, trajectory, diagnosis):
            if "lamp 30 " in trajectory.goal:
                raise ModelError("m", "no answer")
            return await super().extract(trajectory, diagnosis)

    out = tmp_path / "out3b"
    with pytest.raises(ModelError):
        add(tmp_path / "logs3", out, three[1], a_job(Dying(), formats=("sft", "kto", "records"), concurrency=1))
    assert (out / "journal.jsonl").exists()
    assert rounds.known(out).path == "../out2"
    add(tmp_path / "logs3", out, job=a_telling_job(concurrency=1))
    mine, others = content(out), content(three[2])
    assert {name: raw for name, raw in mine.items() if name != "run.json"} == {
        name: raw for name, raw in others.items() if name != "run.json"
    }


# --- what the datasets hold to ---------------------------------------------------------------------


def test_sides_stay_what_they_were(three):
    first, second, third = map(sides, three)
    assert {"train", "test"} <= {*third.values()}
    assert first.items() <= second.items() <= third.items()


def test_a_side_stays_though_its_hash_says_otherwise(tmp_path):
    add(write_logs(tmp_path / "logs1", range(6)), tmp_path / "a")
    path = tmp_path / "a/dataset/sides.json"
    told = json.loads(path.read_text("utf-8"))
    note = tmp_path / "a/dataset/made_with.json"
    note.write_text(json.dumps({**json.loads(note.read_text("utf-8")), "files": {}}), "utf-8")
    path.write_text(json.dumps({"train": told["test"], "test": told["train"]}), "utf-8")
    add(write_logs(tmp_path / "logs2", range(6, 9)), tmp_path / "b", tmp_path / "a")
    turned = {"train": "test", "test": "train"}
    before = {one: turned[side] for one, side in sides(tmp_path / "a").items()}
    assert before.items() <= sides(tmp_path / "b").items()


def test_what_would_join_both_sides_is_left_out(three, tmp_path):
    before = sides(three[0])
    goals = {
        side: row["goal_original"] for side in ("train", "test") for row in rows(three[0] / f"dataset/sft/{side}.jsonl")
    }
    logs = write_logs(tmp_path / "logs4", [70, 71], original_prompt=goals["train"])
    add(logs, tmp_path / "out4", three[0], a_job(Cast(attempts=((goals["test"],),)), formats=("sft",)))
    assert {row["rule"] for row in left_out(tmp_path / "out4")} == {
        f"the same goal as {ids(tmp_path / 'out4')[0]}.1",
        "it belongs with train and with test rows of earlier rounds",
    }
    assert sides(tmp_path / "out4") == before


def test_hold_outs_are_inherited_and_none_is_dropped(tmp_path):
    logs = write_logs(tmp_path / "logs1", range(4))
    add(logs, tmp_path / "a")
    package(tmp_path / "a", ("sft",), Choices(holdout=frozenset({"Find lamp 1 under $5."}), split_by=SplitBy.TASK))
    add(write_logs(tmp_path / "logs2", range(7)), tmp_path / "b", tmp_path / "a")
    made = json.loads((tmp_path / "b/dataset/made_with.json").read_text("utf-8"))["choices"]
    assert (made["holdout"], made["split_by"]) == (["Find lamp 1 under $5."], "task")
    assert [row["rule"] for row in left_out(tmp_path / "b")] == ["the task is held out"]
    more = frozenset({"Find lamp 5 under $5."})
    with pytest.raises(StoreError, match=r"Find lamp 1 under \$5\. is held out in another round"):
        package(tmp_path / "b", (), Choices(holdout=more, split_by=SplitBy.TASK))
    with pytest.raises(StoreError, match="its rounds are split by task"):
        package(tmp_path / "b", (), Choices())
    package(tmp_path / "b", (), Choices(holdout=more | {"Find lamp 1 under $5."}, split_by=SplitBy.TASK))
    package(tmp_path / "b", (), Choices(split_by=SplitBy.TASK))
    assert len(left_out(tmp_path / "b")) == 1, "what this round alone held out is free"
    with pytest.raises(StoreError, match="is held out in another round"):
        package(tmp_path / "a", (), Choices(holdout=more, split_by=SplitBy.TASK))


def test_old_relabels_make_room_for_newer_ones_of_the_same_task(tmp_path):
    before = None
    for number in (1, 2, 3):
        out = tmp_path / f"out{number}"
        first = number * 10
        logs = write_logs(tmp_path / f"logs{number}", range(first, first + 4), task_id="lamps", benchmark="shop")
        add(logs, out, before)
        before = out
    assert len(in_dataset(tmp_path / "out2")) == 8
    goals = {row["id"]: row["goal"] for n in (1, 2, 3) for row in rows(tmp_path / f"out{n}/samples.jsonl")}
    assert {row["rule"] for row in left_out(before)} == {
        "it makes room for those of its task in later rounds (--per-task)"
    }
    assert min(goals[one] for one in in_dataset(before)).startswith("Find lamp 20 ")
    package(before, (), Choices(per_task=1))
    assert len(in_dataset(before)) == 4, "all of the last round stand"
    package(before, (), Choices(per_task=5))
    assert len(in_dataset(before)) == 5
    assert len(in_dataset(before)) + len(left_out(before)) == 12


def test_lessons_are_those_of_all_rounds(three, tmp_path):
    for name, of in (("last", three[2:]), ("each", three)):
        make(of, tmp_path / name, LessonChoices())
    assert content(tmp_path / "last") == content(tmp_path / "each")
    assert made_with(tmp_path / "last").counts.runs == 36
    assert len(list(failed(three[2:], LessonChoices()))) == 36


# --- what people are told ------------------------------------------------------------------------


def test_the_report_shows_what_each_round_added(tmp_path):
    add(write_logs(tmp_path / "logs1", range(6)), tmp_path / "a", job=a_job(Telling()))
    wrong = {"failure_type": "wrong_result"}
    fine = {"failure_type": "tool_error", "is_failure": False}
    add(write_logs(tmp_path / "logs2", range(10)), tmp_path / "b", tmp_path / "a", a_job(Telling(wrong)))
    add(write_logs(tmp_path / "logs3", range(12)), tmp_path / "c", tmp_path / "b", a_job(Telling(fine)))
    assert {table.title: table.rows for table in facts(tmp_path / "c").rounds}["Rounds"][2][1:4] == ("2", "0", "0")
    told = {table.title: table.rows for table in facts(tmp_path / "b").rounds}
    assert told["Rounds"] == (("1", "6", "6", "6", "100%", "6", "1", "1"), ("2", "4", "4", "4", "100%", "4", "1", "0"))
    assert told["Failure types by round"] == (
        ("constraint_violation", "6", "0", "gone"),
        ("wrong_result", "0", "4", "new"),
    )
    assert [row[0] for row in told["Spread of goals by round"]] == ["1", "2"]
    shown = (tmp_path / "b/report.md").read_text("utf-8")
    assert "| wrong_result | 0 | 4 | new |" in shown
    assert "## Rounds" not in (tmp_path / "a/report.md").read_text("utf-8")
    path = index.write(tmp_path / "b", "b", facts(tmp_path / "b"), None)
    assert "Failure types by round" in path.read_text("utf-8")


def test_one_push_holds_all_rounds(three, tmp_path, monkeypatch):
    private = write_logs(tmp_path / "logs4", [90, 91], "p.jsonl", final_answer="Ask ann.smith@lampshop.org.")
    add(private, tmp_path / "out4", three[2])
    (three[0] / "redaction.key").write_bytes(b"k" * 32)
    done = publish(tmp_path / "out4", Target("me/lamps", folder=tmp_path / "look"), lambda _run: ())
    assert done.cleaner.key == b"k" * 32
    pushed = [row["id"] for path in (tmp_path / "look/sft").glob("*.jsonl") for row in rows(path)]
    assert {*pushed} == in_dataset(tmp_path / "out4")
    card = (tmp_path / "look/README.md").read_text("utf-8")
    assert "### Failure types by round" in card
    assert [f"### Round {number}\n" in card for number in range(6)] == [False, True, True, True, True, False]
    assert "74 runs: 38 gave 38 samples, 36 were rejected." in card
    tags = []
    monkeypatch.setattr("agenther.hub.publish.push", lambda *_a, tag, **_o: tags.append(tag) or pushed_as(done))
    for folder, tag in ((tmp_path / "out4", None), (tmp_path / "out4", "v2"), (three[0], None)):
        publish(folder, Target("me/lamps", tag=tag), lambda _run: ())
    assert tags == ["round-4", "v2", None]


def pushed_as(done):
    return Pushed("", "0" * 40, changed=True, made=done.made)


def test_the_command_line(tmp_path):
    write_logs(tmp_path / "logs", range(3))
    write_logs(tmp_path / "logs", range(5), "more.jsonl")
    call = partial(CliRunner().invoke, main)
    assert call(["run", str(tmp_path / "logs/runs.jsonl"), "--out", str(tmp_path / "a")]).exit_code == 0
    second = ["run", str(tmp_path / "logs"), "--out", str(tmp_path / "b")]
    done_ = call([*second, "--after", str(tmp_path / "a")])
    assert done_.exit_code == 0, done_.output
    assert "3 earlier-round" in done_.output
    assert call(second).exit_code == 0
    assert call(["package", str(tmp_path / "b"), "--per-task", "2"]).exit_code == 0
    gone = ids(tmp_path / "a")[0]
    told = call(["forget", str(tmp_path / "b"), gone, "--cache", str(tmp_path / "none")])
    assert told.exit_code == 0, told.output
    assert f"other rounds were written anew, too: {tmp_path / 'a'}" in told.output
    refused = call([*second, "--after", str(tmp_path / "b")])
    assert (refused.exit_code, "would come after itself" in refused.output) == (1, True)
