"""How attributions are held against what people say: what counts, what does not, and why."""

import pytest
from builders import a_run, a_step

from agenther.attribution.evaluate import PRIOR, RANDOM, evaluation
from agenther.attribution.labels import Label as Read
from agenther.attribution.labels import Truth, label
from agenther.records import Attribution, Blame, Label, Source, Spent, Suspect

SOURCE = Source(format="crew", path="a.json")


def a_crew_run(agents="ABA", blame=None, **changes):
    """A step for each letter, by the agent of that name, in messages 1, 3, 5 …: 0 is the request."""
    steps = tuple(
        a_step(n, "respond", f"seen {n}", arguments={"content": f"said {n}"}, agent=agent, message=2 * n - 1)
        for n, agent in enumerate(agents, 1)
    )
    return a_run(steps=steps, blame=blame, **changes)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        pytest.param(a_crew_run(blame=Blame(agent="A")), "it names no step", id="no message"),
        pytest.param(a_crew_run(blame=Blame(message=7)), "it names message 7, and the last is 6", id="beyond the run"),
        pytest.param(
            a_crew_run(blame=Blame(message=0)), "it names message 0, and the first act is in message 1", id="before it"
        ),
        pytest.param(
            a_crew_run("A", blame=Blame(agent="A", message=1)),
            "the run has one step, which is right whoever names it",
            id="one step",
        ),
        pytest.param(a_crew_run("", blame=Blame(message=1)), "the run has no step", id="no step"),
        pytest.param(
            a_run(blame=Blame(message=1)), "the log does not tell which of its messages are steps", id="no messages"
        ),
        pytest.param(
            a_crew_run(blame=Blame(message=1), label=Label(success=True, source="is_correct")),
            "the log says that the run met its goal (is_correct)",
            id="a success",
        ),
    ],
)
def test_a_label_that_does_not_fit_is_left_out_with_its_reason(run, why):
    found = label(run)
    assert found == Read(run.source, None, why)
    said = Attribution(run_id=run.id, suspects=(Suspect(step=1, agent="A", weight=1),), method="m")
    told = evaluation([found], {"m": {run.id: said}})
    assert (told.runs, told.unusable) == (0, (("shop/runs.jsonl:1", why),))
    assert all(score.step.of == 0 for score in told.scores)


@pytest.mark.parametrize(
    ("agents", "blame", "step", "agent", "doubt"),
    [
        pytest.param("ABA", Blame(agent="B", message=3), 2, "B", False, id="an act"),
        pytest.param("ABA", Blame(agent="B", message=4), 2, "B", False, id="what came back of it"),
        pytest.param("ABA", Blame(agent="B", message=6), 3, "B", False, id="what came back last"),
        pytest.param("ABA", Blame(agent="A", message=3), 2, "A", False, id="another's act"),
        pytest.param("ABA", Blame(agent="C", message=3), 2, None, True, id="who never acts"),
        pytest.param("ABA", Blame(message=3), 2, None, False, id="nobody"),
        pytest.param("AAA", Blame(agent="A", message=3), 2, None, False, id="the only one"),
        pytest.param("A" * 500, Blame(agent="A", message=999), 500, None, False, id="a long run"),
    ],
)
def test_a_label_that_fits(agents, blame, step, agent, doubt):
    found = label(a_crew_run(agents, blame=blame))
    assert (found.truth.step, found.truth.agent, bool(found.unusable)) == (step, agent, doubt)


def test_a_run_that_nobody_read_has_none():
    assert label(a_crew_run()) is None


def a_truth(number, step, agents="ABCABC", task=None):
    return Truth(f"r{number}", task or f"t{number}", "", step, agents[step - 1], tuple(agents))


def scores(truths, ranked, **more):
    found = {
        "m": {
            run: Attribution(
                run_id=run, suspects=tuple(Suspect(step=step, agent="", weight=0) for step in steps), method="m"
            )
            for run, steps in ranked.items()
        }
    }
    told = evaluation([Read(SOURCE, truth) for truth in truths], found, **more)
    return told, {score.method: score for score in told.scores}


def test_what_counts():
    truths = [a_truth(1, 2), a_truth(2, 2), a_truth(3, 6), a_truth(4, 1)]
    _, by_name = scores(truths, {"r1": (2, 1), "r2": (5, 2), "r3": (3,)})
    counted = by_name["m"].model_dump(include={"agent", "step", "top2", "off_by_1", "off_by_3"})
    assert {name: share["part"] for name, share in counted.items()} == {
        "agent": 3,  # step 5 is B's too, step 3 C's as step 6
        "step": 1,
        "top2": 2,
        "off_by_1": 1,
        "off_by_3": 3,
    }
    assert all(share["of"] == 4 for share in counted.values())  # one that is not found is wrong


def test_nothing_is_found_by_a_part_of_a_number():
    _, by_name = scores([a_truth(1, 1, "A" * 12)], {"r1": (11,)})
    assert by_name["m"].step.part == 0


def test_the_prior_knows_other_tasks_alone():
    truths = [a_truth(1, 2, task="t"), a_truth(2, 2, task="t"), a_truth(3, 4), a_truth(4, 4)]
    _, by_name = scores(truths, {})
    assert by_name[PRIOR].step.part == 0
    assert by_name[PRIOR].step.units == 3


def test_chance_is_the_mean_of_drawing():
    _, by_name = scores([a_truth(number, 1) for number in range(12)], {})
    chance = by_name[RANDOM]
    assert (chance.step.part, chance.top2.part, chance.off_by_1.part, chance.agent.part) == (2, 4, 4, 4)


def test_more_than_the_prior_is_told_run_by_run():
    truths = [a_truth(number, 1 + number % 6) for number in range(60)]
    _, by_name = scores(truths, {truth.run_id: (truth.step,) for truth in truths})
    mean, low, high = by_name["m"].over_prior
    assert low <= mean <= high
    assert low > 0.6
    _, worst = scores(truths, {})
    assert worst["m"].over_prior[2] <= 0.2


def test_what_it_took_is_counted_for_each_run():
    spent = [
        Spent(run_id=run, stage="attribute", model="m", calls=calls, retries=0, uncounted=0, prompt=1, cached=0,
              completion=1, usd=usd)
        for run, calls, usd in (("r1", 1, 0.5), ("r1", 2, 0.25), ("r2", 1, 0.25))
    ]  # fmt: skip
    told, _ = scores([a_truth(1, 1), a_truth(2, 1)], {"r1": (1,), "r3": (1,), "r4": (2,)}, spent={"m": spent})
    assert told.took[0].model_dump() == {"method": "m", "calls": 1.0, "usd": 0.25, "cut": 0}
    told, _ = scores([a_truth(1, 1)], {"r1": (1,)}, spent={"m": []})
    assert told.took == ()
