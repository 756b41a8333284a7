"""TRL's trainers on our files: every row is taken, two steps are made, and the loss falls where it should."""

# ruff: noqa: PLC0415 - see conftest.py

import math
from importlib.util import find_spec

import learned
import pytest

pytestmark = [
    pytest.mark.skipif(not (find_spec("torch") and find_spec("trl")), reason="TRL and torch are not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]
PAIRS = tuple(f"hard-negatives/{part}" for part in ("target", "decisive", "failure-agent-dpo", "near-miss-dpo"))
CLONES, NEAR_MISSES = "hard-negatives/failure-agent-sft", "hard-negatives/near-miss-kto"
FORMATS = {
    **dict.fromkeys(("sft", "prompt-completion", CLONES), "SFT"),
    **dict.fromkeys(("kto", NEAR_MISSES), "KTO"),
    **dict.fromkeys(("dpo", *PAIRS), "DPO"),
}


@pytest.fixture
def trainer(caches, model, tokenizer, tmp_path):
    """A trainer of the files of a format."""
    import datasets
    import trl

    def make(folder, name):
        kind = FORMATS[name]
        loaded = datasets.load_dataset("json", data_files=str(folder / name / "train.jsonl"), split="train")
        config = getattr(trl, f"{kind}Config")(
            output_dir=str(tmp_path),
            max_steps=2,
            per_device_train_batch_size=2,
            max_length=None,
            report_to="none",
            use_cpu=True,
            save_strategy="no",
            **({"assistant_only_loss": True} if kind == "SFT" else {}),
        )
        made = getattr(trl, f"{kind}Trainer")(
            model=str(model), args=config, train_dataset=loaded, processing_class=tokenizer
        )
        assert len(made.train_dataset) == len(loaded), "a row was dropped"
        return made

    return make


@pytest.mark.parametrize("name", FORMATS)
def test_two_steps(small, trainer, name):
    made = trainer(small, name)
    result = made.train()
    assert result.global_step == 2
    assert math.isfinite(result.training_loss)
    assert result.training_loss > 0


@pytest.mark.parametrize("name", ["sft", "prompt-completion", CLONES])
def test_sft_learns_what_the_agent_did_and_nothing_else(everything, small, trainer, tokenizer, name):
    # failures of real logs say again what they were told, in other words and cut: there nothing can be told apart
    for row in trainer(small if name == CLONES else everything, name).train_dataset:
        messages = row["messages"] if "messages" in row else row["prompt"] + row["completion"]
        text = learned.text(tokenizer, row["input_ids"], row["labels"])
        own = [message for message in messages if message["role"] == "assistant"]
        said = [*(message.get("reasoning_content", "") for message in own), messages[-1]["content"]]
        spoken = [message["content"] for message in own]
        learned.check(text, learned.calls(messages), learned.told(messages), said, spoken)


OF_ONE = [
    *((name, ["completion"]) for name in ("kto", NEAR_MISSES)),
    *((name, ["chosen", "rejected"]) for name in ("dpo", *PAIRS)),
]


@pytest.mark.parametrize(("name", "sides"), OF_ONE)
def test_kto_and_dpo_learn_one_message(everything, trainer, tokenizer, name, sides):
    made = trainer(everything, name)
    for row in made.train_dataset:
        for side in sides:
            text = tokenizer.decode(row[f"{side}_ids"])
            (message,) = row[side]
            learned.check(text, learned.calls([message]), learned.told(row["prompt"]), [message["content"]])
        batch = made.data_collator([row])
        assert batch["completion_mask"].sum() == sum(len(row[f"{side}_ids"]) for side in sides)
