"""What a log makes up does not grow beyond bounds: tools, arguments, errors."""

from hostile import calling, failing, lessons_of, working

from agenther.lessons import alike, failed
from agenther.lessons.shapes import WIDE, leaves


def test_of_one_run_so_many_failing_calls_are_looked_at():
    steps = [step for n in range(failed.ALL) for step in calling(f"zq{n}")]
    assert lessons_of(steps).counts.candidates == failed.ALL  # two of each tool, and half of the tools


def test_long_names_of_arguments_are_cut():
    assert max(map(len, leaves({"a" * 10_000: {"b" * 10_000: 1}}))) == 2 * WIDE + 1


def test_so_many_errors_are_held_against_each_other(monkeypatch):
    monkeypatch.setattr(alike, "MOST", 2)
    assert alike.alike([1, 2, 3, 4], ["no such"] * 4) == [[1, 2], [3], [4]]


def test_what_an_argument_is_called_is_no_matter():
    """That it was given, and in which shape it worked, are counted apart."""
    steps = [failing("invalid", by="Rome", x=1), working(by="Rome", x=1, **{"with": "2026-12-31"})]
    [kept] = lessons_of(steps, steps).kept
    assert (kept.instead, kept.against) == ("Give `with`.", 0)
