"""Rating on the review page: all that is said is kept at once, by whom it was said, on what was shown."""

import json
import re
import threading

import pytest
from review.desks import BAD, GOOD, review

from agenther.errors import StoreError
from agenther.store.book import RATINGS, Book, Rating


def said(run):
    return {(one.item, one.rater): one for one in Book(run).ratings()}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("1/said", {"valid": "maybe"}, 422, id="no answer that there is"),
        pytest.param("1/said", {"better": "first"}, 422, id="an answer to another question"),
        pytest.param("1/said", {"rater": "bob"}, 422, id="in the name of somebody else"),
        pytest.param("1/said", b"{", 422, id="no JSON"),
        pytest.param("1/said", b'{"seconds": NaN}', 422, id="no number"),
        pytest.param("1/said", b'{"note": "\\ud800"}', 422, id="half a letter"),
        pytest.param("1/said", {"note": "x" * 10_001}, 422, id="a long note"),
        pytest.param("1/said", {"note": "x" * 200_000}, 413, id="far too much"),
        pytest.param("0/said", {"valid": "yes"}, 404, id="no such place"),
        pytest.param("25/said", {"valid": "yes"}, 404, id="behind the last place"),
        pytest.param("undo", b"", 200, id="nothing to take back"),
    ],
)
def test_refused(run, path, body, status):
    with review(run) as tab:
        assert tab.ask(path, body).status == status
    assert not (run / RATINGS).exists()


def test_an_answer_is_kept_with_who_gave_it_and_how_it_was_drawn(run):
    with review(run) as tab:
        state = tab.say(1, valid="no", seconds=4.5).json
        assert (state["rated"], state["left"], state["said"]["valid"]) == (1, 23, "no")
        tab.say(1, natural="yes", note="a lamp\nis missing <b>")
        [rating] = said(run).values()
    assert rating.item == tab.cards[0].key[0]
    assert (rating.valid, rating.natural, rating.worth) == ("no", "yes", None), "what is not given stays as it was"
    assert (rating.rater, rating.drawn, rating.note, rating.seconds) == ("ada", "random", "a lamp\nis missing <b>", 4.5)
    assert rating.at
    assert not rating.uncovered


def test_accepted_and_refused_alike_and_neither_is_told_before_it_is_asked_for(run):
    with review(run) as tab:
        goals = {card.shown[0].item.goal for card in tab.cards}
        shown, hidden = tab.ask("1").text.split('<section class="covered" hidden')
    assert goals == {GOOD, BAD}
    assert "under $5" not in shown, "the failed goal"
    assert "under $5" in hidden
    assert "accepted" not in shown
    assert "confidence" not in shown


def test_it_is_kept_whether_what_was_hidden_was_seen_before_the_answer(run):
    with review(run) as tab:
        tab.say(1, valid="yes", uncovered=True)
        tab.say(2, valid="yes")
        tab.say(2, natural="no", uncovered=True)
        assert [one.uncovered for one in said(run).values()] == [True, False]


def test_goes_on_at_the_first_that_is_open(run):
    with review(run) as tab:
        assert tab.to() == "1"
        for n in (1, 2, 4):
            tab.say(n, valid="yes")
        assert tab.to() == "3"
    with review(run) as tab:
        assert tab.to() == "3"
        assert tab.to("next?after=3") == "5"
        assert tab.to("next?after=24") == "3", "from the first again"
        assert tab.ask("2").state["said"]["valid"] == "yes"
        for n in range(1, 25):
            tab.say(n, valid="unsure")
        assert tab.to() == tab.to("next?after=7") == "done"
        assert "24 rated by ada" in tab.ask("done").text


def test_undo_takes_back_one_after_the_other(run):
    with review(run) as tab:
        tab.say(1, valid="yes")
        tab.say(1, natural="yes")
        tab.say(5, valid="no")
        assert tab.ask("undo", b"").json == {"n": 5}
        assert tab.ask("5").state["said"]["valid"] is None
        assert tab.ask("undo", b"").json == {"n": 1}
        assert tab.ask("1/said").json["said"]["natural"] is None
        assert tab.ask("1/said").json["said"]["valid"] == "yes"
        assert tab.ask("undo", b"").json == {"n": 1}
        assert tab.ask("undo", b"").json["n"] is None
    assert said(run) == {}
    assert len(list(Book(run).lines())) == 6, "nothing is rubbed out"


def test_two_tabs_lose_nothing(run):
    with review(run) as tab:

        def rate(field, ns):
            for n in ns:
                assert tab.say(n, **{field: "yes"}).status == 200

        tabs = [threading.Thread(target=rate, args=(field, range(1, 25))) for field in ("valid", "natural", "worth")]
        for one in tabs:
            one.start()
        for one in tabs:
            one.join()
        assert len(said(run)) == 24
        assert all((one.valid, one.natural, one.worth) == ("yes",) * 3 for one in said(run).values())
        assert tab.ask("7/said").json["left"] == 0


def test_several_annotators(run):
    with review(run, "ada") as ada, review(run, "bob") as bob:
        ada.say(1, valid="yes")
        assert bob.to() == "2", "one rating each"
        assert bob.ask("1").state["said"]["valid"] is None, "nobody is told what others said"
    with review(run, "bob", raters=2) as bob:
        assert bob.to() == "1", "two each"
        bob.say(1, valid="no")
        assert bob.to() == "2"
    with review(run, "eve", raters=2) as eve:
        assert eve.to() == "2"
    assert {(one.rater, one.valid) for one in said(run).values()} == {("ada", "yes"), ("bob", "no")}


def test_jumps(run):
    with review(run) as tab:
        key = tab.cards[6].key[0]
        assert tab.ask("find?which=7").json == tab.ask(f"find?which={key}").json == {"n": 7}
        for nowhere in ("0", "25", "-1", "%C2%B2", "9" * 30, "lamp", ""):
            assert tab.ask(f"find?which={nowhere}").json["n"] is None


def test_what_was_looked_for_was_not_drawn(run):
    with review(run) as tab:
        tab.say(3, valid="yes", by_id=True)
        tab.say(4, valid="yes")
        tab.say(4, valid="no", by_id=True)
        assert [one.drawn for one in said(run).values()] == ["chosen", "random"]
        assert tab.to("next?after=2") == "3", "its turn comes all the same"
        tab.say(3, valid="yes")
        assert [one.drawn for one in said(run).values()] == ["random", "random"]


def test_stratified_is_written_down(run):
    with review(run, order="stratified") as tab:
        assert [card.shown[0].item.accepted for card in tab.cards[:6]] == [False, True] * 3
        tab.say(1, valid="no")
        assert [one.drawn for one in said(run).values()] == ["stratified"]


def test_near_misses_are_mixed_in_and_look_like_any_other(run):
    with review(run, every=2) as tab:
        places = [n for n, card in enumerate(tab.cards, 1) if card.drawn == "near-miss"]
        assert len(places) == 6
        shown, hidden = tab.ask(str(places[0])).text.split('<section class="covered" hidden')
        assert "near-miss" not in shown
        assert "made wrong on purpose, to see whether raters look" in hidden
        tab.say(places[0], valid="no")
        assert [one.drawn for one in said(run).values()] == ["near-miss"]
    with review(run, every=2) as again:
        assert [card.key for card in again.cards] == [card.key for card in tab.cards], "always the same"


def test_which_of_two_is_better(run):
    with review(run, in_pairs=True) as tab:
        runs = [{one.item.run_id for one in card.shown} for card in tab.cards]
        goals = [{one.item.goal for one in card.shown} for card in tab.cards]
        assert all((len(two), len(both)) in {(1, 2), (2, 1)} for two, both in zip(runs, goals, strict=True))
        assert len(tab.cards) == 12 + 2 * 11
        of_run, of_goal = (next(n for n, two in enumerate(runs, 1) if len(two) == size) for size in (1, 2))
        assert "Goal B" in tab.ask(str(of_run)).text
        assert "Run B" in tab.ask(str(of_goal)).text
        for n in (of_run, of_goal):
            shown = tab.ask(str(n)).text
            names, links = re.findall(r' id="([^"]+)"', shown), re.findall(r' href="#([^"]+)"', shown)
            assert len(names) == len(set(names))
            assert len(links) == 3, "to the main part, and a claim of each"
            assert set(links) <= set(names)
        assert tab.say(of_run, better="second", seconds=2).json["rated"] == 1
        assert tab.say(of_goal, better="neither", note="the same").json["rated"] == 2
        assert tab.say(of_run, valid="yes").status == 422
        assert tab.ask("undo", b"").json == {"n": of_goal}
    [kept] = Book(run).preferences()
    assert (kept.items, kept.better, kept.rater) == (tab.cards[of_run - 1].key, "second", "ada")


def test_a_file_that_is_damaged_meanwhile_is_told_and_left_as_it_is(run):
    with review(run) as tab:
        tab.say(1, valid="yes")
        with (run / RATINGS).open("ab") as file:
            file.write(b"something else\n")
        before = (run / RATINGS).read_bytes()
        for answer in (tab.say(2, valid="yes"), tab.ask("2"), tab.ask("undo", b""), tab.ask("")):
            assert answer.status == 409
            assert "line 2 is no rating; nothing was changed" in answer.text
            assert "\n" not in answer.text
    assert (run / RATINGS).read_bytes() == before


def test_a_folder_made_anew_meanwhile_is_shown_as_it_was(run):
    with review(run) as tab:
        (run / "trajectories.jsonl").rename(run / "gone")
        assert tab.ask("3").status == 200


def test_ratings_of_others_are_seen_without_a_restart(run):
    with review(run) as tab:
        item = tab.cards[0].shown[0].item
        assert tab.to() == "1"
        Book(run).add([Rating(item=item.id, run_id=item.run_id, rater="bob", valid="yes")])
        assert tab.to() == "2"


def test_nothing_to_compare(run):
    path = run / "proposals.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:1]), "utf-8")
    assert json.loads(lines[0])["accepted"] in {True, False}
    with pytest.raises(StoreError, match="no two goals of one run"), review(run, in_pairs=True):
        pass
