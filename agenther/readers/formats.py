"""The log formats that can be read, each by its name; see `base` for what one is."""

from collections.abc import Iterator
from typing import TypeGuard

from agenther.errors import ReadError
from agenther.plugins import MOST, taken_in
from agenther.readers import agenther_json, crews, inspect_ai, smolagents
from agenther.readers.base import Reader
from agenther.readers.chat import apis, responses
from agenther.readers.coding import atif, claude_code, codex, mini_swe_agent, openhands, swe_agent
from agenther.readers.dialogue import tau2, tau_bench
from agenther.readers.log import Log
from agenther.readers.maps.reader import NAME, shipped
from agenther.readers.spans import langsmith, otlp
from agenther.readers.toolbench import answers, converted, training
from agenther.readers.web import browser_use, browsergym, occam, operator, webvoyager
from agenther.readers.webarena import dumps, renders
from agenther.records import Reason, Trajectory

READERS: dict[str, Reader] = {
    "webarena": renders.READER,
    "webarena-json": dumps.READER,
    "tau-bench": tau_bench.READER,
    "tau2-bench": tau2.READER,
    "crew": crews.READER,
    "webvoyager": webvoyager.READER,
    "open-operator": operator.READER,
    "browser-use": browser_use.READER,
    "browsergym": browsergym.READER,
    "agent-occam": occam.READER,
    "agenther": agenther_json.READER,
    "openai-chat": apis.OPENAI,
    "sharegpt": apis.SHAREGPT,
    "anthropic": apis.ANTHROPIC,
    "langchain": apis.LANGCHAIN,
    "gemini": apis.GEMINI,
    "langsmith": langsmith.READER,
    "otlp": otlp.READER,
    "smolagents": smolagents.READER,
    "claude-code": claude_code.READER,
    "swe-agent": swe_agent.READER,
    "mini-swe-agent": mini_swe_agent.READER,
    **{name: shipped(name) for name in ("general-agent-bench", "agentbench", "swe-agent-trajectories")},
    "codex": codex.READER,
    "openai-responses": responses.READER,
    "atif": atif.READER,
    "openhands": openhands.READER,
    "inspect": inspect_ai.READER,
    "toolbench": answers.READER,
    "toolbench-converted": converted.READER,
    "toolbench-training": training.READER,
}


def is_reader(found: object) -> TypeGuard[Reader]:
    """Does it have what is called before a log is read?"""
    return isinstance(found, Reader) and all(map(callable, (found.recognizes, found.read, found.accompanies)))


def _careful(name: str, reader: Reader) -> Reader:
    """The same reader, of another package, for which whatever it meets in a log is a fault of that log."""

    def read(log: Log) -> Iterator[Trajectory | ReadError]:
        try:
            yield from reader.read(log)
        except (ReadError, OSError):
            raise
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())[:MOST]
            raise ReadError(Reason.MALFORMED, f"the reader {name} cannot read on: {why}") from error

    return reader._replace(read=read)


_OTHERS = taken_in("agenther.readers", {*READERS, NAME}, "Reader", is_reader)
READERS |= {name: _careful(name, reader) for name, reader in _OTHERS.items()}
