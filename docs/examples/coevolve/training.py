"""TRL's trainers on runs: only what the agent wrote is learned, and nothing of what it was told."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import datasets
import torch
import transformers
import trl
from model import AGENT, CONTEXT, ROLES, twin
from pairs import Pair
from trl.trainer.dpo_trainer import DataCollatorForPreference

Messages = list[dict[str, Any]]
WEIGHTS = (0.5, 0.5)
"""Of the preference and of the imitation of its better side (arXiv 2511.22254)."""


class AgentTokens:
    """Batches of pairs in which a completion is the agent's own words alone; TRL would count results of tools in."""

    def __init__(self, words: transformers.PreTrainedTokenizerFast) -> None:
        self.collate = DataCollatorForPreference(pad_token_id=words.pad_token_id, max_length=CONTEXT)
        self.agent = words.convert_tokens_to_ids(AGENT)
        self.roles = torch.tensor(words.convert_tokens_to_ids([*ROLES]))

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = self.collate(examples)
        ids = batch["input_ids"]
        starts = torch.isin(ids, self.roles)
        places = torch.arange(ids.shape[1]).expand_as(ids)
        speaker = ids.gather(1, (places * starts).cummax(1).values)
        batch["completion_mask"] *= (speaker == self.agent) & ~starts
        return batch


@dataclass(frozen=True)
class Lessons:
    """How long a model learns, how fast, and which order of rows."""

    steps: int
    rate: float
    seed: int
    batch: int = 16
    """Rows of a step."""
    is_half: bool = False
    """Does it reckon in 16 bits?"""

    def settings(self, folder: str) -> dict[str, Any]:
        """As all of TRL's trainers have them."""
        return {
            "output_dir": folder,
            "max_steps": self.steps,
            "learning_rate": self.rate,
            "seed": self.seed,
            "warmup_steps": self.steps // 10,
            "weight_decay": 0.1,
            "per_device_train_batch_size": self.batch,
            "max_length": None,
            "save_strategy": "no",
            "logging_strategy": "no",
            "report_to": "none",
            "disable_tqdm": True,
            "use_cpu": True,
            "bf16": self.is_half,
            "gradient_checkpointing": False,
        }


def clone(model: Any, words: transformers.PreTrainedTokenizerFast, runs: Iterable[Messages], how: Lessons) -> Any:
    """A twin of the model that has learned to imitate the agent in runs."""
    made = twin(model)
    rows = datasets.Dataset.from_list([{"messages": run} for run in runs])
    with tempfile.TemporaryDirectory() as folder:
        chosen = trl.SFTConfig(**how.settings(folder), assistant_only_loss=True)
        train(trl.SFTTrainer(model=made, args=chosen, train_dataset=rows, processing_class=words))
    return made


def prefer(
    model: Any, words: transformers.PreTrainedTokenizerFast, pairs: Sequence[Pair], how: Lessons, *, imitate: bool
) -> Any:
    """A twin that has learned to prefer the better runs of pairs, and to imitate them if told so."""
    made = twin(model)
    if not (pairs and how.steps):
        return made
    losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [*WEIGHTS]} if imitate else {"loss_type": ["sigmoid"]}
    rows = datasets.Dataset.from_list([_row(pair) for pair in pairs])
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl.DPOTrainer(
            model=made,
            ref_model=twin(model),
            args=trl.DPOConfig(**how.settings(folder), **losses),
            train_dataset=rows,
            processing_class=words,
            data_collator=AgentTokens(words),
        )
        train(trainer)
    return made


def train(trainer: Any) -> None:
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()


def _row(pair: Pair) -> dict[str, Any]:
    better, worse = pair.better.messages, pair.worse.messages
    return {"prompt": better[:1], "chosen": better[1:], "rejected": worse[1:]}
