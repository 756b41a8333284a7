"""The log formats that can be read, each by its name; see `base` for what one is."""

from agenther.readers import agenther_json
from agenther.readers.base import Reader
from agenther.readers.chat import anthropic, langchain, openai, parts, sharegpt
from agenther.readers.coding import claude_code
from agenther.readers.dialogue import tau_bench
from agenther.readers.toolbench import answers, converted, training
from agenther.readers.webarena import dumps, renders

READERS: dict[str, Reader] = {
    "webarena": renders.READER,
    "webarena-json": dumps.READER,
    "tau-bench": tau_bench.READER,
    "agenther": agenther_json.READER,
    "openai-chat": openai.READER,
    "sharegpt": sharegpt.READER,
    "anthropic": anthropic.READER,
    "langchain": langchain.READER,
    "gemini": parts.READER,
    "claude-code": claude_code.READER,
    "toolbench": answers.READER,
    "toolbench-converted": converted.READER,
    "toolbench-training": training.READER,
}
