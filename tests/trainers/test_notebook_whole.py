"""The notebook in docs/examples, from its first cell to its last: an adapter is trained, loaded, and asked."""

# ruff: noqa: PLC0415 - see conftest.py

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(not all(map(find_spec, ("torch", "trl", "peft", "nbclient"))), reason="it is not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]


@pytest.fixture
def told(caches, tmp_path):
    """What the last two cells say: losses, and what was asked and answered."""
    import nbformat
    from nbclient import NotebookClient

    (tmp_path / "data").symlink_to(ROOT / "data")
    place = tmp_path / "docs/examples"
    place.mkdir(parents=True)
    notebook = nbformat.read(ROOT / "docs/examples/logs_to_adapter.ipynb", 4)
    NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(place)}}).execute()
    *_, trained, asked = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    losses = next(one.data["text/plain"] for one in trained if one.output_type == "execute_result")
    printed = "".join(one.text for one in asked if one.get("name") == "stdout")
    return ast.literal_eval(losses), printed


def test_it_runs_to_its_end_and_the_adapter_has_learned(told):
    losses, printed = told
    assert losses[-1] < losses[0] / 4
    before, _, after = printed.partition("after:")
    assert "<tool_call>" not in before
    assert '"name": "harbour_details"' in after
