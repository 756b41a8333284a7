"""Session files of Claude Code: one JSON object a line, of which some are messages as Anthropic's API has them.

    {"type": "user", "uuid": "u1", "parentUuid": null, "sessionId": "s", "message": {"role": "user", "content": "…"}}
    {"type": "assistant", "uuid": "u2", "parentUuid": "u1", "message": {"id": "msg_1", "role": "assistant",
        "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}]}}
    {"type": "user", "uuid": "u3", "parentUuid": "u2", "message": {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt"}]}}

Lines of one `message.id` are one turn. `parentUuid` makes a tree, of which the run is the branch that ends in the last
line. The lines of a subagent (`isSidechain`) are a run of its own, in the same file or in one of their own.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.chat import conversations, dialects
from agenther.readers.chat.asking import tagged_blocks
from agenther.readers.chat.messages import Message
from agenther.readers.content import content_text
from agenther.readers.json_text import partial
from agenther.readers.json_values import Record
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, name_of
from agenther.records import Ending, Reason, Source, Trajectory

SAID = ("user", "assistant")
OURS = ("parentUuid", "leafUuid", "isSidechain")
INTERRUPTED = "[Request interrupted by user"
CONTINUED = "This session is being continued from a previous conversation"
"""What opens the summary of all that came before, where the session outgrew the model's context."""
COMMAND = "<command-name>"
MOST_LINES = 100
"""Lines of the head that are looked at."""

Line = dict[str, Any]


def recognizes(head: Head) -> Fit:
    """Is a line a message under its speaker's name, or does it tell its place in the tree?"""
    found = (fields(partial(text)) for text in head.text.split("\n")[:MOST_LINES] if text.startswith("{"))
    return Fit.sure(any(_is_said(line) or any(name in line for name in OURS) for line in found))


def _is_said(line: Line) -> bool:
    return line.get("type") in SAID and fields(line.get("message")).get("role") == line["type"]


def _threads(log: Log) -> Iterator[Record]:
    """The lines of each agent of the file: the main one's, and each subagent's under its id."""
    threads, root_of, errors = defaultdict[str, list[Line]](list), dict[str, str](), list[ReadError]()
    for _, _, line in log.records():
        if not isinstance(line, dict):
            errors.append(line if isinstance(line, ReadError) else ReadError(Reason.MALFORMED, "no line of a session"))
            continue
        key = ""
        if line.get("isSidechain") is True or line.get("parent_tool_use_id"):
            uuid, parent = name_of(line.get("uuid")), name_of(line.get("parentUuid"))
            key = root_of[uuid] = root_of.get(parent) or (
                name_of(line.get("agentId")) or name_of(line.get("parent_tool_use_id")) or uuid or "subagent"
            )
        threads[key].append(line)
    found = {key: lines for key, lines in threads.items() if any(map(_is_said, lines))}
    if not found:
        raise errors[0] if errors else ReadError(Reason.NO_STEPS, "no line is a message of a user or an assistant")
    for key, lines in found.items():
        yield None, key if len(found) > 1 else "", (lines, bool(errors))


def _run(source: Source, thread: tuple[list[Line], bool]) -> Trajectory:
    lines, damaged = thread
    kept = _branch(lines)
    flags = {
        "lines-unreadable": damaged,
        "other-branches-dropped": len(kept) < sum(map(_is_said, lines)),
        "compacted": any(line.get("subtype") == "compact_boundary" or _is_summary(line) for line in lines),
        "subagent": any(line.get("isSidechain") is True for line in lines),
    }
    told = {"task_id": PurePosixPath(source.path).stem, "flags": flags, **_broken(kept[-1], lines[-1])}
    return conversations.run(source, _messages(kept), {}, **told)


def _broken(said: Line, last: Line) -> dict[str, Any]:
    """How a session broke off, by the last that was said in it, or its last line."""
    if said.get("isApiErrorMessage") is True:
        return {"failure_reason": content_text(said["message"].get("content")), "ending": Ending.CRASHED}
    why = name_of(last.get("subtype")) if last.get("type") == "result" else ""
    if not why.startswith("error"):
        return {}
    return {"failure_reason": why, "ending": Ending.STEP_LIMIT if "max" in why else Ending.CRASHED}


def _branch(lines: list[Line]) -> list[Line]:
    """The messages of the branch that the last one ends, with all parts of its turns and all results of its calls."""
    place = {uuid: n for n, line in enumerate(lines) if (uuid := name_of(line.get("uuid")))}
    at = max(n for n, line in enumerate(lines) if _is_said(line))
    on = set[int]()
    while at >= 0 and at not in on:
        on.add(at)
        line = lines[at]
        parent = name_of(line.get("parentUuid") or line.get("logicalParentUuid"))
        is_root = "parentUuid" in line and not parent and not _is_summary(line) and "subtype" not in line
        at = place.get(parent, at - 1) if not is_root else -1
    turns = {name_of(lines[n]["message"].get("id")) for n in on if _is_said(lines[n])} - {""}
    said = [
        (n in on or name_of(line["message"].get("id")) in turns, line) for n, line in enumerate(lines) if _is_said(line)
    ]
    made = {name_of(block.get("id")) for is_on, line in said if is_on for block in _content(line)}
    answers = [{ref for one in _content(line) if isinstance(ref := one.get("tool_use_id"), str)} for _, line in said]
    return [line for (is_on, line), refs in zip(said, answers, strict=True) if is_on or refs & made]


def _content(line: Line) -> list[Line]:
    """The content of a message as blocks."""
    content = line["message"].get("content")
    given = content if isinstance(content, list) else [{"type": "text", "text": content_text(content)}]
    return [block if isinstance(block, dict) else {"type": "text", "text": content_text(block)} for block in given]


def _is_summary(line: Line) -> bool:
    return line.get("isCompactSummary") is True or (
        _is_said(line) and line["type"] == "user" and content_text(line["message"].get("content")).startswith(CONTINUED)
    )


def _messages(lines: list[Line]) -> Iterator[Message]:
    """What the agent and the user said, without what Claude Code itself put there in their names."""
    turns: dict[str, list[Line]] = {}
    said: list[Line] = []
    is_command = False
    for line in lines:
        turn = name_of(line["message"].get("id"))
        content = _content(line)
        if line["type"] == "user":
            kept = list(_of_person(line, content, is_command=is_command))
            is_command = not kept and any(COMMAND in content_text(block.get("text")) for block in content)
            said.append({"role": "user", "content": kept})
        elif line.get("isApiErrorMessage") is not None or line["message"].get("model") == "<synthetic>":
            continue
        elif turn and turn in turns:
            turns[turn].extend(content)
        else:
            turns[turn] = content
            said.append({"role": "assistant", "content": content})
    for raw in said:
        for message in dialects.messages_of(raw) if raw["content"] else ():
            if message.role == "result" or message.calls or message.text.strip():
                yield message


def _of_person(line: Line, content: list[Line], *, is_command: bool) -> Iterator[Line]:
    """The results in a user's line, and what a person said in it; after a bare command, what that stands for."""
    by_tool = (line.get("isMeta") is True and not is_command) or _is_summary(line)
    for block in content:
        if block.get("type") != "text":
            yield block
        elif not by_tool and (text := _words(content_text(block))):
            yield {"type": "text", "text": text}


def _words(text: str) -> str:
    """What a person wrote of a text; a text of nothing but blocks, with tags of several words, is not theirs.

    Of a command that was given, its name and arguments are.
    """
    if text.lstrip().startswith(INTERRUPTED):
        return ""
    found = list(tagged_blocks(text))
    if not any(len(words) > 1 for words, _, _ in found):
        return text
    tagged = {" ".join(sorted(words)): inside.strip() for words, inside, _ in found}
    given = tagged.get("args command", "")
    return f"{tagged.get('command name', '')} {given}" if given else ""


READER = Reader(
    "Session files of Claude Code",
    recognizes,
    reads("claude-code", _run, _threads),
    ("sessions-index.json", "subagents/*.meta.json"),
    needs=("uuid", "sessionId", "type", "message.role"),
)
