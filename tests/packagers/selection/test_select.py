"""Which samples go into the datasets: first those that do not."""

import pytest
from builders import ANSWER, GOAL, NEW_GOAL, a_pick, a_run, a_sample, a_step, some_steps

from agenther.packagers.base import LeftOut
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.sameness import SAME_PAIR, plain
from agenther.packagers.selection.select import HELD_OUT, SAME_GOAL, TOO_MANY, select
from agenther.packagers.selection.successes import successes
from agenther.packagers.selection.weights import efficiency, weight
from agenther.packagers.table import PACKAGERS
from agenther.records import SET_ASIDE, Label


def selected(*samples, runs=(), **choices):
    return select(lambda _ids=None: iter(samples), lambda: iter(runs), Choices(**choices))


def ids(selection):
    return [pick.sample.id for pick in selection.batch.picks()]


# --- the same again ------------------------------------------------------------------------------


def test_exact_copies_are_left_out_whatever_else_differs():
    selection = selected(
        a_sample(id="a", weight=0.4),
        a_sample(id="b", run_id="r", task_id="9", benchmark="other", system=None, weight=1.0),
        a_sample(id="c"),
    )
    assert ids(selection) == ["a"]
    assert [miss.why for miss in selection.left_out] == ["the same pair as a", "the same pair as a"]


def test_a_run_that_is_read_from_two_files_gives_its_samples_once():
    source = a_sample().source
    copies = [
        a_sample(id=f"{path}.{n}", run_id=path, goal=f"{NEW_GOAL} {n}", source=source.model_copy(update={"path": path}))
        for path in ("a.jsonl", "copy/a.jsonl")
        for n in range(3)
    ]
    selection = selected(*copies)
    assert ids(selection) == [f"a.jsonl.{n}" for n in range(3)]
    assert selection.left_out == [LeftOut(f"copy/a.jsonl.{n}", SAME_PAIR, f"a.jsonl.{n}") for n in range(3)]


@pytest.mark.parametrize(
    "goal",
    [
        pytest.param(NEW_GOAL.upper(), id="case"),
        pytest.param(NEW_GOAL.replace(" ", "\n "), id="spaces"),
        pytest.param(NEW_GOAL.rstrip(".") + "!", id="punctuation"),
        pytest.param("Please find brass desk lamps in a shop and tell me its price.", id="articles and endings"),
    ],
)
def test_of_goals_that_say_the_same_the_best_is_kept(goal):
    selection = selected(
        a_sample(id="worse", confidence=0.5),
        a_sample(id="best", goal=goal, confidence=0.8),
        a_sample(id="detour", goal=goal, answer="$12.99", confidence=0.9, steps=(*some_steps(), a_step(3), a_step(4))),
    )
    assert ids(selection) == ["best"]
    assert set(selection.left_out) == {LeftOut("worse", SAME_GOAL, "best"), LeftOut("detour", SAME_GOAL, "best")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Find a flight from Oslo to Rio.", "Find a flight from Rio to Oslo."),
        ("Open item 4.", "Open item 5."),
        ("Open item 1.5.", "Open item 15."),
        ("Search for C++.", "Search for C#."),
        ("Find lamps with a switch.", "Find lamps without a switch."),
        ("Go to Goa.", "Go to Rio."),
    ],
)
def test_goals_that_differ(one, other):
    assert plain(one) != plain(other)
    assert len(ids(selected(a_sample(id="a", goal=one), a_sample(id="b", goal=other)))) == 2


@pytest.mark.parametrize("changes", [{"domain": "books"}, {"benchmark": "library"}])
def test_the_same_goal_on_another_site_is_another_sample(changes):
    assert ids(selected(a_sample(id="a"), a_sample(id="b", answer="$13", **changes))) == ["a", "b"]


# --- what the user leaves out --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["7", "shop/7", GOAL, "t9"])
def test_held_out_tasks_are_kept_out_of_everything(name):
    sample, run = a_sample(template="t9"), a_run(template="t9")
    selection = selected(sample, runs=(run,), holdout={name}, with_successes=True)
    assert ids(selection) == []
    assert list(selection.batch.runs()) == []
    assert selection.left_out == [LeftOut(sample.id, HELD_OUT)]


def test_other_tasks_are_not_held_out():
    selection = selected(a_sample(task_id="", template=""), runs=(a_run(task_id=""),), holdout={"7", "", "shop"})
    assert len(ids(selection)) == len(list(selection.batch.runs())) == 1


def test_a_held_out_copy_does_not_stand_for_another():
    assert ids(selected(a_sample(id="a", task_id="1"), a_sample(id="b"), holdout={"1"})) == ["b"]


def test_the_best_of_each_type():
    samples = [
        a_sample(id=f"{kind}{n}", kind=kind, goal=f"{kind} {n}", confidence=n / 10) for kind in "xy" for n in (1, 3, 2)
    ]
    selection = selected(*samples, max_per_type=2)
    assert ids(selection) == ["x3", "x2", "y3", "y2"]
    assert selection.left_out == [LeftOut("x1", TOO_MANY), LeftOut("y1", TOO_MANY)]


# --- weights -------------------------------------------------------------------------------------


def test_efficiency_is_that_of_hsl():
    assert efficiency(a_sample()) == 2
    assert efficiency(a_sample(relevant_steps=(2,))) == pytest.approx(0.5**0.8)
    assert efficiency(a_sample(relevant_steps=())) == efficiency(a_sample(steps=(), relevant_steps=(1,))) == 0


def test_efficiency_has_a_mean_of_one_over_the_batch():
    short = a_sample(id="short", goal="Look.", relevant_steps=(2,), weight=1.0)
    long = a_sample(id="long", weight=1.0)
    picks = list(selected(short, long, a_sample(id="copy")).batch.picks())
    assert sum(pick.weight for pick in picks) / 2 == pytest.approx(1)
    assert picks[0].weight < 1 < picks[1].weight
    assert weight(a_sample(weight=0.5), efficiency(a_sample())) == 0.5
    assert weight(a_sample(relevant_steps=()), 0.0) == a_sample().weight


def test_a_goal_counts_as_many_times_as_much_as_one_of_its_steps():
    first, second = some_steps()
    several = a_sample(id="several")
    single = a_sample(id="single", goal="Search for lamps.", steps=(first,), relevant_steps=(1,))
    detour = a_sample(id="detour", goal="Open L-77.", steps=(first, second), relevant_steps=(2,))
    weights = {pick.sample.id: pick.weight for pick in selected(several, single, detour).batch.picks()}
    assert weights["several"] == pytest.approx(2 * weights["single"], abs=1e-5)
    assert weights["detour"] == pytest.approx(0.5**0.8 * weights["single"], abs=1e-5)


@pytest.mark.parametrize("name", [name for name in PACKAGERS if name != "openai"])
def test_every_row_of_a_sample_tells_its_weight(name):
    for part in PACKAGERS[name].parts.values():
        for row in part.rows(a_pick(0.37)):
            assert row.get("extra", row)["weight"] == 0.37


# --- successes -----------------------------------------------------------------------------------

GOOD = Label(success=True, source="reward")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": Label(success=False)}, id="a failure"),
        pytest.param({"label": Label()}, id="nobody knows"),
        pytest.param({"goal_seen": False}, id="a goal that the agent never saw"),
        pytest.param({"answer": None}, id="no answer"),
        pytest.param({"steps": (a_step(1, final=True),)}, id="no act"),
        pytest.param({"steps": (a_step(1, answered_by="user"),)}, id="a dialogue"),
        pytest.param({"flags": (SET_ASIDE,)}, id="results were set aside"),
    ],
)
def test_no_success_to_show(changes):
    assert list(successes([a_run(**{"label": GOOD, **changes})])) == []


def test_successes_are_packed_along_and_marked():
    run = a_run(label=GOOD, answer=ANSWER)
    selection = selected(a_sample(id="a"), runs=(run,), with_successes=True)
    assert ids(selection) == ["a", f"{run.id}.0"]
    (success,) = successes([run])
    assert (success.kind, success.goal, success.by, success.relevant_steps) == ("success", GOAL, "reward", (1, 2))
    assert ids(selected(a_sample(id="a"), runs=(run,))) == ["a"]
