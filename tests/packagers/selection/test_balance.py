"""The weights of desirable and undesirable rows."""

import json
from collections import Counter

import pytest
from builders import a_run, a_sample
from hypothesis import given
from hypothesis import strategies as some

from agenther.packagers.folder import package
from agenther.packagers.selection.balance import HIGHEST, LOWEST, balance
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.report import labels


@pytest.mark.parametrize(("desirable", "undesirable"), [(0, 0), (5, 0), (0, 5), (3, 3), (4, 3)])
def test_nothing_to_weigh(desirable, undesirable):
    found = balance(Counter({True: desirable, False: undesirable}))
    assert (found.desirable_weight, found.undesirable_weight) == (1, 1)


@given(some.integers(1, 5000), some.integers(1, 5000))
def test_the_rarer_label_is_weighed_up_into_the_range(desirable, undesirable):
    found = balance(Counter({True: desirable, False: undesirable}))
    ratio = found.desirable_weight * desirable / (found.undesirable_weight * undesirable)
    assert LOWEST <= ratio <= HIGHEST
    assert min(found.desirable_weight, found.undesirable_weight) == 1


def test_a_dataset_says_how_its_labels_are_weighed(tmp_path):
    (tmp_path / "samples.jsonl").write_text(a_sample().model_dump_json() + "\n")
    (tmp_path / "trajectories.jsonl").write_text(a_run().model_dump_json() + "\n")
    written = package(tmp_path, ("sft", "kto", "llamafactory"), Choices())
    made = Packaged.model_validate_json((tmp_path / "dataset/made_with.json").read_bytes())
    assert set(made.kto) == {"kto", "llamafactory/kto"}
    rows = [json.loads(line) for line in (tmp_path / "dataset/kto/train.jsonl").read_text().splitlines()]
    told = Counter(row["label"] for row in rows)
    assert made.kto["kto"] == balance(told) == written.balances["kto"]
    assert (told, made.kto["kto"].undesirable_weight) == ({True: 3, False: 1}, 2.57)
    assert labels(made.kto).rows[0] == ("kto", "3", "1", "1.0", "2.57")
