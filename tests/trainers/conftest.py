"""Datasets to train on, and a model small enough for a processor.

The rows are made from samples of every shape, from the sample logs in `data/` and, where they lie beside the
repository, from real logs. Nothing is downloaded: the model has random weights, and each byte is a token.
"""

# ruff: noqa: PLC0415 - a trainer is loaded by the tests that need it, where it is installed at all

import os
from functools import partial
from itertools import chain
from pathlib import Path

import pytest
import shapes
from folders import by_rules, done

from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import write
from agenther.records import Sample, Trajectory
from agenther.store.lines import records

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "DISABLE_VERSION_CHECK": "1",  # LLaMA-Factory's: one environment cannot please all trainers
}
ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"


@pytest.fixture(scope="session")
def caches(tmp_path_factory):
    """Trainers and `datasets` keep what they made of a file; nothing of an earlier session may count."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HOME", "HF_DATASETS_CACHE", "MODELSCOPE_CACHE"):
            patch.setenv(name, str(folder / name))
        yield folder


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Datasets of the shapes alone, short enough to train on."""
    return packed(tmp_path_factory.mktemp("small"), [])


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    """Datasets of all that there is."""
    logs = (ROOT / "data", *([CORPORA] if CORPORA.is_dir() else []))
    run = tmp_path_factory.mktemp("run") / "run"
    done(logs, run, by_rules())
    return packed(tmp_path_factory.mktemp("everything"), [run])


def packed(folder, run_folders):
    def found(name, kind):
        return chain.from_iterable(records(run / f"{name}.jsonl", kind) for run in run_folders)

    samples = partial(found, "samples", Sample)
    runs = partial(found, "trajectories", Trajectory)
    selection = select(
        lambda _ids=None: chain(
            shapes.depot_samples(), shapes.hindsight(), samples(), shapes.samples(), shapes.stuck()
        ),
        lambda: chain(shapes.depot_runs(), shapes.runs(), runs()),
        Choices(),
        known=shapes.of_depots(),
    )
    written = write(folder, PACKAGERS, selection)
    assert all(written.rows.values())
    assert {"dpo: success", "dpo: hindsight easy"} <= written.pairs.keys()
    return folder


@pytest.fixture(scope="session")
def tokenizer(caches):
    """Each byte a token, and Qwen3's own chat template, which TRL turns into one that can be masked."""
    import tokenizers
    import transformers
    import trl

    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: n for n, character in enumerate(alphabet)}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>", extra_special_tokens=["<|im_start|>"]
    )
    tokenizer.chat_template = (Path(trl.__file__).parent / "chat_templates/qwen3.jinja").read_text()
    return tokenizer


@pytest.fixture(scope="session")
def model(tokenizer, tmp_path_factory):
    """The folder of a model with random weights."""
    import transformers

    folder = tmp_path_factory.mktemp("model")
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=2**20,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    transformers.Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
