"""The benchmark of what the data teaches, by a few steps: rows of agenther are learned, and pairs after them."""

# ruff: noqa: PLC0415 - see conftest.py

from dataclasses import replace
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.skipif(not (find_spec("torch") and find_spec("trl")), reason="TRL and torch are not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]


def test_an_arm_is_learned_and_tested_and_steps_without_loss_are_not_learned(caches, monkeypatch, tmp_path):
    import downstream_rows
    import downstream_training
    from downstream_rows import OURS, PAIRS
    from model import tokenizer

    monkeypatch.setattr(downstream_rows, "TASKS", 24)
    monkeypatch.setattr(downstream_training, "PREFERRING", 2)
    base = replace(downstream_training.BASES["tiny"], steps=4, tested=4)
    data = downstream_rows.Data(tmp_path, 1)
    for arm in (OURS, PAIRS):
        found = downstream_training.result(base, data, arm, 1, 0)
        assert found["rows"] == len(data.rows(arm))
        assert 0 <= found["success"] <= found["reward"] <= 1

    words = tokenizer()
    row = next(row for row in data.rows(OURS) if any(message.get("weight") == 0 for message in row))
    learned = words.apply_chat_template(row, return_dict=True, return_assistant_tokens_mask=True)["assistant_masks"]
    whole = [{key: value for key, value in message.items() if key != "weight"} for message in row]
    more = words.apply_chat_template(whole, return_dict=True, return_assistant_tokens_mask=True)["assistant_masks"]
    assert 0 < sum(learned) < sum(more)
