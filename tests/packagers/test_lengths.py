"""How long rows are, what of them would be cut, and what the notes beside them say of it."""

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from folders import a_job, done, write_logs
from test_folder import Telling

from agenther.jobs.again import package
from agenther.packagers.base import parts_of
from agenther.packagers.lengths import Lengths, lengths, tokens
from agenther.packagers.notes import notes, of_length, to_set
from agenther.packagers.selection.balance import balance
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.packagers.table import PACKAGERS

PARTS = parts_of(PACKAGERS)
READ = {name: part for name, part in PARTS.items() if part.trainers}


@pytest.mark.parametrize(
    ("found", "over", "enough"),
    [
        pytest.param([1], {512: 0, 1024: 0}, 1024, id="one short row"),
        pytest.param([512, 513, 1024, 1025], {512: 3, 1024: 1}, 3072, id="just over"),
        pytest.param([9000] * 3, {512: 3, 1024: 3}, 10240, id="all of them"),
    ],
)
def test_rows_over_what_trainers_allow(found, over, enough):
    told = lengths(found, PARTS["sft"])
    assert (told.rows, told.longest, told.over, told.enough) == (len(found), max(found), over, enough)


@pytest.mark.parametrize("name", READ)
def test_each_part_that_trainers_read_says_what_they_make_a_text_of(name):
    assert READ[name].sequences
    assert {column for side in READ[name].sequences for column in side} <= READ[name].columns.keys()


def test_of_a_pair_the_longer_side_counts():
    row = {"prompt": [], "chosen": ["x" * 360], "rejected": ["x" * 3600], "tools": "[]", "source": "y" * 9999}
    assert 1000 < tokens(row, PARTS["dpo"]) < 1200


def test_what_would_be_cut_is_said_with_what_to_set():
    told = Lengths(rows=77, median=4000, longest=7100, over={512: 77, 1024: 72})
    said = "\n".join(of_length(PARTS["sft"], told))
    assert "72 of 77 rows are longer, and each is cut at its end" in said
    assert "set `max_length` to 8,192" in said
    assert "Axolotl allows 512 tokens unless told otherwise; 77 of 77" in said


@pytest.mark.parametrize(
    ("rows", "told"), [(9, ["OpenAI refuses a file of fewer than 10 rows: openai has 9"]), (10, [])]
)
def test_a_file_that_a_trainer_would_refuse_for_its_few_rows_is_told(rows, told):
    found = {"openai": lengths([5] * rows, PARTS["openai"]), "sft": lengths([5], PARTS["sft"])}
    assert [*to_set(PARTS, found, {})] == told
    assert ("refuses a file" in notes(PARTS, found, {})) == bool(told)


def test_weights_of_the_labels_are_said_for_each_trainer():
    kto = balance(Counter({True: 34, False: 15}))
    said = notes(PARTS, {"kto": lengths([5], PARTS["kto"])}, {"kto": kto})
    for words in (
        "desirable_weight=1.0, undesirable_weight=1.94",
        "--undesirable_weight 1.94",
        "kto_rejected_weight: 1.94",
    ):
        assert words in said


def test_notes_stand_beside_the_datasets_and_in_the_note_of_how_they_were_made(tmp_path):
    done(write_logs(tmp_path / "logs", range(5)), tmp_path / "out", a_job(Telling()))
    said = (tmp_path / "out/dataset/README.md").read_text("utf-8")
    for words in ("## Before you train", "- `sft`. About", "datasets>=4.8", "--thoughts inline", "KTOConfig("):
        assert words in said
    package(tmp_path / "out", ("sharegpt",), Choices())
    said = (tmp_path / "out/dataset/README.md").read_text("utf-8")
    assert "cutoff_len" not in said, "no row is longer"
    assert "datasets>=4.8" not in said, "it holds strings alone"
    made = Packaged.model_validate_json((tmp_path / "out/dataset/made_with.json").read_bytes())
    assert made.lengths["sharegpt"].rows
    assert made.lengths["sharegpt"].over == {2048: 0}


def test_the_estimate_is_near_what_a_tokenizer_counts(tmp_path):
    tokenizers, transformers = (pytest.importorskip(name) for name in ("tokenizers", "transformers"))
    trl, litellm = (importlib.util.find_spec(name) for name in ("trl", "litellm"))
    if not (trl and trl.origin and litellm and litellm.origin):
        pytest.skip("needs TRL's templates and the tokenizer that comes with litellm")
    file = Path(litellm.origin).parent / "litellm_core_utils/tokenizers/deepseek_tokenizer.json"
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer.from_file(str(file)))
    tokenizer.chat_template = (Path(trl.origin).parent / "chat_templates/qwen3_training.jinja").read_text("utf-8")
    done(write_logs(tmp_path / "logs", range(5)), tmp_path / "out", a_job(Telling(), formats=("sft",)))
    for line in (tmp_path / "out/dataset/sft/train.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text = tokenizer.apply_chat_template(row["messages"], tools=json.loads(row["tools"]), tokenize=False)
        assert tokens(row, PARTS["sft"]) == pytest.approx(len(tokenizer.encode(text)), rel=0.3)
