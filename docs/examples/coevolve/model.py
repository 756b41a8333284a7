"""A transformer small enough to learn the world from nothing on a processor, and a tokenizer of whole words."""

import json
import re
from collections.abc import Iterable
from itertools import product
from typing import Any

import tokenizers
import torch
import transformers
from toolworld.agents import Failure, play
from toolworld.domains import AMOUNTS, FACTS, LOWS, PEOPLE, RATINGS, RECEIPT, domains, numbered
from toolworld.tasks import task, templates

CALL, END, PAD, UNKNOWN = "<call>", "<end>", "<pad>", "<unknown>"
AGENT = "<agent>"
ROLES = (AGENT, "<user>", "<result>")
CONTEXT = 256
"""Tokens; the longest run has fewer."""
# Of a call the name and the arguments are written. What the agent writes is learned, unless its weight is 0.
TEMPLATE = """
{%- for message in messages -%}
{%- if message.role == "assistant" -%}
{%- set said -%}
{% if message.tool_calls %}{% for call in message.tool_calls -%}
<call>{{ call.function.name }} {{ call.function.arguments }}{% endfor %}{% else %}{{ message.content }}{% endif -%}
<end>{%- endset -%}
<agent>{% if message.weight == 0 %}{{ said }}{% else %}{% generation %}{{ said }}{% endgeneration %}{% endif -%}
{%- else -%}
{{ "<user>" if message.role == "user" else "<result>" }}{{ message.content }}<end>
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}<agent>{% endif -%}
"""


def words() -> list[str]:
    """Every word of the world, sorted."""
    numbers = [str(number) for number in (*AMOUNTS, *RATINGS, *LOWS, *FACTS)]
    own = [
        word
        for domain in domains().values()
        for word in (*domain.tools, *domain.ids, *domain.names, *domain.places, *numbered(RECEIPT))
    ]
    every = (*templates(held_out=False), *templates(held_out=True))
    runs = (play(task(template, "words"), failure) for template, failure in product(every, (None, *Failure)))
    said = re.findall(r"\w+", json.dumps([run.messages for run in runs]))
    return sorted({*numbers, *own, *PEOPLE, *said})


def tokenizer(more: Iterable[str] = ()) -> transformers.PreTrainedTokenizerFast:
    """A token for each word of the world, and for these; what stands between words is dropped."""
    special = [PAD, UNKNOWN, END, CALL, *ROLES]
    vocabulary = {word: n for n, word in enumerate([*special, *sorted({*words(), *more})])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=UNKNOWN))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"\W+"), behavior="removed")
    found = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token=PAD,
        unk_token=UNKNOWN,
        eos_token=END,
        extra_special_tokens=[CALL, *ROLES],
        padding_side="left",
    )
    found.chat_template = TEMPLATE
    return found


def model(words: transformers.PreTrainedTokenizerFast, seed: int, size: int = 64) -> Any:
    """Random weights: three layers, some 160,000 parameters at the default size."""
    torch.manual_seed(seed)
    config = transformers.Qwen3Config(
        vocab_size=len(words),
        hidden_size=size,
        intermediate_size=2 * size,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=size // 4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        initializer_range=0.05,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        bos_token_id=None,
    )
    return transformers.Qwen3ForCausalLM(config)


def twin(one: Any) -> Any:
    """Another model of the same weights. No deep copy: it would keep the `forward` that a trainer has put in."""
    other = type(one)(one.config)
    other.load_state_dict(one.state_dict())
    return other
