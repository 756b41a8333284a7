"""What is particular in a goal, where it may come from, and what it may be mistaken for."""

import pytest
from builders import a_run, a_step
from objections import is_said, objections

from agenther.records import Evidence, Proposal

FLIGHTS = (
    '[{"flight": "QF 208", "departs": "07:45", "price_eur": 121.5, "seats": 9},'
    ' {"flight": "QF 214", "departs": "15:30", "price_eur": 1240.0, "seats": 3}]'
)
RUN = a_run(
    system="Today is 2025-05-30.",
    steps=(
        a_step(
            1,
            "search_flights",
            FLIGHTS,
            arguments={"from": "LND", "to": "MBK", "date": "2025-06-14", "adults": 2, "lang": "de", "rate": 0.05},
        ),
        a_step(2, "search_hotels", '{"hotel": "Quay Inn"}', arguments={"town": "Oldport", "date": "2025-06-16"}),
        a_step(3, "open_flight", '{"gate": "B 12", "meal": "Soup"}', arguments={"flight": "QF 214"}),
    ),
)


def verdict(goal, *, relevant=(1, 3), claims=(), answer="It leaves from gate B 12."):
    cited = [
        ("from LND", 1, "LND"),
        ("to MBK", 1, "MBK"),
        ("that day", 1, "2025-06-14"),
        ("two adults", 1, "2"),
        ("the flight", 1, '"flight": "QF 214"'),
        ("the gate", 3, '"gate": "B 12"'),
        *claims,
    ]
    proposed = Proposal(
        run_id="r",
        goal=goal,
        claims=tuple(Evidence(text=text, step=step, quote=quote) for text, step, quote in cited),
        end_step=3,
        relevant_steps=relevant,
        answer=answer,
        answer_source="grounded",
        confidence=0.9,
    )
    return objections(RUN, proposed)


@pytest.mark.parametrize(
    ("goal", "rule"),
    [
        pytest.param("on 2025-06-15 for 2 adults", "invented", id="a day from nowhere"),
        pytest.param("on 2025-06-16 for 2 adults", "invented", id="the day of a step that does not serve the goal"),
        pytest.param("on 2025-05-30 for 2 adults", "invented", id="a day that only the system text names"),
        pytest.param("in July 2025 for 2 adults", "invented", id="another month"),
        pytest.param("on 2025-06-14 for 9 adults", "invented", id="a number that was seen and not cited"),
        pytest.param("on 2025-06-14 for 6 adults", "invented", id="the month of the date is no number of adults"),
        pytest.param("on 2025-06-14 at 3:45 pm for 2 adults", "invented", id="another time"),
        pytest.param("with QF 208, June 14th, 2025, 2 adults", "contradicts", id="another item of the list"),
        pytest.param("on 2025-06-14 for 7 adults and 8% off", "invented", id="another percentage"),
        pytest.param("on 2025-06-14 for three adults", "contradicts", id="a count in words that is not the input"),
        pytest.param("on 2025-06-14 for 214 adults", "contradicts", id="another number of the evidence"),
        pytest.param("on 2025-06-14 with the QF 2", "contradicts", id="a number of another name"),
        pytest.param("from 2025-06-14 to 2025-06-14, 2 adults", "twice", id="twice the same"),
        pytest.param('on 2025-06-14 for 2 to "Quay Inn"', "unproven", id="quoted words of another step"),
        pytest.param("on 2025-06-14 for 2 to see Oldport", "names", id="a name of another step"),
        pytest.param("on 2025-06-14 for 2 with Kestrelair", "names", id="a name from nowhere"),
        pytest.param("on 2025-06-14 for 2 by way of Copeland", "names", id="a town that ends as countries do"),
        pytest.param("on 2025-06-14 for 2 with Meridian", "names", id="a name that ends as peoples do"),
        pytest.param("on 2025-06-14 for 2 under the Maltese flag", "names", id="a people of which no code was given"),
        pytest.param("on 2025-06-14 for 2 to see Mbkarra", "names", id="a name that begins as a code does"),
        pytest.param("on 2025-06-14 for 2, in Dutch", "names", id="another language than that of the code"),
        pytest.param("on 2025-06-14 for 2 from Germany", "names", id="a country, which the code of a language is not"),
        pytest.param("on 2025-06-14 for 2 people, seven flights", "counts", id="more flights than were shown"),
        pytest.param("on 2025-06-14 for 2, the second one of the latest", "degree", id="a superlative"),
        pytest.param("on 2025-06-14 for 2 and book it", "unclaimed", id="an errand"),
        pytest.param("on 2025-06-14 for 2. Then send me the ticket", "unclaimed", id="an errand of its own sentence"),
        pytest.param("on 2025-06-14 for 2 adults", None, id="(as it was)"),
        pytest.param("on 14 June 2025 for two adults", None, id="(dates and counts in words)"),
        pytest.param("on Saturday, 6/14/2025 for two people", None, id="(a date in figures)"),
        pytest.param("on June 14 for two, in German", None, id="(a language told by its code)"),
        pytest.param("on the 14th of June 2025 for two with 5 percent off", None, id="(per cent)"),
        pytest.param("on 14.06.2025 with QF 214 for two", None, id="(the flight that was cited)"),
        pytest.param("in June 2025 for two adults", None, id="(a month)"),
    ],
)
def test_each_particular_comes_from_an_input_or_from_evidence(goal, rule):
    found = verdict(f"Find a flight from LND to MBK {goal} and tell me the gate.")
    assert is_said(rule, found), found


@pytest.mark.parametrize(
    ("goal", "answer", "rule"),
    [
        pytest.param("the first nine flights", "QF 208, QF 214", "counts", id="more than the answer has"),
        pytest.param("the first three flights", "The first two are QF 208 and QF 214", "counts", id="another number"),
        pytest.param("the departure of the second one", "For the first one, 07:45", "counts", id="another row"),
        pytest.param("three of them, flights", "Two of them are QF 208 and QF 214", "counts", id="of them"),
        pytest.param("the first two flights", "QF 208 and QF 214", None, id="(as many)"),
        pytest.param("the top 2 flights", "The first two are QF 208 and QF 214", None, id="(in figures)"),
        pytest.param("the departure of the first one", "It is 07:45", None, id="(a row that the answer does not name)"),
    ],
)
def test_as_many_as_asked_for(goal, answer, rule):
    claims = (("one", 1, '"flight": "QF 208"'), ("departs", 1, '"departs": "07:45"'))
    found = verdict(f"Tell me {goal} from LND to MBK on 2025-06-14 for 2 adults.", claims=claims, answer=answer)
    assert is_said(rule, found), found


@pytest.mark.parametrize(
    ("goal", "claims"),
    [
        pytest.param("the cheapest flight", (("it is the cheapest of both", 1, '"price_eur": 121.5'),), id="claimed"),
        pytest.param("the top two flights", (), id="a count is no superlative"),
        pytest.param("the flight of at most 3 seats", (("seats", 1, '"seats": 3'),), id="a bound is none"),
        pytest.param("the flight, at the request of a guest,", (), id="words that only look like it"),
    ],
)
def test_a_superlative_that_a_claim_speaks_of(goal, claims):
    found = verdict(f"Tell me the gate of {goal} from LND to MBK on 2025-06-14 for two.", claims=claims)
    assert "degree" not in found


@pytest.mark.parametrize("text", ["1," * 30_000, "may " * 30_000, "1 " * 30_000, "1-" * 30_000, "2025-06-14 " * 10_000])
def test_long_inputs_take_linear_time(text):
    """Well under a second; what backtracks takes hours."""
    run = a_run(steps=(a_step(arguments={"q": text}, observation="Orbit brass desk lamp, $12.99"),))
    claims = (Evidence(text="", step=1, quote="Orbit brass"),)
    proposed = Proposal(
        run_id="r",
        goal="Find the Orbit lamp of June 14-16, 2025, 3 pm and tell me the price.",
        claims=claims,
        end_step=1,
        relevant_steps=(1,),
        answer="$12.99",
        answer_source="grounded",
        confidence=1,
    )
    assert objections(run, proposed)


@pytest.mark.parametrize(
    ("goal", "rule"),
    [
        pytest.param("Which flight goes from Oakland to SEA?", "names", id="another place"),
        pytest.param("Which flight goes from JFK to Seaford?", "names", id="a place that begins like the code"),
        pytest.param("Which Norwegian flight goes from JFK to SEA?", "names", id="a people"),
        pytest.param("Which flight goes from JFK to SEA by way of Ireland?", "names", id="a country"),
        pytest.param("Which flight goes from JFK to SEA?", None, id="(the codes themselves)"),
    ],
)
def test_a_code_stands_for_no_name(goal, rule):
    run = a_run(steps=(a_step(1, "find", '{"flight": "NK 41"}', arguments={"origin": "JFK", "destination": "SEA"}),))
    claims = (Evidence(text="the flight", step=1, quote='"flight": "NK 41"'),)
    proposed = Proposal(
        run_id="r",
        goal=goal,
        claims=claims,
        end_step=1,
        relevant_steps=(1,),
        answer="NK 41",
        answer_source="grounded",
        confidence=1,
    )
    found = objections(run, proposed)
    assert is_said(rule, found), found
