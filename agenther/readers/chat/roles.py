"""Who says a message, however a log spells it."""

from typing import Any, Literal

from agenther.readers.content import THOUGHTS

Role = Literal["system", "user", "agent", "call", "result", "environment"]

ROLES: dict[str, Role] = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "agent", "ai", "bot", "model", "gpt", "chatgpt"), "agent"),
    **dict.fromkeys(THOUGHTS, "agent"),
    **dict.fromkeys(("tool_call", "function_call"), "call"),
    **dict.fromkeys(("tool", "function", "observation", "ipython", "environment"), "result"),
    **dict.fromkeys(("tool_response", "tool_result", "function_response", "function_result"), "result"),
}
"""By the name in lower case; anybody else is part of the environment."""


def role_of(name: str) -> Role:
    return ROLES.get(name.strip().casefold().replace("-", "_").replace(" ", "_"), "environment")


LANGCHAIN = {"human": "user", "ai": "assistant", "tool": "tool", "system": "system", "function": "function"}
"""The kinds of LangChain's messages, and the roles that they stand for."""


def kind_of(raw: dict[str, Any]) -> str:
    """Which kind of LangChain's messages an object is; empty if it is none of them."""
    kind: Any = raw.get("type")
    if kind == "constructor" and isinstance(raw.get("id"), list):
        kind = raw["id"][-1] if raw["id"] else ""
    elif "role" in raw or raw.keys().isdisjoint(("content", "data")):
        return ""
    kind = kind.removesuffix("Chunk").removesuffix("Message").lower() if isinstance(kind, str) else ""
    return kind if kind in LANGCHAIN else ""
