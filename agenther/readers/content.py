"""What a message says: its content as text, whatever parts it comes in, and the thought that opens it."""

import json
import re
from collections.abc import Iterable
from typing import Any

TEXTS = ("text", "input_text", "output_text", "refusal")
MEDIA = {
    **dict.fromkeys(("image", "image_url", "input_image"), "image"),
    **dict.fromkeys(("audio", "input_audio", "audio_url"), "audio"),
    **dict.fromkeys(("file", "input_file", "document"), "file"),
    **dict.fromkeys(("video", "video_url"), "video"),
}
"""Types of content parts that hold no text, and the word that stands for them."""
_MARKS = re.compile(r"\[(?:image|audio|file|video)\]")


def split_thought(text: str) -> tuple[str, str]:
    """(thought, rest) of a text that opens with <think>…</think>."""
    opening, closing = "<think>", "</think>"
    if not text.lstrip().startswith(opening) or closing not in text:
        return "", text
    thought, _, rest = text.lstrip()[len(opening) :].partition(closing)
    return thought.strip(), rest.lstrip("\n")


def without_media(text: str) -> str:
    """What a text says in words."""
    return _MARKS.sub("", text).strip()


def joined(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, texts))


def content_text(content: Any) -> str:
    """A message's content as text, with "[image]" and the like for what is none; JSON if it is no content at all."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = [_part_text(part) for part in (content if isinstance(content, list) else [content])]
    return json.dumps(content, ensure_ascii=False) if None in parts else "\n".join(filter(None, parts))


def _part_text(part: Any) -> str | None:
    """The text of one content part; None for a value that is none."""
    if isinstance(part, str):
        return part
    kind = part.get("type", "text" if part.keys() == {"text"} else "") if isinstance(part, dict) else ""
    if kind in TEXTS:
        text = part.get("text", part.get("refusal"))
        return text if isinstance(text, str) else None
    return f"[{MEDIA[kind]}]" if isinstance(kind, str) and kind in MEDIA else None
