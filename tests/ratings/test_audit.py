"""What ratings say of a run, counted by hand."""

from pathlib import Path

import pytest

from agenther.ratings.audit import audit, in_short, tables
from agenther.ratings.calibrate import calibrate
from agenther.ratings.calibrate import in_short as calibrate_in_short
from agenther.ratings.items import Item, Refusal, Ticket, by_lot, order_of
from agenther.ratings.opinion import opinions
from agenther.settings import Settings
from agenther.store.book import Book, Preference, Rating


def an_item(number, *, accepted=True, score=0.9, run=None, **changes):
    run = run or f"run{number}"
    return Item(
        **{
            "id": f"{run}~{number}",
            "run_id": run,
            "format": "tau-bench",
            "benchmark": "",
            "failure_type": "incomplete",
            "goal": "Find a lamp.",
            "accepted": accepted,
            "score": score,
            "refusals": () if accepted else (Refusal(judge="grounded", rule="names"),),
            "doubts": (),
            **changes,
        }
    )


def a_rating(item, valid="yes", rater="ada", **changes):
    return Rating(
        **{"item": item.id, "run_id": item.run_id, "rater": rater, "valid": valid, "drawn": "random", **changes}
    )


@pytest.fixture
def said(tmp_path):
    def report(items, ratings):
        book = Book(tmp_path)
        book.add(ratings)
        return audit(items, book)

    return report


def test_nothing_is_rated(said):
    found = said([an_item(1)], [])
    assert found.rated == 0
    assert found.precision.of == 0
    assert "agenther review" in in_short(found)


def test_precision_and_who_refused_wrongly(said):
    good = [an_item(number) for number in range(8)]
    bad = [an_item(number, accepted=False) for number in range(8, 12)]
    ratings = [
        *(a_rating(item, "yes" if number else "no") for number, item in enumerate(good)),
        *(a_rating(item, "yes" if number < 3 else "no") for number, item in enumerate(bad)),
    ]
    found = said([*good, *bad], ratings)
    assert (found.precision.part, found.precision.of) == (7, 8)
    [one] = found.objectors
    assert (one.name, one.right.part, one.right.of) == ("grounded: names", 1, 4)
    assert one.wrongly == tuple(item.id for item in bad[:3])
    assert (found.corrected.accepted_valid, found.corrected.refused_valid) == (7, 3)
    assert found.corrected.kept == 0.7


def test_what_is_not_of_this_run_or_was_made_wrong_counts_nowhere_else(said):
    here, gone = an_item(1), an_item(2)
    found = said([here], [a_rating(here), a_rating(gone), a_rating(here, "no", "bob", drawn="near-miss")])
    assert (found.precision.part, found.precision.of) == (1, 1)
    assert found.unknown == 1
    assert (found.decoys.part, found.decoys.of) == (1, 1)


def test_raters_who_are_divided_or_unsure_decide_nothing(said):
    items = [an_item(1), an_item(2), an_item(3)]
    ratings = [
        a_rating(items[0], "yes"),
        a_rating(items[0], "no", "bob"),
        a_rating(items[1], "unsure"),
        *(a_rating(items[2], answer, rater) for answer, rater in (("yes", "ada"), ("yes", "bob"), ("no", "eve"))),
    ]
    found = said(items, ratings)
    assert (found.precision.part, found.precision.of, found.undecided) == (1, 1, 2)
    assert found.agreements[0].items == 2
    assert found.agreements[0].kappa is None, "one item has three raters"


def test_refusals_that_were_looked_for_do_not_correct_the_yield(said):
    items = [an_item(1), an_item(2, accepted=False)]
    assert said(items, [a_rating(items[0]), a_rating(items[1], drawn="chosen")]).corrected is None


def a_preference(one, other, better="first", rater="ada"):
    return Preference(items=(one.id, other.id), run_ids=(one.run_id, other.run_id), rater=rater, better=better)


def test_a_look_at_what_is_hidden_is_told(said):
    items = [an_item(1), an_item(2)]
    found = said(items, [a_rating(items[0], uncovered=True), a_rating(items[1]), a_rating(an_item(3), uncovered=True)])
    assert (found.uncovered, found.precision.of) == (1, 2)
    assert "1 ratings were given after a look at the failed goal" in in_short(found)
    assert "a look at" not in in_short(said(items, [a_rating(items[0])]))


def test_what_is_preferred(said):
    good, same, bad = an_item(1), an_item(2), an_item(3, accepted=False, score=0.2)
    preferences = [
        a_preference(good, bad),
        a_preference(bad, good, "second", "bob"),
        a_preference(bad, same),
        a_preference(good, same, "neither"),
        a_preference(good, same, "second", "bob"),
        a_preference(good, an_item(9)),
        a_preference(bad, same, None, "eve"),
    ]
    found = said([good, same, bad], preferences)
    assert found.rated == 0
    assert "nothing is rated yet" in in_short(found)
    assert "the accepted one was better in 2 of 3" in in_short(found)
    compared = found.compared
    assert (compared.decided, compared.neither) == (4, 1)
    assert (compared.accepted.part, compared.accepted.of, compared.accepted.units) == (2, 3, 2)
    assert (compared.surer.part, compared.surer.of) == (2, 3)
    assert (compared.first.part, compared.first.of) == (2, 4)
    assert [(one.item, one.better.part, one.better.of) for one in compared.items] == [
        (good.id, 2, 3),
        (bad.id, 1, 3),
        (same.id, 1, 2),
    ]
    assert [table.title for table in tables(found) if table.rows][1:] == ["Preferences", "Most often compared"]


def test_nothing_is_compared(said):
    assert said([an_item(1)], [a_rating(an_item(1)), a_preference(an_item(7), an_item(8))]).compared is None


@pytest.mark.parametrize("drawn", ["stratified", "chosen"])
def test_precision_is_of_what_was_drawn_at_random(said, drawn):
    """Each band of scores in turn, or what somebody looked for, is another mix than that of the run."""
    by_chance, doubtful = [an_item(n) for n in range(4)], [an_item(n, score=0.5) for n in range(4, 8)]
    refused = an_item(8, accepted=False)
    looked_for = [a_rating(item, "no", drawn=drawn) for item in [*doubtful, refused]]
    found = said([*by_chance, *doubtful, refused], [*map(a_rating, by_chance), *looked_for])
    assert (found.precision.part, found.precision.of, found.not_at_random) == (4, 4, 5)
    assert "5 were not drawn at random" in in_short(found)
    assert found.objectors[0].right.of == 1


def test_where_nothing_was_drawn_at_random_it_is_told_what_precision_is_of(said):
    found = said([an_item(1)], [a_rating(an_item(1), drawn="chosen")])
    assert (found.precision.part, found.precision.of) == (1, 1)
    assert "not of the run" in in_short(found)


def calibrated(items, wrong=(), target=0.97):
    ratings = [a_rating(item, "no" if number in wrong else "yes") for number, item in enumerate(items)]
    return calibrate(items, opinions(ratings), target, Settings())


def test_too_few_ratings_set_no_gate():
    found = calibrated([an_item(number) for number in range(98)])
    assert found.gate is None
    assert calibrated([an_item(number) for number in range(99)]).gate.threshold == 0.9


def test_the_gate_goes_as_low_as_ratings_bear_out():
    sure = [an_item(number, score=0.9) for number in range(160)]
    unsure = [an_item(number, score=0.4, accepted=False) for number in range(160, 200)]
    assert calibrated([*sure, *unsure]).gate.threshold == 0.4
    found = calibrated([*sure, *unsure], wrong=range(160, 180))
    assert found.gate.threshold == 0.9
    assert (found.gate.rated, found.gate.wrong) == (160, 0)
    assert found.coverage == 0.8


def test_pairs_of_one_run_count_once():
    found = calibrated([an_item(number, run=f"run{number // 4}") for number in range(200)])
    assert found.runs == 50
    assert found.left_out == 150
    assert found.gate is None


def test_what_was_not_drawn_at_random_shows_nothing():
    items = [an_item(number) for number in range(120)]
    said = opinions([a_rating(item, drawn="stratified") for item in items])
    found = calibrate(items, said, 0.97, Settings())
    assert found.runs == 0
    assert found.gate is None
    assert len(found.next) == 20


def test_what_one_rater_drew_at_random_counts_whoever_else_looked_for_it():
    items = [an_item(number) for number in range(120)]
    chosen = [a_rating(item, rater="ada", drawn="chosen") for item in items]
    found = calibrate(items, opinions([*chosen, *(a_rating(item, rater="bob") for item in items)]), 0.97, Settings())
    assert found.runs == 120


def test_what_was_proved_wrong_is_never_let_through():
    items = [an_item(number) for number in range(120)]
    proved = [an_item(number, score=0.0, accepted=False) for number in range(120, 150)]
    found = calibrated([*items, *proved])
    assert found.gate.threshold == 0.9
    assert found.coverage == 1.0


def test_no_threshold_is_set_where_not_all_judges_were_asked():
    """The second judge, whom a gate asks too, might have refused it."""
    sure = [an_item(number, score=0.9, asked=3) for number in range(160)]
    doubtful = [an_item(number, score=0.4, asked=3, accepted=False) for number in range(160, 200)]
    refused = an_item(200, score=0.45, asked=2, accepted=False)
    assert calibrated([*sure, *doubtful]).gate.threshold == 0.4
    assert calibrated([*sure, *doubtful, refused]).gate.threshold == 0.9
    found = calibrated([*sure, an_item(201, score=0.95, asked=1)])
    assert found.gate is None
    assert "--quorum majority" in calibrate_in_short(found, Path("runs/a"))


def test_what_was_too_light_to_be_judged_stops_no_threshold():
    items = [an_item(number) for number in range(120)]
    light = an_item(120, score=0.95, asked=0, accepted=False)
    found = calibrated([*items, light])
    assert (found.gate.threshold, found.runs) == (0.9, 120)


def test_a_folder_that_holds_too_few_runs_says_so():
    found = calibrated([an_item(number) for number in range(30)])
    assert "runs/a holds 30 with a goal to rate" in calibrate_in_short(found, Path("runs/a"))


def test_what_is_to_be_rated_next_comes_in_the_order_of_the_draw():
    items = [an_item(number, score=number / 100) for number in range(1, 60)]
    assert list(calibrate(items, {}, 0.97, Settings()).next) == [
        one.id for one in sorted(items, key=lambda one: by_lot(one.run_id))[:20]
    ]


def test_ratings_that_do_not_count_are_told():
    items = [an_item(number) for number in range(120)]
    ratings = [a_rating(item, "unsure" if number < 8 else "yes") for number, item in enumerate(items)]
    found = calibrate(items, opinions(ratings), 0.97, Settings())
    assert "8 rated do not count: not drawn at random, undecided" in calibrate_in_short(found, Path("runs/a"))


def test_one_of_each_run_comes_first_and_last_what_no_gate_lets_through():
    tickets = [Ticket(f"{run}~{n}", run, n != 0) for run in ("a", "b", "c") for n in range(1 + len(run) * 3)]
    tickets.append(Ticket("d~0", "d", may_pass=False))
    places = order_of(tickets)
    drawn = sorted(places, key=lambda item: places[item])
    assert {item[0] for item in drawn[:4]} == {*"abcd"}
    assert [item for item in drawn if item[0] == "a"][-1] == "a~0"
    runs = [item[0] for item in drawn]
    assert runs[:4] == sorted("abcd", key=by_lot)
    assert runs[4:7] == [run for run in runs[:4] if run != "d"]


def test_a_rated_pair_stands_for_those_of_its_run_that_are_not(said):
    """Nine proposals of one run, one of them rated and right; one run with a single one, refused, and wrong."""
    many = [an_item(n, run="many") for n in range(9)]
    one = an_item(9, accepted=False, run="one")
    few = [an_item(n, run=f"few{n}") for n in (10, 11)]
    ratings = [a_rating(many[0]), a_rating(one, "no"), a_rating(few[0], "no"), a_rating(few[1], "no")]
    found = said([*many, one, *few], ratings)
    assert found.corrected.accepted_valid == pytest.approx(11 * 9 / 11)
    assert found.corrected.refused_valid == 0
