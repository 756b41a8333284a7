"""Logs of inspect: a `.json` document, or an `.eval` archive, with a chat and scores for each sample.

    {"version": 2, "status": "success", "eval": {"task": "browse", …}, "samples": [
        {"id": "lamp", "epoch": 1, "input": "Why is the lamp dark?", "target": "…", "messages": [
            {"role": "user", "content": "Why is the lamp dark?"},
            {"role": "assistant", "content": [{"type": "reasoning", "reasoning": "…"}, {"type": "text", "text": ""}],
             "tool_calls": [{"id": "c1", "function": "look", "arguments": {…}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "attachment://5f0c…", "error": null}],
         "scores": {"match": {"value": "C", "answer": "…", "explanation": "…"}}, "attachments": {"5f0c…": "…"},
         "events": [{"event": "model", "tools": [{"name": "look", "description": "…", "parameters": {…}}], …}]}]}

The tools are those that the model was first given. An archive holds each sample as `samples/<id>_epoch_<n>.json`; its
members may be deflated or packed by Zstandard.
"""

import re
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.chat import conversations
from agenther.readers.content import content_text
from agenther.readers.json_text import record as value_of
from agenther.readers.json_values import MAX_LINE_BYTES, Record
from agenther.readers.labels.told import judged, part, reward
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, items, name_of, number
from agenther.records import Ending, Label, Reason, Source, Trajectory

if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, zipfile

FREE_BYTES, MAX_RATIO = 256 * 1024**2, 400
"""Beyond the first 256 MB, an archive may give no more than this many bytes for each of its own."""
BROKEN = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    KeyError,
    struct.error,
    zlib.error,
    ZstdError,
)
SAID = {"C": True, "I": False, "N": False}
"""Correct, incorrect, no answer. What is partly correct (P) is neither."""
_ATTACHED = re.compile(r"attachment://([0-9a-f]{32})")


def recognizes(head: Head) -> Fit:
    """An archive with a journal, samples or a header, or a document that tells which task was evaluated."""
    if _is_archive(head):
        return Fit.sure(any(name in head.text for name in ("_journal/", "samples/", "header.json")))
    return Fit.sure("task" in fields(head.first.get("eval")) and {"version", "status"} <= head.first.keys())


def _is_archive(head: Head) -> bool:
    return head.text.startswith("PK\x03\x04")


def _samples(log: Log) -> Iterator[Record]:
    """Each sample, with the task and the epoch that it may leave out."""
    for line, place, header, sample in _archived(log) if _is_archive(log.head) else _listed(log):
        task = fields(fields(header).get("eval")).get("task")
        told = {"epoch": 1, **fields(sample), "task": task}
        yield line, place, sample if isinstance(sample, ReadError) else told


def _listed(log: Log) -> Iterator[tuple[int | None, str, Any, Any]]:
    document, samples = log.parted("samples")
    yield from ((line, place, document, sample) for line, place, sample in samples)


def _archived(log: Log) -> Iterator[tuple[int | None, str, Any, Any]]:
    """Each sample of an archive, read alone, with the archive's header.

    Raises ReadError when it is no archive, or gives too much.
    """
    left = max(FREE_BYTES, log.path.stat().st_size * MAX_RATIO)
    try:
        with zipfile.ZipFile(log.path) as archive:
            names = archive.namelist()
            first = next((name for name in ("header.json", "_journal/start.json") if name in names), None)
            header = _member(archive, first) if first else None
            for name in names:
                if not (name.startswith("samples/") and name.endswith(".json")):
                    continue
                if left < 0:
                    raise ReadError(Reason.TOO_LARGE, "the archive gives too many bytes for its size")
                left -= min(archive.getinfo(name).file_size, MAX_LINE_BYTES)
                yield None, name, header, _member(archive, name)
    except BROKEN as error:
        raise ReadError(Reason.UNREADABLE, f"cannot be unpacked: {error}") from None


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    """The value of a member, or why there is none; what it tells of its own size is not believed."""
    try:
        with archive.open(name) as file:
            raw = file.read(MAX_LINE_BYTES + 1)
        if len(raw) > MAX_LINE_BYTES:
            return ReadError(Reason.TOO_LARGE, f"a sample may have {MAX_LINE_BYTES:,} bytes, and has more")
        return value_of(raw)
    except BROKEN as error:
        return ReadError(Reason.UNREADABLE, f"cannot be unpacked: {error}")


def _run(source: Source, sample: dict[str, Any]) -> Trajectory:
    attached = _Attached(fields(sample.get("attachments")))
    messages = conversations.messages_in(attached.put(sample.get("messages")))
    given = (tools for event in items(sample.get("events")) if (tools := fields(event).get("tools")))
    beside = {"tools": attached.put(next(given, []))}
    told: dict[str, Any] = {}
    if error := fields(sample.get("error")):
        told = {"ending": Ending.CRASHED, "failure_reason": content_text(error.get("message"))}
    elif fields(sample.get("limit")):
        told = {"ending": Ending.STEP_LIMIT}
    told |= {"task_id": name_of(sample.get("id")), "benchmark": name_of(sample.get("task")), "label": _label(sample)}
    return conversations.run(source, messages, beside, **told)


class _Attached:
    """Long texts, of which the messages hold only the names."""

    def __init__(self, texts: dict[str, Any]) -> None:
        self.texts, self.left = texts, MAX_LINE_BYTES

    def put(self, value: Any) -> Any:
        """`value` with the texts in their places. Raises ReadError when it grows too large by them."""
        if isinstance(value, str):
            return _ATTACHED.sub(self._text, value)
        if isinstance(value, list):
            return [self.put(item) for item in value]
        return {name: self.put(item) for name, item in value.items()} if isinstance(value, dict) else value

    def _text(self, found: re.Match[str]) -> str:
        text = self.texts.get(found[1])
        if not isinstance(text, str):
            return found[0]
        self.left -= len(text)
        if self.left < 0:
            raise ReadError(Reason.TOO_LARGE, f"a sample may have {MAX_LINE_BYTES:,} bytes, and has more")
        return text


def _label(sample: dict[str, Any]) -> Label:
    """What the scorers say, if they agree."""
    scores = fields(sample.get("scores")) or ({"score": sample["score"]} if fields(sample.get("score")) else {})
    values = {name: fields(score).get("value", score) for name, score in scores.items()}
    said = {_verdict(value) for value in values.values()}
    if len(values) > 1 and None not in said and len(said) > 1:
        return Label(source=f"contradicting: {', '.join(values)}")
    score = number(next(iter(values.values()))) if len(values) == 1 else None
    source = f"score {', '.join(values)}" if values else "none"
    return Label(success=said.pop() if len(said) == 1 else None, source=source, score=score, **reward(part(score)))


def _verdict(value: Any) -> bool | None:
    score = float(value) if isinstance(value, bool) else number(value)
    if isinstance(value, str):
        return SAID.get(value)
    return None if score is None else judged(score)


READER = Reader(
    "Logs of inspect",
    recognizes,
    reads("inspect", _run, _samples, ("id", "epoch")),
    needs=("version", "status", "eval.task", "samples[].messages"),
)
