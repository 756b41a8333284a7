"""A model in the world: many runs at a time, a turn of all of them after the other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
import transformers
from model import CALL, CONTEXT
from toolworld.tasks import Task
from toolworld.world import Call, Episode, Value

BATCH = 256
LONGEST = 24
"""Tokens of one reply."""


def play(
    model: Any, words: transformers.PreTrainedTokenizerFast, tasks: Iterable[Task], warmth: float
) -> list[Episode]:
    """One run of each task, in their order; a warmth of 0 takes the likeliest word each time."""
    runs = [Episode(task) for task in tasks]
    model.eval()
    while waiting := [run for run in runs if not run.is_over]:
        for batch in _batches(waiting):
            for run, reply in zip(batch, _replies(model, words, batch, warmth), strict=True):
                run.act(reply)
    return runs


def _batches(runs: Sequence[Episode]) -> Iterator[Sequence[Episode]]:
    return (runs[start : start + BATCH] for start in range(0, len(runs), BATCH))


def _replies(
    model: Any, words: transformers.PreTrainedTokenizerFast, runs: Sequence[Episode], warmth: float
) -> Iterator[Call | str]:
    prompts = words.apply_chat_template(
        [run.messages for run in runs], add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
    )
    length = prompts["input_ids"].shape[1]
    with torch.inference_mode():
        written = model.generate(
            input_ids=prompts["input_ids"],
            attention_mask=prompts["attention_mask"],
            max_new_tokens=min(LONGEST, CONTEXT - length),
            do_sample=warmth > 0,
            top_k=0 if warmth else None,
            temperature=warmth or None,
        )
    return (_reply(words.convert_ids_to_tokens(ids.tolist()), words) for ids in written[:, length:])


def _reply(tokens: list[str], words: transformers.PreTrainedTokenizerFast) -> Call | str:
    """What was written, as a call or as an answer."""
    end = tokens.index(words.eos_token) if words.eos_token in tokens else len(tokens)
    own = [token for token in tokens[:end] if token not in words.all_special_tokens]
    if tokens[:1] != [CALL]:
        return " ".join(own)
    return Call("".join(own[:1]), dict(zip(own[1::2], map(_value, own[2::2]), strict=False)))


def _value(word: str) -> Value:
    return int(word) if word.isdecimal() else word
