"""A trial of lessons on somebody's agent: what is none, what is left out, what is made, and what came of it."""

import csv
import json

import pytest
from click.testing import CliRunner
from test_lessons import BAD, DATED, GOOD, call, run_of

from agenther.cli.program import main
from agenther.errors import AgentHERError, StoreError
from agenther.lessons.export import system_prompt
from agenther.lessons.folder import lessons, make
from agenther.lessons.records import Choices
from agenther.lessons.trial.counted import count
from agenther.lessons.trial.export import export
from agenther.lessons.trial.paired import Said, difference, found
from agenther.lessons.trial.placebo import WITHIN, placebo
from agenther.lessons.trial.read import opened, read
from agenther.lessons.trial.records import Arm, Block

PAID = (call("pay", BAD, card="A"), call("pay", GOOD, card="A", vip=True))
MAILED = (call("mail", BAD, to="Rome"), call("mail", GOOD, to="Rome", subject="Trip"))


@pytest.fixture
def taught(tmp_path):
    make([run_of(tmp_path / "taught", *[DATED] * 3, *[PAID] * 2, *[MAILED] * 2)], tmp_path / "lessons", Choices())
    return tmp_path / "lessons"


def tasks(tmp_path, *found):
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(one) + "\n" for one in found), "utf-8")
    return tmp_path / "tasks.jsonl"


def booking(count):
    return [{"task": f"t{n}", "tools": ["book"]} for n in range(count)]


@pytest.fixture
def trial(tmp_path, taught):
    export(taught, tasks(tmp_path, *booking(20)), tmp_path / "trial", 2)
    return tmp_path / "trial"


def results(path, rows, value, **more):
    """A table that says of each row what `value(row)` says."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "score", *more])
        writer.writerows([row.id, value(row), *more.values()] for row in rows)
    return path


@pytest.mark.parametrize(
    ("found", "why"),
    [
        pytest.param([], "there is none", id="no task"),
        pytest.param([{"tools": ["book"]}], "tasks.jsonl:1: task: Field required", id="without an id"),
        pytest.param([{"task": "a", "tool": "book"}], "tasks.jsonl:1: tool: Extra", id="a field that is not known"),
        pytest.param([{"task": "a", "tools": ["fly"]}], "a: no-lesson-fits", id="nothing fits"),
        pytest.param([{"task": "a"}], "a: no-lesson-fits", id="nothing is known of it"),
        pytest.param(
            [{"task": "a", "tools": ["book", "pay", "mail"]}], "a: no-text-of-other-tasks", id="all are related"
        ),
        pytest.param(
            [{"task": "a", "goal": "Book a trip for Mia, number 1 of taught.", "tools": ["book"]}],
            "a: taught-the-lessons",
            id="it taught a lesson",
        ),
    ],
)
def test_no_trial(tmp_path, taught, found, why):
    with pytest.raises(AgentHERError, match=why):
        export(taught, tasks(tmp_path, *found), tmp_path / "trial", 1)


def test_three_arms_of_equal_tasks(tmp_path, taught):
    given = [*booking(4), {"task": "t0", "tools": ["pay"]}, {"task": "by words", "goal": "book for a date"}]
    made = export(taught, tasks(tmp_path, *given), tmp_path / "trial", 2)
    assert [(one.task, one.why) for one in made.left_out] == [("t0", "named-twice")]
    _, rows = opened(tmp_path / "trial")
    by_arm = {arm: [row for row in rows if row.arm == arm] for arm in Arm}
    assert {len(some) for some in by_arm.values()} == {5 * 2}
    assert {row.text for row in by_arm[Arm.NONE]} == {""}
    for lesson, other in zip(by_arm[Arm.LESSON], by_arm[Arm.PLACEBO], strict=True):
        assert "`book`" in lesson.text
        assert "`book`" not in other.text
        assert abs(len(other.text) - len(lesson.text)) <= WITHIN * len(lesson.text)
        assert (lesson.task, lesson.repetition) == (other.task, other.repetition)
    turns = {}
    for row in rows:
        turns.setdefault((row.task, row.repetition), []).append(row.turn)
    assert all(sorted(some) == [1, 2, 3] for some in turns.values())
    assert len({tuple(some) for some in turns.values()}) > 1
    assert len({row.id for row in rows}) == len(rows)


def test_equal_tasks_give_equal_bytes(tmp_path, taught):
    for name in ("one", "two"):
        export(taught, tasks(tmp_path, *booking(3)), tmp_path / name, 2)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_placebo_is_cut_where_the_lesson_ends(taught):
    first, *others = lessons(taught)
    long = first.model_copy(update={"instead": f"{first.instead} Then read what came back."})
    for lesson in (long, long.model_copy(update={"wrong": "`book` fails."})):
        cut, size = placebo(lesson, others), len(system_prompt([lesson]))
        assert cut.text.startswith("From earlier runs:\n- ")
        assert cut.text.endswith(".\n")
        assert cut.text.count("“") == cut.text.count("”")
        assert cut.text.count("`") % 2 == 0
        assert abs(len(cut.text) - size) <= WITHIN * size
    assert placebo(first, []) is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(lambda row: float(row.arm == Arm.LESSON), Said.HELPS, id="it helps"),
        pytest.param(lambda row: float(row.arm != Arm.NONE), Said.TOO_FEW, id="any text helps, of few tasks"),
        pytest.param(lambda row: float(row.arm != Arm.LESSON), Said.HARMS, id="it harms"),
    ],
)
def test_what_a_trial_says(tmp_path, trial, value, said):
    done = read(trial, [results(tmp_path / "r.csv", opened(trial)[1], value)], 0.1)
    assert (done.found.said, done.found.tasks, done.found.runs, done.unmatched) == (said, 20, 40, ())
    assert (done.found.needs is None) == (said != Said.TOO_FEW)


def blocks(count, value):
    return [Block(f"t{n}", 1, "l", *map(float, value(n))) for n in range(count)]


@pytest.mark.parametrize(
    ("found_of", "said"),
    [
        pytest.param(blocks(80, lambda _: (0, 1, 1)), Said.NO_BETTER, id="as much as any text"),
        pytest.param(blocks(80, lambda n: (n % 2, n % 2, n % 2)), Said.NO_BETTER, id="nothing changes"),
        pytest.param(blocks(80, lambda n: (1, n % 2, 0)), Said.HARMS, id="less harm than the placebo is harm"),
        pytest.param(blocks(80, lambda n: (n % 2, n % 2, 0)), Said.TOO_FEW, id="better only than a harmful text"),
        pytest.param(blocks(6, lambda _: (0, 1, 0)), Said.HELPS, id="six of six"),
        pytest.param(blocks(5, lambda _: (0, 1, 0)), Said.TOO_FEW, id="five of five come by chance"),
        pytest.param(blocks(5, lambda _: (1, 0, 1)), Said.TOO_FEW, id="so do five harmed of five"),
    ],
)
def test_verdicts(found_of, said):
    assert found(found_of).said == said


def test_intervals_are_newcombes():
    """Two of his own examples, by method 10."""

    def of(both, first, second, neither):
        counts = ((1, 1, both), (1, 0, first), (0, 1, second), (0, 0, neither))
        pairs = [(a, b) for a, b, many in counts for _ in range(many)]
        return difference([a for a, _ in pairs], [b for _, b in pairs])

    assert (of(36, 12, 2, 0).low, of(36, 12, 2, 0).high) == pytest.approx((0.0569, 0.3404), abs=1e-4)
    assert (of(54, 0, 0, 0).low, of(54, 0, 0, 0).high) == pytest.approx((-0.0664, 0.0664), abs=1e-4)
    assert (difference([], []).low, difference([], []).high) == (-1, 1)


def test_results_that_do_not_count_are_named(tmp_path, trial):
    _, rows = opened(trial)
    first = [row for row in rows if (row.task, row.repetition) == ("t0", 1)]
    told = [{"task": "t0", "arm": row.arm, "repetition": 1, "success": row.arm == "lesson"} for row in first]
    away = [{"task": "t9", "arm": "other", "repetition": 1, "success": True}]
    silent = [{"task": "t1", "arm": "none", "repetition": 1, "success": None}]
    half = [{"task": "t2", "arm": "none", "repetition": 1, "success": True}]
    path = tmp_path / "r.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (*told, *away, *silent, *half)), "utf-8")
    done = read(trial, [path], 0.1)
    assert done.blocks == (Block("t0", 1, done.blocks[0].lesson, 0.0, 1.0, 0.0),)
    assert [one.partition(" (")[0] for one in (*done.unmatched, *done.unknown)] == ["t9, other, 1", "t1, none, 1"]
    assert done.incomplete == 1


def test_one_run_does_not_come_out_in_two_ways(tmp_path, trial):
    _, rows = opened(trial)
    one, two = (results(tmp_path / name, rows, lambda _, value=n: value) for n, name in enumerate(("a.csv", "b.csv")))
    assert read(trial, [one, one], 0.1).found.tasks == 20
    with pytest.raises(AgentHERError, match="came out as 0, and as 1"):
        read(trial, [one, two], 0.1)


def test_no_result_and_no_trial(tmp_path, trial, taught):
    with pytest.raises(AgentHERError, match="no task is told with all three arms"):
        read(trial, [results(tmp_path / "r.csv", opened(trial)[1][:1], lambda _: 1)], 0.1)
    with pytest.raises(StoreError, match="holds no trial"):
        opened(taught)
    (trial / "lesson.jsonl").write_bytes((trial / "lesson.jsonl").read_bytes().replace(b"date", b"data"))
    with pytest.raises(StoreError, match="was changed"):
        opened(trial)


def test_logs_are_results(tmp_path, trial):
    _, rows = opened(trial)
    steps = [call("book", GOOD, to="Rome")]
    (tmp_path / "logs").mkdir()
    for row in rows:
        record = {"trajectory_id": row.id, "original_prompt": f"Book {row.id}.", "steps": steps}
        told = {**record, "success": row.arm == Arm.LESSON, "final_answer": "Done."}
        (tmp_path / "logs" / f"{row.id}.json").write_text(json.dumps(told), "utf-8")
    done = read(trial, [tmp_path / "logs"], 0.1)
    assert (done.found.said, done.found.tasks, done.unmatched, done.unknown) == (Said.HELPS, 20, (), ())


def test_results_count_once(tmp_path, trial, taught):
    _, rows = opened(trial)

    def counters():
        return [(one.helpful, one.harmful) for one in lessons(taught) if "book" in one.when.tools]

    def after(value):
        done = read(trial, [results(tmp_path / "r.csv", rows, value)], 0.1)
        return count(taught, done.trial.id, done.blocks).lessons

    assert after(lambda row: float(row.arm == Arm.LESSON)) == 1
    assert counters() == [(40, 0)]
    before = (taught / "lessons.jsonl").read_bytes()
    assert after(lambda row: float(row.arm == Arm.LESSON)) == 0
    assert (taught / "lessons.jsonl").read_bytes() == before
    assert after(lambda row: float(row.arm != Arm.LESSON) if row.repetition == 1 else 1.0) == 1  # mended results
    assert counters() == [(0, 20)]


def test_the_commands(tmp_path, taught):
    def agenther(*arguments):
        return CliRunner().invoke(main, ["lessons", "trial", *map(str, arguments)])

    given = tasks(tmp_path, *booking(20), {"task": "x", "tools": ["fly"]})
    made = agenther("export", taught, given, "--out", tmp_path / "trial")
    assert made.stdout == f"60 runs of 20 tasks in 3 arms, 1 tasks left out -> {tmp_path / 'trial'}/\n"
    assert made.stderr == "left out: x: no-lesson-fits\n"
    assert agenther("export", taught, given, "--out", tmp_path / "trial").exit_code == 1
    table = results(tmp_path / "r.csv", opened(tmp_path / "trial")[1], lambda row: float(row.arm == Arm.LESSON))
    shown = agenther("read", tmp_path / "trial", table, "--count", taught)
    assert "helps beyond the placebo: 20 tasks, 20 runs in each arm" in shown.stdout
    assert "counters of 1 lessons are others now" in shown.stdout
    told = json.loads(agenther("read", tmp_path / "trial", table, "--json").stdout)
    assert (told["said"], told["differences"]["lesson - none"]["value"]) == ("helps beyond the placebo", 1.0)
