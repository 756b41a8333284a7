"""Which thoughts may stand beside a new goal: the refusals first."""

import pytest

from agenther.packagers.talk.thoughts import Grounds, stem

ORIGINAL = "Find the best red kettle under $40 and add it to my 'Tea' wish list."
NEW = "What does the Alma kettle cost?"
START = "Tab 0 (current): Shop\n[4] link 'Best sellers'\n[5] link 'Kitchen'\n[6] StaticText 'red, 40 cm, both works'"
ACT = 'open {"element": "link \'Harbour House\'"}'


def kept(thought, *seen, original=ORIGINAL):
    grounds = Grounds(original, NEW, START)
    grounds.show(seen)
    return grounds.keep(thought, [ACT])


@pytest.mark.parametrize(
    "thought",
    [
        pytest.param("I want the best one.", id="a word of the failed goal"),
        pytest.param("BEST first.", id="in capitals"),
        pytest.param("I open the bestsellers.", id="a word made of one of the failed goal"),
        pytest.param("It must stay under 40.", id="a number of the failed goal, though the page shows it"),
        pytest.param("Then I open the Tea list.", id="a quoted name"),
        pytest.param("I will be adding wishes.", id="an inflected word"),
        pytest.param("I open the page to see who sells it.", id="who: another question"),
        pytest.param("I need to know how many there are.", id="how many: another question"),
        pytest.param("I will look up each.", id="each: more than one"),
        pytest.param("I look for other kettles.", id="other: more than one"),
        pytest.param("I open the garden page.", id="a word of nowhere"),
        pytest.param("It is blue.", id="a fact of nowhere"),
        pytest.param("Ich sehe nach.", id="another language"),
        pytest.param("我看看。", id="another script"),
        pytest.param("The search failed.", id="failed"),
        pytest.param("I can’t see it.", id="typographic apostrophe"),
        pytest.param("No results, so I give up.", id="giving up"),
        pytest.param("Unfortunately there is a list.", id="unfortunately"),
        pytest.param("", id="nothing"),
    ],
)
def test_dropped(thought):
    assert kept(thought) == ""


@pytest.mark.parametrize(
    "thought",
    [
        pytest.param("I open the page of the Alma kettle.", id="of the new goal"),
        pytest.param("I open Harbour House.", id="of its own call"),
        pytest.param("Kitchen is a link on the page, so I click it.", id="of what was seen"),
        pytest.param("I need to find it first.", id="plain words"),
        pytest.param("Let's look: the search box is listed there.", id="plain words, inflected"),
        pytest.param("In summary, the next action I will perform is", id="what agents are told to say"),
    ],
)
def test_kept(thought):
    assert kept(thought) == thought


def test_a_word_is_free_once_the_run_shows_it():
    assert kept("It is blue.") == ""
    assert kept("It is blue.", "kettle, Blue") == "It is blue."


def test_own_call_vouches_for_a_word_of_the_failed_goal():
    assert Grounds(ORIGINAL, NEW, "").keep("I type tea.", ['type {"text": "Tea"}']) == "I type tea."


def test_a_success_thinks_of_its_own_goal():
    grounds = Grounds(NEW, NEW, "")
    assert grounds.keep("It is blue, and which one is not?", []) == "It is blue, and which one is not?"
    assert grounds.keep("The search failed.", []) == ""


def test_template_marks_go():
    assert kept("<think>\nI open it.</think>") == "I open it."


@pytest.mark.parametrize(("one", "other"), [("compare", "comparing"), ("cities", "city"), ("boxes", "boxed")])
def test_stem(one, other):
    assert stem(one) == stem(other)
