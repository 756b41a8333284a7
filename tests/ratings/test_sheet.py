"""Ratings by a table: what is refused, and that a spreadsheet can do no harm and lose nothing."""

import pytest

from agenther.errors import StoreError
from agenther.ratings.sheet import read, write

RUNS = {"run~1": "run"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "no column item, rater, valid", id="empty"),
        pytest.param("item,valid\nrun~1,yes\n", "no column rater", id="a column is missing"),
        pytest.param("item,rater,valid\nrun~2,ada,yes\n", "line 2: this run holds no item 'run~2'", id="unknown item"),
        pytest.param("item,rater,valid\nrun~1,ada,perhaps\n", "line 2, valid", id="unknown answer"),
        pytest.param("item,rater,valid\nrun~1,,yes\n", "line 2, rater", id="nobody rated it"),
        pytest.param("item,rater,valid,drawn\nrun~1,ada,no,well\n", "line 2, drawn", id="drawn in an unknown way"),
    ],
)
def test_refused_with_the_line(tmp_path, text, why):
    path = tmp_path / "filled.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(StoreError, match=why):
        list(read(path, RUNS))


def test_rows_that_are_not_filled_in_are_passed_over(tmp_path):
    path = tmp_path / "filled.csv"
    path.write_text("\ufeffvalid,item,rater,colour\nYes,run~1,ada,red\n,run~1,,\n", "utf-8")
    [one] = read(path, RUNS)
    assert (one.item, one.run_id, one.rater, one.valid, one.drawn) == ("run~1", "run", "ada", "yes", "chosen")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_spreadsheets_separate_cells_as_their_language_does(tmp_path, separator):
    path = tmp_path / "filled.csv"
    lines = (["item", "rater", "valid", "note"], ["run~1", "ada", "no", "a lamp, and a shade"])
    path.write_text("\r\n".join(separator.join(line) for line in lines), "utf-8")
    [one] = read(path, RUNS)
    assert (one.valid, one.note) == ("no", "a lamp, and a shade")


def test_a_run_may_be_long(tmp_path):
    path = tmp_path / "filled.csv"
    path.write_text(f"item,run,rater,valid\nrun~1,{'long ' * 100_000},ada,yes\n", "utf-8")
    assert len(list(read(path, RUNS))) == 1


def test_a_table_that_may_be_filled_in_is_not_written_over(tmp_path, monkeypatch):
    path = tmp_path / "filled.csv"
    path.write_text("item,rater,valid\nrun~1,ada,yes\n", "utf-8")
    monkeypatch.setattr("agenther.ratings.sheet.finished", lambda _: None)
    with pytest.raises(StoreError, match="exists already"):
        write(tmp_path, path)
    assert "ada" in path.read_text("utf-8")
