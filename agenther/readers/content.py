"""What a message says: its content as text, whatever parts it comes in, and the thought that opens it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

TEXTS = ("text", "input_text", "output_text", "refusal")
MEDIA = {
    **dict.fromkeys(("image", "image_url", "input_image"), "image"),
    **dict.fromkeys(("audio", "input_audio", "audio_url"), "audio"),
    **dict.fromkeys(("file", "input_file", "document", "inlineData", "inline_data", "fileData", "file_data"), "file"),
    **dict.fromkeys(("video", "video_url"), "video"),
    **dict.fromkeys(("source-url", "source-document"), "source"),
}
"""Types of content parts that hold no text, and the word that stands for them."""
THOUGHTS = frozenset(
    "reasoning reasoningcontent reasoningtext reasoningdetails thinking thinkingblocks thought thoughts".split()
)
"""Fields of a message in which its thought stands, as `_plain` spells them."""
PART_TEXTS = frozenset({"text", "summary", "content"})
"""Fields of a part of a thought in which its text stands."""
WITHIN = ("additional_kwargs", "provider_specific_fields", "extra", "extras", "metadata")
DEEPEST = 4
MOST_THOUGHTS = 20
"""Thoughts, one after the other, that open a text."""
_OPENS, _CLOSES = r"[<\[◁]", r"[>\]▷]"
_THOUGHT_ENDS = re.compile(
    rf"{_OPENS}/((?:[a-z]{{1,20}}:)?(?:think(?:ing)?|thought|reasoning)){_CLOSES}", re.IGNORECASE
)
_MARKS = re.compile(r"\[(?:image|audio|file|video|source)\]")


def split_thought(text: str) -> tuple[str, str]:
    """(thought, rest) of a text that opens with <think>…</think>, once or more often, in any brackets; or that closes
    what a template opened before it.
    """
    thoughts: list[str] = []
    while len(thoughts) < MOST_THOUGHTS and (closed := _THOUGHT_ENDS.search(text)):
        opening = re.compile(rf"{_OPENS}{re.escape(closed[1])}(?:\s[^<>]*+)?{_CLOSES}", re.IGNORECASE)
        before = text[: closed.start()].lstrip()
        opened = opening.match(before)
        before = before[opened.end() :] if opened else before
        if opening.search(before) or (thoughts and not opened):
            break
        thoughts.append(before.strip())
        text = text[closed.end() :].lstrip("\n")
    return joined(thoughts), text


def reasoning(raw: Mapping[str, Any]) -> str:
    """What the agent thought, wherever the fields of its message, and those one level down, keep it; each text once."""
    levels = [raw, *(raw[name] for name in WITHIN if isinstance(raw.get(name), dict))]
    return joined(dict.fromkeys(text for level in levels for text in _within(level, THOUGHTS)))


def thought_in(part: Mapping[str, Any]) -> str:
    """What a content part that holds a thought tells."""
    return joined(dict.fromkeys(_texts(part)))


def is_thought(part: Any) -> bool:
    """Is it a content part that holds a thought?"""
    fields = part if isinstance(part, dict) else {}
    return fields.get("thought") is True or _plain(_kind(fields)).endswith(
        ("thinking", "reasoning", "reasoningcontent")
    )


def speaks_thought(raw: Mapping[str, Any]) -> bool:
    """Is all that a message of the agent says a thought, by its role, its type, or its channel in OpenAI's Harmony?"""
    role = raw.get("role")
    named = isinstance(role, str) and _plain(role) in THOUGHTS
    return named or is_thought(raw) or raw.get("channel") == "analysis"


def _kind(part: Mapping[str, Any]) -> str:
    """The type of a part, which its only field may tell; empty if nothing does."""
    kind = part.get("type", next(iter(part), "") if len(part) == 1 else "")
    return kind if isinstance(kind, str) else ""


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The text of a thought, be it text, a part, or a list of them."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list) and depth < DEEPEST:
        yield from (text for item in value for text in _texts(item, depth + 1))
    elif isinstance(value, dict) and depth < DEEPEST:
        yield from _within(value, THOUGHTS | PART_TEXTS, depth + 1)


def _within(value: Mapping[str, Any], names: frozenset[str], depth: int = 0) -> Iterator[str]:
    return (text for name, inner in value.items() if _plain(name) in names for text in _texts(inner, depth))


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def without_media(text: str) -> str:
    """What a text says in words."""
    return _MARKS.sub("", text).strip()


def joined(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, texts))


def content_text(content: Any) -> str:
    """A message's content as text, with "[image]" and the like for what is none; JSON if it is no content at all."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = [part_text(part) for part in (content if isinstance(content, list) else [content])]
    return json.dumps(content, ensure_ascii=False) if None in parts else "\n".join(filter(None, parts))


def part_text(part: Any) -> str | None:
    """The text of one content part; None for a value that is none."""
    if isinstance(part, str):
        return part
    kind = _kind(part) if isinstance(part, dict) else ""
    if kind in TEXTS:
        text = part.get("text", part.get("refusal"))
        return text if isinstance(text, str) else None
    return f"[{MEDIA[kind]}]" if kind in MEDIA else None
