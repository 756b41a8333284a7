"""Log formats, recognised by content. Adding one: a module, one line in `READERS`, a folder of cases.

A format is one module with two functions (and a third where it has side files):

    recognizes(head) -> bool                    looks at the first 64 KB, never at the whole file
    read(log) -> Iterator[Trajectory | ReadError]
    accompanies(head) -> bool                   a side file (labels, configs) that holds no run itself

`read` yields a ReadError for one bad record and goes on; it raises one when the whole file is bad.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from agenther.errors import ReadError
from agenther.readers import agenther_json
from agenther.readers.chat import anthropic as anthropic_chat
from agenther.readers.chat import openai as openai_chat
from agenther.readers.chat import sharegpt
from agenther.readers.dialogue import tau_bench
from agenther.readers.log import Head, Log
from agenther.readers.toolbench import answers as toolbench
from agenther.readers.toolbench import converted as toolbench_converted
from agenther.readers.toolbench import side_files as toolbench_labels
from agenther.readers.toolbench import training as toolbench_training
from agenther.readers.webarena import dumps as webarena_json
from agenther.readers.webarena import renders as webarena
from agenther.records import Trajectory


class Reader(NamedTuple):
    """One log format, as `READERS` lists it."""

    about: str
    recognizes: Callable[[Head], bool]
    read: Callable[[Log], Iterator[Trajectory | ReadError]]
    accompanies: Callable[[Head], bool] = lambda _head: False


READERS: dict[str, Reader] = {
    "webarena": Reader(
        "WebArena and VisualWebArena result folders", webarena.recognizes, webarena.read, webarena.accompanies
    ),
    "webarena-json": Reader("WebArena's html2json dumps", webarena_json.recognizes, webarena_json.read),
    "tau-bench": Reader("tau-bench result lists", tau_bench.recognizes, tau_bench.read),
    "agenther": Reader("AgentHER's own JSON and JSONL", agenther_json.recognizes, agenther_json.read),
    "openai-chat": Reader("OpenAI messages with tool calls", openai_chat.recognizes, openai_chat.read),
    "sharegpt": Reader("ShareGPT conversations with tool calls", sharegpt.recognizes, sharegpt.read),
    "anthropic": Reader("Anthropic messages with content blocks", anthropic_chat.recognizes, anthropic_chat.read),
    "toolbench": Reader("ToolBench raw answers: DFS trees and CoT tries", toolbench.recognizes, toolbench.read),
    "toolbench-converted": Reader(
        "ToolBench converted answers, with pass-rate labels beside them",
        toolbench_converted.recognizes,
        toolbench_converted.read,
        toolbench_labels.accompanies,
    ),
    "toolbench-training": Reader("ToolBench training rows", toolbench_training.recognizes, toolbench_training.read),
}
