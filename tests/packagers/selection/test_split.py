"""What never stands on both sides of a split, and which side it is on."""

from itertools import chain

import pytest
from builders import a_run, a_sample, a_step, a_tool
from hypothesis import given
from hypothesis import strategies as some

from agenther.packagers.base import LeftOut
from agenther.packagers.selection.choices import Choices, SplitBy
from agenther.packagers.selection.sameness import of_opening, plain
from agenther.packagers.selection.select import select
from agenther.packagers.selection.split import FEW, TEST_SHARE, Groups, bar, group, share, side, task
from agenther.packagers.table import PACKAGERS
from agenther.records import Label, Sample

NUMBERS = some.integers(0, 30)
GOALS = NUMBERS.map("Open item {}.".format) | NUMBERS.map("Please open the item {}!".format)


def grouping(items, by, held=None):
    groups = Groups(by, held or {})
    for item in items:
        assert groups.join(item)
    return groups


@some.composite
def logs(draw):
    """A run of one search and two samples of it, with much that another run may have too."""
    told = {
        "task_id": draw(some.just("") | NUMBERS.map(str)),
        "template": draw(some.just("") | NUMBERS.map(str)),
        "domain": draw(some.just("") | NUMBERS.map(str)),
        "tools": (a_tool(f"tool_{draw(NUMBERS)}"),),
        "steps": (a_step(1, arguments={"q": str(draw(NUMBERS))}),),
    }
    goal, name = draw(GOALS), str(draw(some.uuids()))
    run = a_run(id=name, goal=goal, **told, answer="Yes.", label=Label(success=draw(some.booleans())))
    made = [
        a_sample(id=f"{name}.{n}", run_id=name, original_goal=goal, relevant_steps=(1,), goal=draw(GOALS), **told)
        for n in range(draw(some.integers(0, 2)))
    ]
    return run, made


def given_away(item, by):
    """All that no other side may have."""
    yield task(item)
    yield plain(item.original_goal if isinstance(item, Sample) else item.goal)
    if by in {SplitBy.TEMPLATE, SplitBy.SITE}:
        name = item.template if by is SplitBy.TEMPLATE else item.domain
        yield f"{by}:{name or task(item)}"
    if by is SplitBy.TOOLS:
        yield item.tools[0].name
    if isinstance(item, Sample):
        yield plain(item.goal)
        yield of_opening(item)


@given(some.lists(logs(), max_size=30), some.sampled_from(SplitBy), some.booleans())
def test_nothing_stands_on_both_sides(read, by, with_successes):
    runs, samples = [run for run, _ in read], [sample for _, made in read for sample in made]
    chosen = Choices(split_by=by, with_successes=with_successes)
    selection = select(lambda _ids=None: iter(samples), lambda: iter(runs), chosen)
    sides = {"train": set(), "test": set()}
    prompts = {"train": set(), "test": set()}
    kto, dpo = PACKAGERS["kto"].parts[""], PACKAGERS["dpo"].parts[""]
    for item in chain((pick.sample for pick in selection.batch.picks()), selection.batch.runs()):
        sides[selection.side(selection.batch.group(item))].update(given_away(item, by))
    for row in chain(*(kto.rows(pick) for pick in selection.batch.picks()), dpo.pairs(selection.batch)):
        if not isinstance(row, LeftOut):
            prompts[selection.side(row["group"])].add(repr(row["prompt"]))
    assert not sides["train"] & sides["test"]
    assert not prompts["train"] & prompts["test"]
    assert all(pick.split == selection.side(pick.group) for pick in selection.batch.picks())
    if len({pick.group for pick in selection.batch.picks()}) >= FEW:
        assert {pick.split for pick in selection.batch.picks()} == {"train", "test"}


@given(some.lists(logs(), max_size=20), some.sampled_from(SplitBy), some.randoms())
def test_groups_do_not_depend_on_the_order(read, by, random):
    items = [item for run, made in read for item in (run, *made)]
    of = grouping(items, by)
    shuffled = random.sample(items, len(items))
    assert [grouping(shuffled, by)(item) for item in items] == [of(item) for item in items]


# --- groups --------------------------------------------------------------------------------------


def test_groups():
    one, other = a_run(template="t", domain="books", tools=()), a_sample(template="t", domain="books", tools=())
    for by, key in {"template": "template:t", "task": "task:shop/7"}.items():
        of = grouping([], SplitBy(by))
        assert of(one) == of(other) == key
    assert grouping([one], SplitBy.SITE)(one) == grouping([one], SplitBy.SITE)(other)
    assert (group(one), task(one)) == ("template:t", "task:shop/7")


@pytest.mark.parametrize(("by", "changes"), [("site", {"domain": "books"}), ("tools", {"tools": (a_tool("buy"),)})])
def test_runs_of_one_task_stay_together_and_so_do_all_that_share_a_site_or_tools(by, changes):
    runs = [a_run(task_id="1", domain="lamps"), a_run(task_id="1", **{"domain": "lamps", **changes})]
    others = [a_run(task_id="2", goal="Find a chair.", **{"domain": "lamps", **changes})]
    far = a_run(task_id="3", goal="Fly to Rio.", domain="far", tools=(a_tool("fly"),))
    of = grouping([*runs, *others, far], SplitBy(by))
    assert len({of(run) for run in (*runs, *others)}) == 1
    assert of(far) != of(runs[0])
    backwards = grouping([far, *others, *reversed(runs)], SplitBy(by))
    assert [backwards(run) for run in (*runs, far)] == [of(run) for run in (*runs, far)]


AFAR = {"original_goal": "Fly to Rio.", "goal": "Fly.", "task_id": "9", "steps": (a_step(1, "fly", "Rio"),)}
"""A sample that has nothing in common with the default one."""


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"task_id": "7", "template": "t"}, True, id="the task, of which one run names no template"),
        pytest.param({"original_goal": "find the desk lamp under $5"}, True, id="the original goal"),
        pytest.param({"goal": a_sample().goal.upper()}, True, id="the goal"),
        pytest.param({"goal": a_sample().original_goal}, True, id="a goal that was the other's original one"),
        pytest.param({"steps": (a_step(1),)}, True, id="the opening"),
        pytest.param({"steps": (a_step(1), a_step(2, "fly")), "relevant_steps": (2,)}, False, id="an act for nothing"),
        pytest.param({"steps": (a_step(1, observation="[]"),)}, False, id="the same act with another result"),
    ],
)  # fmt: skip
def test_what_joins_two_tasks(changes, together):
    one, other = a_sample(), a_sample(**{**AFAR, **changes})
    of = grouping([one, other], SplitBy.TEMPLATE)
    assert (of(one) == of(other)) is together


@pytest.mark.parametrize(
    "step", [a_step(1, arguments={}), a_step(1, observation=None), a_step(1, observation=""), a_step(2)]
)
def test_no_opening(step):
    assert of_opening(a_sample(steps=(step,), relevant_steps=(1,))) == ""


def test_goals_without_a_word_are_not_all_the_same():
    one, other = a_run(task_id="", goal="?!"), a_run(task_id="", goal="...")
    of = grouping([one, other], SplitBy.TASK)
    assert of(one) != of(other)


# --- sides ---------------------------------------------------------------------------------------

NAMES = some.lists(some.text(max_size=4), unique=True, max_size=60)


def test_few_groups_have_no_test_split_unless_the_hash_says_so():
    assert bar([]) == TEST_SHARE
    trained = [key for key in map(str, range(40)) if side(key) == "train"]
    assert bar(trained[: FEW - 1]) == TEST_SHARE
    raised = bar(trained[:FEW])
    assert [side(key, raised) for key in trained[:FEW]].count("test") == 1
    assert bar([*trained[:FEW], next(key for key in map(str, range(40)) if side(key) == "test")]) == TEST_SHARE


@given(NAMES, NAMES)
def test_what_is_in_train_stays_there_when_groups_are_added(names, others):
    groups = {*names, *map(str, range(FEW))}
    before, after = bar(groups), bar(groups | {*others})
    trained = {key for key in groups if side(key, before) == "train"}
    assert all(side(key, after) == "train" for key in trained)
    assert any(share(key) < after for key in groups | {*others})


@given(some.lists(logs(), max_size=20), some.lists(logs(), max_size=20), some.sampled_from(SplitBy))
def test_sides_of_earlier_rounds_hold(first, second, by):
    old = [item for run, made in first for item in (run, *made)]
    before = grouping(old, by)
    before.raise_bar(map(before, old))
    told = {key: side for side, keys in before.sides().items() for key in keys}
    after = Groups(by, told)
    assert all(map(after.join, old))
    joined = [*old, *(item for run, made in second for item in (run, *made) if after.join(item))]
    after.raise_bar(map(after, joined))
    assert [after.side(after(item)) for item in old] == [before.side(before(item)) for item in old]
    found = {"train": set(), "test": set()}
    for item in joined:
        found[after.side(after(item))].update(given_away(item, by))
    assert not found["train"] & found["test"]
