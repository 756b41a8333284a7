"""The types of the columns, as the card of what is published declares them."""

import json

import pytest
import yaml
from run_folder import a_folder
from shapes import runs, samples

from agenther.hub import plan, write
from agenther.packagers.columns import MARK
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import write as package


def test_types_are_declared_where_all_rows_have_them(tmp_path):
    datasets = pytest.importorskip("datasets")
    (tmp_path / "made").mkdir()
    package(tmp_path / "made", PACKAGERS, select(lambda _ids=None: samples(), runs, Choices()))
    made = {
        f"{name}/{split}": [
            json.loads(line) for line in (tmp_path / f"made/{name}/{split}.jsonl").read_text().splitlines()
        ]
        for name in ("sft", "dpo", "kto")
        for split in ("train", "test")
    }
    made["kto/test"][0]["mine"] = 1
    out = tmp_path / "out"
    write(plan(a_folder(tmp_path / "run", made), shard=10_000), out, "me/data")
    (front,) = list(yaml.safe_load_all((out / "README.md").read_text().rpartition("\n---\n")[0]))
    declared = front["dataset_info"]
    assert [info["config_name"] for info in declared] == ["sft", "dpo"]
    for name in ("sft", "dpo"):
        found = datasets.load_dataset(str(out), name, cache_dir=tmp_path / "cache")
        for split in ("train", "test"):
            given = [{**row, "tools": json.loads(row["tools"])} for row in made[f"{name}/{split}"]]
            assert [*map(unmarked, found[split])] == [*map(unmarked, given)]
    for path in (out / "sft").glob("*.jsonl"):
        assert json.loads(path.read_text().partition("\n")[0])["messages"][0].items() >= MARK.items()


def unmarked(row):
    """Without what the first row of each file has more."""
    return {
        name: [{key: item for key, item in one.items() if key not in MARK} for one in value]
        if isinstance(value, list)
        else value
        for name, value in row.items()
    }
