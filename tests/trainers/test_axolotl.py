"""`axolotl preprocess` on our files: every row is taken, and the loss falls where it should.

Axolotl has an environment of its own, `.venv-axolotl`, since it asks for other versions of the same packages.
"""

# ruff: noqa: PLC0415 - see conftest.py

import json
import os
import subprocess
from pathlib import Path

import learned
import pytest

AXOLOTL = Path(__file__).resolve().parents[2] / ".venv-axolotl" / "bin" / "axolotl"
pytestmark = [
    pytest.mark.skipif(not AXOLOTL.exists(), reason="Axolotl is not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]
LONGEST = 2**20


@pytest.fixture
def prepared(caches, model, tmp_path):
    """What Axolotl makes of the rows of a file of `sft`."""
    import datasets

    def prepare(path):
        config = {
            "base_model": str(model),
            "datasets": [
                {"path": str(path), "ds_type": "json", "type": "chat_template", "roles_to_train": ["assistant"]}
            ],
            "chat_template": "tokenizer_default",
            "dataset_prepared_path": str(tmp_path / "prepared"),
            "output_dir": str(tmp_path / "out"),
            "sequence_len": LONGEST,
            "micro_batch_size": 1,
            "num_epochs": 1,
            "learning_rate": 1e-4,
            "optimizer": "adamw_torch",
            "shuffle_merged_datasets": False,
        }
        (tmp_path / "axolotl.yaml").write_text(json.dumps(config), "utf-8")  # JSON is YAML
        done = subprocess.run(
            [AXOLOTL, "preprocess", tmp_path / "axolotl.yaml"],
            env={**os.environ, "AXOLOTL_DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        (found,) = (path for path in (tmp_path / "prepared").iterdir() if path.is_dir())
        return datasets.load_from_disk(found)

    return prepare


def test_sft_learns_what_the_agent_did_and_nothing_else(everything, prepared, tokenizer):
    path = everything / "sft" / "train.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    made = prepared(path)
    assert len(made) == len(rows), "a row was dropped"
    for row, given in zip(made, rows, strict=True):
        messages = given["messages"]
        text = learned.text(tokenizer, row["input_ids"], row["labels"])
        learned.check(text, learned.calls(messages), learned.told(messages), [messages[-1]["content"]])
