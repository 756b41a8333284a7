"""Samples and runs of every shape that a trainer may meet, in tasks that fall on either side of the split."""

from builders import GOAL, NEW_GOAL, PAGE, a_run, a_sample, a_step, a_tool, some_steps

from agenther.judges.grounded import proof
from agenther.packagers.selection.select import Known
from agenther.records import Evidence, Judged, Label, Proposal, Sample, Tool, Trajectory

TRAIN, TEST = ("13", "0"), ("19", "21")
"""Tasks whose rows fall on either side."""

FIND = a_step(1, arguments={"q": "lamp", "filter": {"colour": ["brass", None], "max": 40.5}}, thought="I look.")
ODD_TOOL = Tool(name="pay", parameters={"properties": {"on": {"type": "boolean", "example_value": 1}}})
NOWHERE = a_step(2, "back", None)


def in_shop(name, item):
    """The same in another shop, of another task: another original goal, and other results."""
    steps = tuple(
        step.model_copy(update={"observation": f"{step.observation}\nShop {name}"}) if step.observation else step
        for step in item.steps
    )
    goal = "goal" if isinstance(item, Trajectory) else "original_goal"
    return item.model_copy(update={"steps": steps, goal: f"{GOAL} In shop {name}."})


def samples():
    """Runs of every shape: thoughts or none, a page seen first, calls in parallel, tools told or not."""
    first, second = some_steps()
    shapes = [
        {},
        {"system": None, "tools": ()},
        {"start": "Page: Shop\n[1] link 'Lamps'", "tools": (a_tool("search"), ODD_TOOL)},
        {"steps": (first, second.model_copy(update={"turn": 1}))},
        {"steps": (FIND, NOWHERE), "relevant_steps": (1, 2), "claims": (), "goal_seen": False},
        {"steps": (first, a_step(2, "weather", "Grey skies"), second.model_copy(update={"n": 3, "turn": 3}))}
        | {"relevant_steps": (1, 3), "claims": ()},
    ]
    for n, changes in enumerate(shapes):
        for task in (*TRAIN, *TEST):
            goal = f"{NEW_GOAL} It is number {task}-{n}."
            yield in_shop(task, a_sample(**{**changes, "id": f"{task}-{n}", "task_id": task, "goal": goal}))


def runs():
    for task in (*TRAIN, *TEST):
        yield in_shop(task, a_run(id=f"bad-{task}", task_id=task))
        step = a_step(2, "open", "Dot lamp, $4", arguments={"id": "L-4"}) if task in TRAIN else a_step(2, "pay", PAGE)
        good = a_run(id=f"good-{task}", task_id=task, label=Label(success=True), steps=(a_step(1), step), answer="$4.")
        yield in_shop(task, good)
        aside = a_step(2, "weather", "Grey skies")
        yield in_shop(task, a_run(id=f"lost-{task}", task_id=task, steps=(a_step(1), aside), answer="It is grey."))


def hindsight():
    """Goals of the first failures among `runs`, in their order; the second ones miss them."""
    for task in (*TRAIN, *TEST):
        claims = (Evidence(text="it costs $12.99", step=2, quote="in stock"),)
        goal = f"{NEW_GOAL} Of task {task}."
        own = a_sample(id=f"own-{task}", run_id=f"bad-{task}", task_id=task, goal=goal, claims=claims)
        yield in_shop(task, own)


def stuck():
    """A step that does not serve the goal, and that cannot be cut out since the next one takes a value from it."""
    aside = a_step(2, "weather", "Grey skies over the W-31 station", thought="Let me see the sky.")
    last = a_step(3, "open", PAGE, arguments={"id": "W-31"})
    yield a_sample(
        id="stuck", goal="Tell the price of item W.", steps=(a_step(1), aside, last), relevant_steps=(1, 3), claims=()
    )


# --- near-misses ---------------------------------------------------------------------------------

DEPOTS = ("1", "2", "13", "18")
"""Tasks in another benchmark, the last two of the test split: each with a success, with two failures of which one came
nearer, and with a near-miss.
"""


def in_depots(make):
    """What `make` gives of each task; all of it is called after the task."""
    for task in DEPOTS:
        for item in make():
            name = {"id": f"{item.id} of depot {task}"}
            if isinstance(item, Sample):
                name |= {"run_id": f"{item.run_id} of depot {task}", "goal": _depot_goal(task)}
            yield in_shop(f"depot {task}", item.model_copy(update={**name, "benchmark": "depot", "task_id": task}))


def _depot_goal(task):
    return f"{NEW_GOAL} It is for depot {'ABCD'[DEPOTS.index(task)]}."


def _goes_for(name, lamp, page, **label):
    steps = (a_step(1), a_step(2, "open", page, arguments={"id": lamp}))
    told = Label(**{"success": False, "source": "log", "reward_by": "score", **label})
    return a_run(id=name, steps=steps, label=told, answer=f"I took {lamp}.")


def depot_runs():
    return in_depots(
        lambda: [
            _goes_for("own", "L-77", PAGE),
            _goes_for("good", "L-4", "Dot lamp, $4", success=True),
            _goes_for("near", "A-1", "Nib lamp, $5.50", reward=0.75),
            _goes_for("far", "A-2", "A chair", reward=0.25),
        ]
    )


CLAIMS = (
    Evidence(text="the list names L-77", step=1, quote="L-77"),
    Evidence(text="it is a brass desk lamp", step=1, quote="brass desk lamp"),
    Evidence(text="it costs $12.99", step=2, quote="$12.99"),
)


def depot_samples():
    return in_depots(lambda: [a_sample(id="own-1", run_id="own", claims=CLAIMS)])


def of_depots():
    """What is known of their runs: where one failed, and a goal that was refused for an answer from nowhere."""
    told = {"claims": CLAIMS, "end_step": 2, "relevant_steps": (1, 2), "answer": "It costs $14.50.", "confidence": 0.9}
    proposals = [
        Proposal(run_id=run.id, goal=_depot_goal(run.task_id), answer_source="grounded", **told)
        for run in depot_runs()
        if run.id.startswith("own")
    ]
    decisive = {run.id: 2 for run in depot_runs() if run.id.startswith("far")}
    return Known(decisive, lambda: (Judged(proposal=one, accepted=False) for one in proposals), proof)
