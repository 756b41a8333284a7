"""A model of one seed that learns the rows of an arm, and is tested at tasks whose templates no agent was asked."""

import json
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import datasets
import torch
import trl
from downstream_rows import PAIRS
from model import model, tokenizer, twin
from playing import BY_WORDS, Speech, play
from smollm2 import BY_TEXT, pretrained
from toolworld.rewards import reward
from toolworld.tasks import tasks
from training import Lessons, clone, train

PREFERRING, PREFERRING_RATE = 100, 3e-4
"""Of all steps, those in which the arm that has pairs learns them."""


@dataclass(frozen=True)
class Base:
    """What a trial begins with."""

    made: Callable[[int, Iterable[str]], tuple[Any, Any]]
    """A model and its tokenizer, by the seed and the words of all rows."""
    speech: Speech
    steps: int
    rate: float
    batch: int
    is_half: bool
    tested: int
    """Tasks of held-out templates."""


def tiny(seed, said):
    words = tokenizer(said)
    return model(words, seed), words


BASES = {
    "tiny": Base(tiny, BY_WORDS, steps=1000, rate=3e-3, batch=16, is_half=False, tested=300),
    "smollm2": Base(pretrained, BY_TEXT, steps=100, rate=2e-4, batch=8, is_half=True, tested=100),
}


def result(base, data, arm, share, noise):
    """What a model reaches that has learned the rows of an arm."""
    torch.set_num_threads(1)
    torch.manual_seed(data.seed)
    datasets.disable_progress_bars()
    rows = data.rows(arm, share, noise)
    pairs = data.pairs() if arm == PAIRS else None
    made, words = base.made(data.seed, re.findall(r"\w+", json.dumps(rows)))
    how = Lessons(base.steps - PREFERRING if pairs else base.steps, base.rate, data.seed, base.batch, base.is_half)
    made = clone(made, words, rows, how)
    if pairs:
        made = prefer(made, words, pairs, Lessons(PREFERRING, PREFERRING_RATE, data.seed))
    given = tasks(base.tested, data.seed, held_out=True)
    rewards = [reward(one) for one in play(made, words, given, 0.0, base.speech)]
    return {
        "success": sum(one == 1 for one in rewards) / len(rewards),
        "reward": sum(rewards) / len(rewards),
        "rows": len(rows),
    }


def prefer(one, words, pairs, how):
    """A twin that has learned agenther's pairs: single decisions, so that nothing of what tools gave is in a side."""
    made = twin(one)
    with tempfile.TemporaryDirectory() as folder:
        rows = datasets.load_dataset("json", data_files=str(pairs), split="train", cache_dir=folder)
        rows = rows.select_columns(["prompt", "chosen", "rejected"])
        settings = trl.DPOConfig(**how.settings(folder), loss_type=["sigmoid", "sft"], loss_weights=[0.5, 0.5])
        trainer = trl.DPOTrainer(
            model=made, ref_model=twin(one), args=settings, train_dataset=rows, processing_class=words
        )
        train(trainer)
    return made
