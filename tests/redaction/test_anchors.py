"""Rules are tried only where their fixed text stands, and that is everywhere where it does."""

import pytest

from agenther.redaction import redact
from agenther.redaction.anchors import Anchored, anchor, beside
from agenther.redaction.named import READERS
from agenther.redaction.spans import Run, Span

KEY = b"0123456789abcdef"


@pytest.mark.parametrize(
    ("pattern", "fixed"),
    [
        ("AIza", "AIza"),
        (r"ya29\.", "ya29."),
        (r"client\-id", "client-id"),
        ("hooks.slack", "hooks"),
        (r"ab?c", ""),
        (r"abc*", "ab"),
        (r"abc+", "abc"),
        (r"abc{2}", "ab"),
        ("abc|def", ""),
        (
            r"abc\|\
\ é",
            "abc|\n é",
        ),
        (r"_[a-z]{16}", ""),
        ("@", "@"),
        (r"\d\d", ""),
        ("(?i:abc)", ""),
    ],
)
def test_an_anchor_stands_in_all_that_its_pattern_matches(pattern, fixed):
    assert anchor(pattern) == fixed


def test_each_name_has_an_anchor():
    assert all(anchor(beside(name, read)[0]) == name.lower() for name, read in READERS.items())


def test_finders_are_given_all_places_in_their_order():
    seen = []

    def finder(number):
        def spans(text, places):
            seen.append((number, list(places)))
            yield Span(number, number + 1, "SECRET")

        return spans

    anchored = Anchored([("second", finder(0)), (r"\d", finder(1)), ("con", finder(2)), ("never", finder(3))])
    text = "x" * 65534 + "SECOND é İ \ud800 second"
    assert [span.start for span in anchored.spans(text)] == [0, 2]
    assert seen == [(0, [65534, 65547]), (2, [65536, 65549])]


@pytest.mark.parametrize("before", range(65520, 65545))
def test_a_secret_on_the_border_of_what_is_searched_at_once(before):
    assert "hunter2!" not in redact("x " * (before // 2) + " " * (before % 2) + "password=hunter2!", KEY).value


def test_runs_are_those_of_the_pattern():
    text = "é" * 20 + " abcdef-ghijkl== ab/cd+ef_gh??" + "z" * 12
    assert [match[0] for match in Run(b"+/_-", least=10, end="={0,2}").matches(text)] == [
        "abcdef-ghijkl==",
        "ab/cd+ef_gh",
        "z" * 12,
    ]
    assert [match[0] for match in Run(least=12).matches(text)] == ["z" * 12]


def test_any_of_several_texts_is_enough():
    seen = []
    anchored = Anchored([("passw|pwd", lambda text, places: iter(seen.append(text) or ()))])
    assert [*anchored.spans("my PWD"), *anchored.spans("pass"), *anchored.spans("passwd")] == []
    assert seen == ["my PWD", "passwd"]
