"""Goals by rules: what is refused comes first, then what they read like."""

import asyncio

import pytest

from agenther.judges.grounded import grounded
from agenther.pipeline import Crew, Rules, process
from agenther.records import Action, Ending, FailureType, Label, Loop, Reason
from agenther.stages import by_rules
from tests.builders import a_run, a_step

CREW = Crew({"classify": by_rules.classify, "extract": by_rules.extract}, by_rules.relabel, {"grounded": grounded})
USER = "{'plan': 'Basic', 'membership': 'gold'}"


def a_call(n, tool, observation, **arguments):
    return a_step(n, tool, observation, arguments=arguments)


def result_of(*steps, **changes):
    goal = "I am u1, mia_li_3668; what of my order o7?"
    run = a_run(**{"steps": steps, "answer": None, "ending": Ending.GAVE_UP, "goal": goal, **changes})
    return asyncio.run(process(run, CREW, Rules()))


def goals(*steps, **changes):
    return [sample.goal for sample in result_of(*steps, **changes).samples]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(a_call(1, "get_user_details", "Error: no such user", user_id="u1"), id="an error"),
        pytest.param(a_call(1, "get_user_details", "", user_id="u1"), id="silence"),
        pytest.param(a_call(1, "getusrdtls", USER, user_id="u1"), id="a name of no words"),
        pytest.param(a_call(1, "get_details", USER, user_id="u1"), id="a name that says nothing"),
        pytest.param(a_call(1, "for_user", USER, user_id="u1"), id="a name that is half a sentence"),
        pytest.param(a_call(1, "get_user_details", USER, api_key="s3cret"), id="a secret among the inputs"),
        pytest.param(a_call(1, "get_user_details", USER, user={"a": 1}), id="an input that nobody would say"),
        pytest.param(a_call(1, "get_user_details", USER, x="u1"), id="an input without a name"),
        pytest.param(a_call(1, "get_user_details", USER, text="a\nb"), id="an input of several lines"),
        pytest.param(a_call(1, "search_users", USER), id="a search for nothing"),
        pytest.param(a_call(1, "get_user_details", USER, user_id="u-77812"), id="an id that only the run knew"),
        pytest.param(a_call(1, "get_weather", "{'humidity': 8}", latitude=51.48563), id="a place to the inch"),
        pytest.param(a_call(1, "get_users", "[{'age': 3}]", page=2), id="a second page"),
        pytest.param(a_call(1, "get_users_by_age", "[{'city': 'Rome'}]", name="Ann"), id="by what is not told"),
        pytest.param(a_call(1, "pay_fees", "{'receipt': 'F-77'}", amount=3), id="a deed that is no lookup"),
        pytest.param(a_call(1, "get_weather", "{'humidity': 8}"), id="of nothing in particular"),
        pytest.param(a_call(1, "portfolio_get_credit", "{'amount': 8}", name="A"), id="a verb in the middle"),
        pytest.param(a_call(1, "artists_related", "{'city': 'Rome'}", name="A"), id="no noun at the end"),
        pytest.param(a_call(1, "get_imperial_pounds", "{'weight': 8}", height=3), id="a unit"),
        pytest.param(a_call(1, "think", "I think that 7 is right", thought="7"), id="no request at all"),
        pytest.param(a_call(1, "cancel_order", '{"id": "o7", "status": "open"}', id="o7"), id="a change not made"),
        pytest.param(
            a_call(1, "update_order", '{"cabin": "first", "status": "updated"}', cabin="second"),
            id="a change made otherwise",
        ),
        pytest.param(a_step(1, "get_user_details", USER, arguments={}, raw="not json"), id="unreadable inputs"),
    ],
)
def test_rather_no_goal(step):
    assert goals(step) == []


def test_a_service_is_named_where_its_user_named_it_and_as_they_wrote_it():
    step = a_call(1, "routes_for_metro_line_api", "[{'title': 'Red'}, {'tit", day="North")
    asked = "What is the title of the first route for the day North"
    assert goals(step, goal="How long is North? Ask Metro please.") == [f"{asked}?"]
    assert goals(step, goal="How long is North? Ask METRO Line please.") == [f"{asked}, according to METRO Line?"]


def test_the_widest_goal_comes_first_and_each_ends_where_it_is_met():
    orders = a_call(2, "get_order_status", "{'carrier': 'Postal Union'}", order_id="o7")
    samples = result_of(a_call(1, "get_user_details", USER, user_id="u1"), orders).samples
    assert [sample.kind for sample in samples] == ["several", "lookup", "lookup"]
    assert [sample.steps[-1].n for sample in samples] == [2, 1, 2]
    assert samples[0].relevant_steps == (1, 2)
    assert "Postal Union" in samples[0].answer


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            a_call(2, "get_order_details", "{'carrier': 'Postal Union'}", plan="Basic"),
            id="what the other asks for",
        ),
        pytest.param(
            a_call(2, "get_order_status", "{'carrier': 'Postal Union'}", order_id="GOLD77"),
            id="what only the other showed",
        ),
        pytest.param(
            a_call(2, "get_team_details", "{'plan': 'Basic', 'membership': 'gold'}", team_id="u1"),
            id="the same answer",
        ),
        pytest.param(
            a_call(2, "list_teams", "[{'name': 'Red'}, {'name': 'Blue'}]"),
            id="an order beside a question",
        ),
    ],
)
def test_not_every_two_goals_are_one(second):
    first = a_call(1, "get_user_details", USER[:-1] + ", 'card': 'GOLD77'}", user_id="u1")
    kinds = [sample.kind for sample in result_of(first, second).samples]
    assert kinds == ["lookup", "lookup"]


def test_goals_together_are_asked_for_in_one_sentence_and_told_one_by_one():
    orders = a_call(2, "get_order_status", "{'carrier': 'Postal Union'}", order_id="o7")
    both = result_of(a_call(1, "get_user_details", USER, user_id="u1"), orders).samples[0]
    asked = "What are the plan and membership of user u1"
    told = "For user u1, the plan is Basic and the membership is gold."
    assert both.goal == f"{asked}, and what is the carrier of order o7?"
    assert both.answer == f"{told} For order o7, the carrier is Postal Union."


@pytest.mark.parametrize(
    ("steps", "relevant"),
    [
        pytest.param(("user", "order", "sent", "card"), [(1, 2), (1,), (2,)], id="ends before the change"),
        pytest.param(("user", "sent", "order"), [(1,)], id="nothing is left to ask for together"),
        pytest.param(("user", "failed", "order"), [(1, 3), (1,)], id="a change that failed"),
    ],
)
def test_goals_together_end_before_a_change_that_they_do_not_ask_for(steps, relevant):
    acts = {
        "user": ("get_user_details", USER, {"user_id": "u1"}),
        "order": ("get_order_status", "{'carrier': 'Postal Union'}", {"order_id": "o7"}),
        "card": ("get_card_details", "{'holder': 'Mia Li'}", {"card_id": "u1"}),
        "sent": ("send_voucher_x9", "Voucher sent", {"user_id": "u1"}),
        "failed": ("send_voucher_x9", "Error: no voucher", {"user_id": "u1"}),
    }
    calls = [a_call(n, acts[name][0], acts[name][1], **acts[name][2]) for n, name in enumerate(steps, 1)]
    assert [sample.relevant_steps for sample in result_of(*calls).samples] == relevant


def test_lists_together_share_their_verb_and_their_source():
    heroes = a_call(1, "get_heroes_for_lost_isle", "[{'name': 'Ann'}, {'name': 'Cy'}]")
    boats = a_call(2, "get_boats_for_lost_isle", "[{'name': 'Red'}, {'name': 'Blue'}, {'name': 'White'}]")
    both = result_of(heroes, boats, goal="Who is who in Lost Isle?").samples[0]
    assert both.goal == "Name two heroes and three boats from Lost Isle."
    assert both.answer == "Two of the heroes are Ann and Cy. Three of the boats are Red, Blue and White."


def test_a_change_in_a_dialogue_is_left_alone():
    """It may be just what was wrong: whether a policy allowed it cannot be told by rules."""
    asked = a_step(1, "respond", "Yes, o7.", arguments={"content": "Which order?"}, answered_by="user")
    changed = a_call(2, "cancel_order", '{"order": "o7", "status": "cancelled"}', order_id="o7")
    assert goals(asked, changed) == []
    looked = a_call(2, "get_order_status", "{'carrier': 'Postal Union'}", order_id="o7")
    assert goals(asked, looked) == ["What is the carrier of order o7?"]


@pytest.mark.parametrize(
    ("changes", "is_failure"),
    [
        pytest.param({"label": Label(success=True, source="log"), "ending": Ending.GAVE_UP}, False, id="label first"),
        pytest.param({"label": Label(success=False, source="log")}, True, id="labelled a failure"),
        pytest.param({"label": Label(), "ending": Ending.ANSWERED}, None, id="finished: nobody knows"),
        pytest.param({"label": Label(), "ending": Ending.UNKNOWN}, None, id="unknown"),
        pytest.param({"label": Label(), "ending": Ending.STEP_LIMIT}, True, id="ran out of steps"),
        pytest.param({"label": Label(), "failure_reason": "wrong price"}, True, id="the log says why"),
        pytest.param({"label": Label(), "answer": "I'm sorry, I could not find it."}, True, id="an apology"),
        pytest.param({"label": Label(), "answer": "N/A"}, True, id="no answer in words"),
    ],
)
def test_success_is_never_inferred_from_finishing(changes, is_failure):
    run = a_run(**{"answer": "The lamp costs $12.99.", **changes})
    assert asyncio.run(by_rules.classify(run)).is_failure is is_failure


@pytest.mark.parametrize(
    ("observations", "flags", "why"),
    [
        pytest.param(["Error", None], (), "no act of the agent brought anything but errors", id="errors"),
        pytest.param(
            [None, None],
            ("observations-truncated",),
            "the log holds no whole observation of 2 of 2 acts: it was cut when it was written",
            id="a log that was cut",
        ),
        pytest.param(
            [None, "Error"],
            ("observations-truncated",),
            "the log holds no whole observation of 1 of 2 acts: it was cut when it was written, and the others brought"
            " errors",
            id="cut, and errors",
        ),
        pytest.param(
            ["Error"],
            ("observations-truncated",),
            "no act of the agent brought anything but errors",
            id="cut elsewhere",
        ),
    ],
)
def test_why_nothing_was_brought(observations, flags, why):
    steps = tuple(a_step(n, observation=seen) for n, seen in enumerate(observations, 1))
    diagnosis = asyncio.run(by_rules.classify(a_run(steps=steps, flags=flags)))
    assert (diagnosis.recoverable, diagnosis.explanation) == (False, why)


@pytest.mark.parametrize(
    ("changes", "type_"),
    [
        pytest.param({"answer": None}, FailureType.INCOMPLETE, id="no answer"),
        pytest.param({"answer": "The lamp costs $12.99."}, FailureType.WRONG_RESULT, id="grounded, but not it"),
        pytest.param({"answer": "The lamp costs $871.50."}, FailureType.HALLUCINATION, id="a number never seen"),
        pytest.param({"steps": (a_step(observation="Error"),)}, FailureType.TOOL_ERROR, id="errors all the way"),
        pytest.param({"goal": "Why a timeout?", "answer": None}, FailureType.INCOMPLETE, id="the request's words"),
    ],
)
def test_failure_types_look_at_the_run_alone(changes, type_):
    diagnosis = asyncio.run(by_rules.classify(a_run(**changes)))
    assert diagnosis.failure_type is type_
    assert diagnosis.weight == pytest.approx(1 - diagnosis.severity)


def test_the_worse_the_run_the_smaller_its_weight():
    good = asyncio.run(by_rules.classify(a_run(answer=None)))
    errors = (a_step(1), *(a_step(n, observation="Error: down", arguments={"q": str(n)}) for n in (2, 3)))
    bad = asyncio.run(by_rules.classify(a_run(steps=errors, answer=None)))
    assert (good.severity < bad.severity, good.weight > bad.weight) == (True, True)
    assert bad.decisive_step == 2


def test_three_of_the_same_are_a_loop():
    run = a_run(steps=tuple(a_step(n) for n in (1, 2, 3)))
    diagnosis = asyncio.run(by_rules.classify(run))
    assert diagnosis.loops == (Loop(start=1, times=3),)
    assert asyncio.run(by_rules.classify(a_run(steps=(a_step(1), a_step(2))))).loops == ()


# --- pages ---------------------------------------------------------------------------------------

HOME = "Tab 0 (current): Dashboard / Shop Admin\n\n[1] RootWebArea 'Dashboard / Shop Admin'\n\t[3] link 'Orders'"
ORDERS = "Tab 0 (current): Orders / Shop Admin\n\n[1] RootWebArea 'Orders / Shop Admin'\n\t[3] link 'New'"
ELSEWHERE = {"url": "http://x.example/o"}
ROWS = """
[7] columnheader 'Customer'
[8] columnheader 'Total'
[9] row ''
	[10] gridcell 'Ann'
	[11] gridcell '$5.00'"""


def a_page(n, observation, url, name="click", **arguments):
    return a_step(n, name, observation, arguments=arguments or {"element_id": "3"}, url=url)


def test_a_page_that_was_reached():
    assert goals(a_page(1, ORDERS, "/admin"), start=HOME) == ['Open the page "Orders" on Shop Admin.']


def test_a_table_that_was_reached():
    opened = 'Open the page "Orders" on Shop Admin'
    asked = "and tell me the Customer and the Total in the first row of the table."
    assert goals(a_page(1, ORDERS + ROWS, "/admin"), start=HOME) == [f"{opened}, {asked}"]


def test_a_search_that_was_made():
    found = "Tab 0 (current): Search results for: 'desk lamp' | Shop\n[1] x"
    typed = a_page(1, found, "/", "type", element_id="4", text="desk lamp", press_enter=True)
    assert goals(typed, start="Tab 0 (current): Home | Shop\n") == ['Search for "desk lamp" on Shop.']


def test_a_part_of_a_title_is_a_site_only_if_the_run_began_there():
    first = a_page(1, "Tab 0 (current): tova / riverbed\n[1] x", "/")
    second = a_page(2, "Tab 0 (current): issues / riverbed\n[1] x", "/tova")
    assert goals(first, second, start="Tab 0 (current): Projects · Forge\n") == [
        'Open the page "issues / riverbed".',
        'Open the page "tova / riverbed".',
    ]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((a_page(1, HOME, "/admin"),), id="nothing changed"),
        pytest.param((a_page(1, "Tab 0 (current): 404 Not Found\n", "/admin"),), id="an error page"),
        pytest.param((a_page(1, "Tab 0 (current): Shop Admin\n[2] textbox 'Password'", "/a"),), id="a sign-in page"),
        pytest.param((a_page(1, "Tab 0 (current): Shop Admin\n[2] x", "/admin"),), id="thrown out to the root"),
        pytest.param((a_page(1, ORDERS, "/admin", "go_back"),), id="by going back"),
        pytest.param(
            (a_step(1, "goto", ORDERS, arguments=ELSEWHERE, url="/a"),),
            id="by an address from nowhere",
        ),
        pytest.param((a_page(1, ORDERS.replace("Orders", "Search results"), "/a"),), id="results of no search"),
        pytest.param(
            (a_page(1, "x", "/a"), a_page(2, "y", "/b"), a_page(3, "z", "/a"), a_page(4, ORDERS, "/c")),
            id="by a detour",
        ),
    ],
)
def test_no_page_was_reached(steps):
    assert goals(*steps, start=HOME) == []


def test_what_nothing_was_achieved_in_says_so():
    rejection = result_of(a_call(1, "getusrdtls", USER, user_id="u1")).rejection
    assert (rejection.stage, rejection.reason) == ("extract", Reason.NOTHING_ACHIEVED)
    assert a_run().steps[0].action == Action(name="search", arguments={"q": "brass desk lamp"})
