"""Ratings on disk: what is refused, and that nothing is lost."""

import threading

import pytest

from agenther.errors import StoreError
from agenther.store.book import RATINGS, Book, Preference, Rating


def a_rating(item="run~1", rater="ada", **changes):
    return Rating(**{"item": item, "run_id": "run", "rater": rater, "valid": "yes", **changes})


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b'{"some": "other file"}\n', 1, id="another file"),
        pytest.param(
            a_rating().model_dump_json().encode() + b'\n{"kind":"rating"}\n', 2, id="a line that lacks fields"
        ),
        pytest.param(b"some other file", 1, id="another file of one line without an end"),
        pytest.param(a_rating().model_dump_json().encode() + b"\nnotes", 2, id="a last line of something else"),
        pytest.param(b"\xff\xfe\n", 1, id="not UTF-8"),
        pytest.param(b"[" * 5000 + b"\n", 1, id="deeply nested"),
        pytest.param(a_rating().model_dump_json().replace("yes", "maybe").encode() + b"\n", 1, id="unknown answer"),
    ],
)
def test_a_foreign_or_damaged_file_is_refused_and_left_as_it_is(tmp_path, content, line):
    path = tmp_path / RATINGS
    path.write_bytes(content)
    with pytest.raises(StoreError, match=f"line {line} is no rating"):
        Book(tmp_path).ratings()
    with pytest.raises(StoreError, match=f"line {line} is no rating"):
        Book(tmp_path).add([a_rating()])
    assert path.read_bytes() == content


def test_nobody_has_rated_yet(tmp_path):
    assert Book(tmp_path).ratings() == []


def test_the_last_word_counts_and_the_first_stays_written(tmp_path):
    book = Book(tmp_path)
    book.add([a_rating(valid="no"), a_rating(rater="bob")])
    book.add([a_rating(valid="unsure")])
    assert [(one.rater, one.valid) for one in book.ratings()] == [("ada", "unsure"), ("bob", "yes")]
    book.add([a_rating(valid=None)])
    assert [one.rater for one in book.ratings()] == ["bob"], "taken back"
    assert len(list(book.lines())) == 4


@pytest.mark.parametrize("begun", [b'{"ki', b'{"kind":"rating","item":"ru', b'{"kind":"rating","item":"{run}'])
def test_a_line_cut_off_by_a_crash_is_not_carried_on(tmp_path, begun):
    book = Book(tmp_path)
    book.add([a_rating()])
    with book.path.open("ab") as file:
        file.write(begun)
    assert len(book.ratings()) == 1
    book.add([a_rating(rater="bob")])
    assert [one.rater for one in book.ratings()] == ["ada", "bob"]


def test_a_last_line_that_an_editor_left_without_its_end_counts(tmp_path):
    book = Book(tmp_path)
    book.path.write_text(a_rating().model_dump_json())
    book.add([a_rating(rater="bob")])
    assert [one.rater for one in book.ratings()] == ["ada", "bob"]


def test_preferences_stand_beside_ratings(tmp_path):
    book = Book(tmp_path)
    first = Preference(items=("run~1", "run~2"), run_ids=("run", "run"), rater="ada", better="second")
    book.add([a_rating(), first])
    assert book.preferences() == [first]
    assert len(book.ratings()) == 1


def test_several_writers_lose_nothing(tmp_path):
    book = Book(tmp_path)
    tabs = [
        threading.Thread(target=lambda tab=tab: [book.add([a_rating(f"{tab}~{n}")]) for n in range(20)])
        for tab in range(4)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(book.ratings()) == 80


def test_what_is_said_while_others_are_taken_out_is_kept(tmp_path):
    book = Book(tmp_path)
    book.add(a_rating(f"gone~{n}", run_id="gone") for n in range(200))

    def rate(rater):
        for n in range(20):
            Book(tmp_path).add([a_rating(f"run~{n}", rater), a_rating(f"gone~{n}", rater, run_id="gone")])

    raters = [threading.Thread(target=rate, args=(name,)) for name in ("ada", "bob")]
    for one in raters:
        one.start()
    while any(one.is_alive() for one in raters):
        book.take_out(frozenset({"gone"}))
    for one in raters:
        one.join()
    book.take_out(frozenset({"gone"}))
    said = [(one.item, one.rater) for one in book.lines()]
    assert sorted(said) == sorted((f"run~{n}", rater) for n in range(20) for rater in ("ada", "bob"))
