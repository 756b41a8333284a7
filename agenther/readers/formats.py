"""The log formats that can be read, each by its name; see `base` for what one is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from agenther.errors import ReadError
from agenther.plugins import Guest, taken_in
from agenther.readers import agenther_json, crews, inspect_ai, smolagents
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.chat import apis, responses
from agenther.readers.coding import atif, claude_code, codex, mini_swe_agent, openhands, swe_agent
from agenther.readers.dialogue import tau2, tau_bench
from agenther.readers.log import Head, Log
from agenther.readers.maps.reader import NAME, shipped
from agenther.readers.spans import langfuse, langsmith, otlp
from agenther.readers.toolbench import answers, converted, training
from agenther.readers.web import browser_use, browsergym, occam, operator, webvoyager
from agenther.readers.webarena import dumps, renders
from agenther.records import Trajectory

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
    "langfuse": langfuse.READER,
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
    if not isinstance(found, Reader):
        return False
    called = (found.recognizes, found.read, found.accompanies, found.holds_again)
    return all(map(callable, called)) and all(isinstance(text, str) for text in (*found.side_files, *found.needs))


def _guarded(reader: Reader, guest: Guest) -> Reader:
    """The same reader of another package; each of its runs has the id that its content gives it."""
    reading = replace(guest, may_raise=(OSError,))  # the log's own

    def recognizes(head: Head) -> Fit:
        with guest:
            return Fit(reader.recognizes(head))

    def accompanies(head: Head) -> bool:
        with guest:
            return bool(reader.accompanies(head))

    def holds_again(log: Log) -> bool:
        with reading:
            return bool(reader.holds_again(log))

    def read(log: Log) -> Iterator[Trajectory | ReadError]:
        with reading:
            for item in reader.read(log):
                yield item if isinstance(item, ReadError) else _identified(item)

    return reader._replace(recognizes=recognizes, accompanies=accompanies, holds_again=holds_again, read=read)


def _identified(run: Trajectory) -> Trajectory | ReadError:
    try:
        return identified(run.model_copy(update={"id": ""}))
    except ReadError as error:
        return error


READERS |= taken_in("agenther.readers", {*READERS, NAME}, "Reader", is_reader, _guarded)
