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
from agenther.readers import (
    agenther_json,
    anthropic_chat,
    openai_chat,
    sharegpt,
    tau_bench,
    toolbench,
    toolbench_converted,
    toolbench_labels,
    toolbench_training,
    webarena,
    webarena_json,
)
from agenther.readers.log import Head, Log
from agenther.records import Reason, Trajectory


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


def identify(head: Head, only: str | None = None) -> str | None:
    """Name of the format of a log; None for a side file, which holds no run itself.

    `only` names the one format to take, whatever the file looks like. Raises ReadError when no format
    or more than one fits.
    """
    if only is not None:
        return only
    fits = [name for name, reader in READERS.items() if reader.recognizes(head)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        why = f"looks like {' and '.join(fits)}; choose one with --log-format"
        raise ReadError(Reason.AMBIGUOUS_FORMAT, why)
    if any(reader.accompanies(head) for reader in READERS.values()):
        return None
    if not head.text.strip():
        raise ReadError(Reason.EMPTY, "the file is empty")
    if head.text.lstrip("\ufffd")[:2] in ("{\0", "[\0", "\0{", "\0["):
        raise ReadError(Reason.ENCODING, "UTF-16; convert the file to UTF-8")
    raise ReadError(Reason.UNKNOWN_FORMAT, "no log format fits; see `agenther formats`, or name one with --log-format")
