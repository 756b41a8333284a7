"""The notebook in docs/examples prints what is committed with it; `tests/trainers` runs it as a whole."""

import contextlib
import io
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
CELLS = json.loads((ROOT / "docs/examples/logs_to_adapter.ipynb").read_text("utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]
VARIES = "varies"
"""The tag of cells that train, which print something else on each machine."""


def test_it_prints_what_is_committed(tmp_path, monkeypatch):
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "docs/examples").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs/examples")
    names = {}
    told = [cell for cell in CODE if VARIES not in cell["metadata"].get("tags", ())]
    assert len(told) > 4
    for cell in told:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec("".join(cell["source"]), names)
        [committed] = cell["outputs"]
        assert printed.getvalue() == "".join(committed["text"])


def test_of_what_varies_nothing_is_committed():
    assert [cell["outputs"] for cell in CODE if VARIES in cell["metadata"].get("tags", ())] == [[]] * 4
    assert {cell["execution_count"] for cell in CODE} == {None}
