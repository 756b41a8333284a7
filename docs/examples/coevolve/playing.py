"""A model in the world: many runs at a time, a turn of all of them after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
import transformers
from model import CALL
from toolworld.tasks import Task
from toolworld.world import Call, Episode, Value

Words: TypeAlias = transformers.PreTrainedTokenizerFast


@dataclass(frozen=True)
class Speech:
    """How a model speaks."""

    read: Callable[[list[int], Words], Call | str]
    """What its tokens mean, the end of the reply among them."""
    longest: int
    """Tokens of one reply."""
    batch: int
    """Replies at a time."""


def play(model: Any, words: Words, tasks: Iterable[Task], warmth: float, speech: Speech | None = None) -> list[Episode]:
    """One run of each task, in their order; a warmth of 0 takes the likeliest word each time."""
    how = speech or BY_WORDS
    runs = [Episode(task) for task in tasks]
    model.eval()
    while waiting := [run for run in runs if not run.is_over]:
        for batch in (waiting[start : start + how.batch] for start in range(0, len(waiting), how.batch)):
            for run, reply in zip(batch, _replies(model, words, batch, warmth, how), strict=True):
                run.act(reply)
    return runs


def _replies(model: Any, words: Words, runs: Sequence[Episode], warmth: float, how: Speech) -> Iterator[Call | str]:
    prompts = words.apply_chat_template(
        [run.messages for run in runs], add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
    )
    length = prompts["input_ids"].shape[1]
    with torch.inference_mode():
        written = model.generate(
            input_ids=prompts["input_ids"],
            attention_mask=prompts["attention_mask"],
            max_new_tokens=min(how.longest, model.config.max_position_embeddings - length),
            do_sample=warmth > 0,
            top_k=0 if warmth else None,
            temperature=warmth or None,
        )
    return (how.read(ids.tolist(), words) for ids in written[:, length:])


def _reply(ids: list[int], words: Words) -> Call | str:
    """What was written, as a call or as an answer."""
    tokens = words.convert_ids_to_tokens(ids)
    end = tokens.index(words.eos_token) if words.eos_token in tokens else len(tokens)
    own = [token for token in tokens[:end] if token not in words.all_special_tokens]
    if tokens[:1] != [CALL]:
        return " ".join(own)
    return Call("".join(own[:1]), dict(zip(own[1::2], map(_value, own[2::2]), strict=False)))


def _value(word: str) -> Value:
    return int(word) if word.isdecimal() else word


BY_WORDS = Speech(_reply, longest=24, batch=256)
