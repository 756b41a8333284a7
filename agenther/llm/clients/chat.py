"""OpenAI's chat API as data: what the body of a response says."""

import json
from typing import Any

from agenther.errors import ModelError
from agenther.llm.clients.faults import TransientError
from agenther.llm.clients.told import Told, told
from agenther.llm.model import Completion, Usage

THOUGHTS = ("reasoning_content", "reasoning")
"""Where servers put what a model thinks."""


def completion(body: Any, raw: str) -> Completion:
    """What a response says; `raw` is its text. Raises TransientError when it is not a chat completion at all."""
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict) or not isinstance(choice, dict):
        raise TransientError("the body of the response is no chat completion", status=200, said=told(body))
    if fault := _fault(body, choice, message):
        raise TransientError("the body of the response is an error", status=200, said=fault)
    if refusal := _refusal(message):
        return Completion(refusal, "refusal", _usage(body.get("usage")), raw)
    found = choice.get("finish_reason")
    finish = found if isinstance(found, str) else "stop"
    text = _text(message.get("content"))
    if not text.strip() and finish != "length":
        text = _kept_to_itself(message)
    return Completion(text, finish, _usage(body.get("usage")), raw)


def read(raw: bytes) -> Completion:
    """What the body of a response says. Raises TransientError when it is cut, or something else such as a web page."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        start = raw[:80].decode("utf-8", "replace")
        why = f"the endpoint answered something that is not JSON ({start!r}); is --base-url the address of an API?"
        raise TransientError(why, status=200) from None
    return completion(body, raw.decode("utf-8", "replace"))


def settled(outcome: TransientError | ModelError | Completion) -> Completion:
    """The Completion that a failed call comes to; raises it when it is an error."""
    if isinstance(outcome, Completion):
        return outcome
    raise outcome


def _fault(body: dict[str, Any], choice: dict[str, Any], message: dict[str, Any]) -> Told | None:
    """The error that stands where an answer should."""
    fault = choice.get("error") or body.get("error")
    is_answered = _text(message.get("content")).strip() and choice.get("finish_reason") != "error"
    return told({"error": fault}) if fault and not is_answered else None


def _refusal(message: dict[str, Any]) -> str:
    extra = message.get("provider_specific_fields")  # where litellm puts it
    said = message.get("refusal") or (extra.get("refusal") if isinstance(extra, dict) else None)
    return _text(said)


def _kept_to_itself(message: dict[str, Any]) -> str:
    """An answer that a server took for thoughts, since nothing says where those end: it is the end of them."""
    thoughts = (_text(message.get(name)) for name in THOUGHTS)
    return next((text for text in thoughts if text.rstrip("` \n").endswith("}")), "")


def _text(content: Any) -> str:
    if isinstance(content, list):  # some servers answer in parts, as requests may be written
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    # a body can spell halves of surrogate pairs, which no file takes
    return content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""


def _usage(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    prompt = _count(usage.get("prompt_tokens"))
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    # some count what is cached beside the prompt, of which it is a part here
    found = Usage(prompt, min(cached, prompt), completion=_count(usage.get("completion_tokens")))
    return found if found.prompt or found.completion else None  # nothing counted is nothing known


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
