"""The mechanical judge, refusals first: each case changes one thing of a proposal that it consents to."""

import asyncio
from typing import Any

import pytest
from builders import a_run, a_step
from objections import is_said, objections

from agenther.judges.grounded import RULES, grounded
from agenther.records import Evidence, Proposal, Trajectory

TYPED = Evidence(text="a brass desk lamp", step=1, quote="brass desk lamp")
PRICE = Evidence(text="the price is shown", step=2, quote="$12.99")


def a_proposal(**changes: Any) -> Proposal:
    fields = {
        "run_id": "r",
        "goal": "Find a brass desk lamp in the shop and tell me its price.",
        "claims": (TYPED, PRICE),
        "end_step": 2,
        "relevant_steps": (1, 2),
        "answer": "The Orbit brass desk lamp costs $12.99.",
        "answer_source": "grounded",
        "confidence": 0.8,
    }
    return Proposal(**{**fields, **changes})


def judged(run: Trajectory | None = None, **changes: Any) -> tuple[str, ...]:
    return objections(run or a_run(), a_proposal(**changes))


def claims(step: int, quote: str) -> dict[str, Any]:
    return {"claims": (PRICE, Evidence(text="?", step=step, quote=quote))}


CASES = [
    pytest.param({"claims": ()}, "shape", id="no claim at all"),
    pytest.param({"answer": "  "}, "shape", id="no answer"),
    pytest.param({"end_step": 9}, "shape", id="ends after the run"),
    pytest.param({"relevant_steps": ()}, "shape", id="no step serves it"),
    pytest.param({"relevant_steps": (1, 3)}, "shape", id="a step after the end serves it"),
    pytest.param({"end_step": 1, "relevant_steps": (1,)}, "shape", id="cites what came after the end"),
    pytest.param(claims(2, "$12.98"), "quotes", id="a quote with one digit changed"),
    pytest.param(claims(1, "$12.99"), "quotes", id="a quote from another step"),
    pytest.param(claims(2, "orbit brass"), "quotes", id="a quote in other letters"),
    pytest.param(claims(2, " "), "quotes", id="a blank quote"),
    pytest.param(claims(2, ","), "quotes", id="a quote of one comma"),
    pytest.param({"goal": "Lamp"}, "natural", id="no request"),
    pytest.param({"goal": "Do step 77 of it and tell me the price."}, "natural", id="speaks of steps"),
    pytest.param({"goal": "Find 3 brass desk lamps and tell me the price."}, "invented", id="a number from nowhere"),
    pytest.param({"goal": "Tell me the price of lamp L-78."}, "invented", id="an id with one digit changed"),
    pytest.param({"goal": "Find a lamp that I can have on May 3, 2024."}, "invented", id="a date from nowhere"),
    pytest.param({"goal": "Find the lamp at https://shop.example/l and tell me more."}, "invented", id="an address"),
    pytest.param({"goal": 'Find a "copper desk lamp" and tell me its price.'}, "invented", id="other quoted words"),
    pytest.param({"goal": "Find a lamp by Lumina and tell me its price."}, "names", id="a name from nowhere"),
    pytest.param({"goal": "Find a desk lamp under $5."}, "same", id="the old goal's unmet price"),
    pytest.param({"goal": "Find a brass lamp and tell me the first five prices."}, "counts", id="more than was shown"),
    pytest.param({"goal": "Find the cheapest brass desk lamp and tell me its price."}, "degree", id="a superlative"),
    pytest.param({"goal": "Find a brass desk lamp and mail the price to my wife."}, "unclaimed", id="an errand"),
    pytest.param({"goal": "Find the brass lamps from L-77 to L-77 and tell me the price."}, "twice", id="twice"),
    pytest.param({"goal": "Which lamp costs $12.99? Tell me."}, "leak", id="gives the price away"),
    pytest.param({"answer": "A brass desk lamp, in the shop."}, "answer", id="an answer that says nothing"),
    pytest.param({"answer": "It costs $11.99."}, "invented", id="an answer with another number"),
    pytest.param({"answer": "1. Orbit\n\n7. brass, $12.99"}, "unproven", id="a number that counts no lines"),
    pytest.param({"answer": "1. Orbit\n2. brass\n3. desk lamp, $12.99"}, None, id="the numbers of a list's lines"),
    pytest.param({"answer": 'It is the "Lumina" lamp, $12.99.'}, "invented", id="an answer with another name"),
    pytest.param({"answer": "I could not find what you wanted. It costs $12.99."}, "answer", id="an excuse"),
    pytest.param(
        {"answer": "It is a lamp by Lumina and costs $12.99."}, "names", id="a name from nowhere in the answer"
    ),
    pytest.param({"goal": "Confirm that the lamp costs $12.99."}, "leak", id="asks to confirm what it says"),
    pytest.param({"answer": "See www.shop.example, $12.99."}, "invented", id="an answer with an address"),
    pytest.param({}, None, id="(consent)"),
    pytest.param(claims(2, "Orbit  brass"), None, id="a quote with other white space"),
    pytest.param({"goal": "Open lamp L-77 and tell me its price."}, None, id="an id that the agent supplied"),
    pytest.param({"goal": "Open the lamp's page."}, None, id="a request that asks nothing"),
]


@pytest.mark.parametrize(("change", "rule"), CASES)
def test_a_rule_refuses(change, rule):
    found = judged(**change)
    assert is_said(rule, found), found
    verdict = asyncio.run(grounded(a_run(), a_proposal(**change)))
    assert verdict.confidence == (0.8 if verdict.valid else 0)


OLD = "Kindly order me some walnut wardrobe beneath fifty florins, gift-wrapped, before Whitsun."


@pytest.mark.parametrize(("change", "rule"), CASES)
def test_no_point_tells_of_the_failed_goal(change, rule):
    verdict = asyncio.run(grounded(a_run(goal=OLD), a_proposal(**change)))
    asked = " ".join(point.question for point in verdict.points).casefold()
    assert not [word for word in ("walnut", "wardrobe", "fifty", "florins", "wrapped", "whitsun") if word in asked]


def test_errors_prove_nothing():
    run = a_run(steps=(a_step(1), a_step(2, "open", '{"error": "no lamp for $12.99"}')))
    assert "evidence" in judged(run)
    assert judged(run, claims=(PRICE,)) == ("errors",)


@pytest.mark.parametrize(
    ("observation", "claim", "rule"),
    [
        pytest.param("[]", Evidence(text="the lamp was found", step=2, quote="[]"), "errors", id="nothing as success"),
        pytest.param("[]", Evidence(text="there is no such lamp", step=2, quote="[]"), None, id="none, as is claimed"),
        pytest.param(
            "Error: gift card balance is not enough",
            Evidence(text="the balance of the gift card is too low", step=2, quote="gift card balance is not enough"),
            None,
            id="the error, as is claimed",
        ),
        pytest.param(
            "Error: the shop is shut",
            Evidence(text="the lamp was bought", step=2, quote="the shop is shut"),
            "errors",
            id="an error as success",
        ),
    ],
)
def test_an_empty_result_or_an_error_is_evidence_of_just_that(observation, claim, rule):
    run = a_run(steps=(a_step(1), a_step(2, "open", observation, arguments={"id": "brass desk lamp"})))
    found = judged(run, claims=(claim,), goal="Is the brass desk lamp to be had?", answer="No, it is not.")
    assert is_said(rule, tuple(one for one in found if one != "unclaimed")), found


def test_what_only_the_agent_said_proves_nothing():
    assert "errors" in judged(claims=(TYPED.model_copy(update={"step": 2, "quote": "L-77"}),), end_step=2)


def test_the_words_of_a_user_prove_nothing():
    told = a_step(1, "respond", "I paid $12.99 for it", arguments={"content": "How much?"}, answered_by="user")
    assert "evidence" in judged(a_run(steps=(told, a_step(2))), claims=(PRICE.model_copy(update={"step": 1}),))


def test_a_run_that_wanders_is_no_demonstration():
    wandering = [a_step(n, arguments={"q": f"try {n}"}) for n in range(1, 7)]
    page = a_step(7, "open", "Orbit brass desk lamp, $12.99", arguments={"id": "brass desk lamp"})
    late = [claim.model_copy(update={"step": 7}) for claim in (TYPED, PRICE)]
    run = a_run(steps=(*wandering, page))
    assert "direct" in judged(run, claims=late, end_step=7, relevant_steps=(7,))
    assert judged(run, claims=late, end_step=7, relevant_steps=(1, 2, 7)) == ()


@pytest.mark.parametrize(
    ("goal", "rule"),
    [
        pytest.param("Tell me the price of the lamp.", "untold", id="what the user told is missing"),
        pytest.param("Tell me the price of the lamp L-77.", None, id="the goal holds what the user told"),
    ],
)
def test_a_dialogue_needs_all_that_the_user_told(goal, rule):
    told = a_step(1, "respond", "It is L-77.", arguments={"content": "Which one?"}, answered_by="user")
    looked = a_step(2, "open", "Orbit brass desk lamp, $12.99", arguments={"id": "L-77"})
    found = judged(a_run(steps=(told, looked)), goal=goal, claims=(PRICE,), relevant_steps=(2,))
    assert is_said(rule, found), found


SHOP = "Tab 0 (current): Brass desk lamp | Shop\n[1] StaticText '$12.99'"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        pytest.param("lamp with a blue glass shade", "untold", id="words of the failed goal alone"),
        pytest.param("https://shop.example/find?shade=glass", "untold", id="an address that holds them"),
        pytest.param("brass desk lamp", None, id="words of the new goal"),
        pytest.param("solid walnut", None, id="words of its own"),
    ],
)
def test_what_is_typed_into_a_page_is_not_left_over_from_the_failed_goal(typed, rule):
    acts = a_step(1, "type", SHOP, arguments={"text": typed}), a_step(2, "click", SHOP, arguments={"element": "lamp"})
    run = a_run(goal="Buy me a lamp with a blue glass shade.", start="Tab 0 (current): Home | Shop", steps=acts)
    seen = [PRICE, PRICE.model_copy(update={"quote": "Brass desk lamp"})]
    found = judged(run, claims=seen, goal="Open the page of the desk lamp of brass.", answer="It costs $12.99.")
    assert is_said(rule, found), found


CANCELLED = '{"order": "o7", "status": "cancelled"}'


@pytest.mark.parametrize(
    ("middle", "changes", "rule"),
    [
        pytest.param(
            a_step(2, "cancel_order", CANCELLED, arguments={"id": "o7"}), {}, "unasked", id="a change beside the goal"
        ),
        pytest.param(
            a_step(2, "cancel_order", CANCELLED, arguments={"id": "o7"}),
            {"relevant_steps": (1, 2, 3)},
            "unasked",
            id="said to serve the goal",
        ),
        pytest.param(
            a_step(2, "click", "Thanks", arguments={"element": "button 'Place Order'"}), {}, "unasked", id="a button"
        ),
        pytest.param(
            a_step(2, "cancel_order", CANCELLED, arguments={"id": "o7"}),
            {"goal": "Cancel order o7, and tell me the price of lamp L-77.", "relevant_steps": (1, 2, 3)},
            None,
            id="asked for",
        ),
        pytest.param(
            a_step(2, "send_voucher", "Voucher V-9 added to u1", arguments={"id": "u1"}),
            {
                "goal": "Let u1 have a voucher, and tell me the price of lamp L-77.",
                "claims": (
                    PRICE.model_copy(update={"step": 3}),
                    Evidence(text="u1 has one", step=2, quote="V-9 added to u1"),
                ),
                "relevant_steps": (1, 2, 3),
            },
            None,
            id="claimed",
        ),
        pytest.param(
            a_step(2, "cancel_order", CANCELLED, arguments={"id": "o7"}),
            {
                "goal": "Find the lamp L-77, which was ordered, and tell me its price.",
                "claims": (PRICE.model_copy(update={"step": 3}),),
                "relevant_steps": (1, 2, 3),
            },
            "unasked",
            id="something else is asked for",
        ),
        pytest.param(a_step(2, "cancel_order", "Error: no such order"), {}, None, id="a change that failed"),
        pytest.param(a_step(2, "get_order", CANCELLED), {}, None, id="a look"),
    ],
)
def test_nothing_was_changed_unasked(middle, changes, rule):
    opened = a_step(3, "open", "Orbit brass desk lamp, $12.99", arguments={"id": "L-77"})
    fields = {"relevant_steps": (1, 3), "end_step": 3, "claims": (PRICE.model_copy(update={"step": 3}),), **changes}
    fields["goal"] = changes.get("goal", "Tell me the price of lamp L-77.")
    found = judged(a_run(steps=(a_step(1), middle, opened)), **fields)
    assert is_said(rule, found), found


@pytest.mark.parametrize(
    ("button", "goal", "rule"),
    [
        pytest.param("Add to Cart", "Open the page of the brass desk lamp.", "unasked", id="the way to a page"),
        pytest.param("Show more", "Open the page of the brass desk lamp.", None, id="changes just the view"),
        pytest.param("Add to Cart", "Add the brass desk lamp to my cart.", None, id="asked for"),
    ],
)
def test_a_button_on_the_way_changes_nothing_unasked(button, goal, rule):
    pressed = a_step(1, "click", SHOP, arguments={"element": f"button '{button}'"})
    title = PRICE.model_copy(update={"step": 1, "quote": "Brass desk lamp | Shop"})
    run = a_run(start="Tab 0 (current): Home | Shop", steps=(pressed,))
    fields = {"claims": (title,), "end_step": 1, "relevant_steps": (1,), "answer": "The brass desk lamp is there."}
    found = judged(run, goal=goal, **fields)
    assert is_said(rule, found), found


def test_escaped_text_is_its_text():
    run = a_run(steps=(a_step(1), a_step(2, "open", '{"name": "K\\u00f6ln lamp", "price": "$12.99"}')))
    assert judged(run, answer='The "Köln lamp" costs $12.99.') == ()


@pytest.mark.parametrize(
    ("old", "goal", "rule"),
    [
        pytest.param(
            "Find me a brass desk lamp in the shop, tell its price!", None, "same", id="the old goal in other words"
        ),
        pytest.param(
            "Find a brass lamp, only in the shop and tell me the brand.",
            "Find a brass desk lamp only in the shop and tell me its price.",
            "condition",
            id="an unmet condition, carried over",
        ),
        pytest.param("Find a brass desk lamp in the shop and tell me 2 prices.", None, None, id="(fewer are wanted)"),
    ],
)
def test_the_failed_goal_does_not_come_back(old, goal, rule):
    assert is_said(rule, judged(a_run(goal=old), goal=goal or a_proposal().goal))


def test_two_words_of_the_failed_goal_need_evidence():
    old = a_run(goal="Find me the warranty period and the bulb socket of some lamp.")
    assert "unclaimed" in judged(old, goal="Find a brass desk lamp and tell me its warranty period.")
    assert judged(old, goal="Find a brass desk lamp and tell me the price of its bulb.") == ()


def test_every_rule_refuses_something_here():
    elsewhere = {
        "contradicts",
        "dialogue",
        "errors",
        "evidence",
        "same",
        "condition",
        "unclaimed",
        "unasked",
        "untold",
        "direct",
        "mixed",
        "unproven",
    }
    assert set(RULES) == elsewhere | {case.values[1] for case in CASES if case.values[1]}


@pytest.mark.parametrize(("error", "rule"), [("status: error", "invented"), (None, None)])
def test_what_came_back_for_a_call_that_failed_vouches_for_no_answer(error: str | None, rule: str | None):
    first, second, *_ = a_run().steps
    again = a_step(3, "open", "Orbit brass desk lamp, 14 left", arguments={"id": "L-77"}, error=error)
    told = "The Orbit brass desk lamp costs $12.99, 14 are left."
    assert is_said(rule, judged(a_run(steps=(first, second, again)), end_step=3, answer=told))
