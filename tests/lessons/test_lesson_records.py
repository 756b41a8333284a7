"""A lesson's id tells what it says and when, and nothing else; few runs mark it."""

import pytest
from pydantic import ValidationError

from agenther.lessons.records import Kind, Lesson, Signature, When, named

WHEN = When(signature=Signature(kind=Kind.REPAIRED, tool="search", error="no such <id>"), tools=("search",))


def a_lesson(**changes):
    fields = {"when": WHEN, "wrong": "It fails.", "instead": "Give an id.", "run_ids": ("a", "b")} | changes
    return Lesson(id=named(fields["when"].signature, fields["wrong"], fields["instead"]), **fields)


def test_one_run_marks_it():
    assert a_lesson(run_ids=("a",)).is_marked
    assert not a_lesson().is_marked


@pytest.mark.parametrize(
    ("change", "is_equal"),
    [
        pytest.param({"wrong": "It fails again."}, False, id="another mistake"),
        pytest.param({"instead": "Give a name."}, False, id="another way out"),
        pytest.param({"when": When(signature=Signature(kind=Kind.LOOP))}, False, id="another situation"),
        pytest.param({"run_ids": ("c",), "helpful": 3, "last_seen": "2026-01-01"}, True, id="more evidence"),
    ],
)
def test_its_id_is_of_what_it_says(change, is_equal):
    assert (a_lesson(**change).id == a_lesson().id) is is_equal


def test_a_share_is_no_more_than_all():
    with pytest.raises(ValidationError):
        a_lesson(prevents=1.5)
