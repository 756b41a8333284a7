"""Who says a message, however a log spells it."""

from typing import Literal

Role = Literal["system", "user", "agent", "call", "result", "environment"]

ROLES: dict[str, Role] = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "agent", "ai", "bot", "model", "gpt", "chatgpt"), "agent"),
    **dict.fromkeys(("tool_call", "function_call"), "call"),
    **dict.fromkeys(("tool", "function", "observation", "ipython", "environment"), "result"),
    **dict.fromkeys(("tool_response", "tool_result", "function_response", "function_result"), "result"),
}
"""By the name in lower case; anybody else is part of the environment."""


def role_of(name: str) -> Role:
    return ROLES.get(name.strip().casefold().replace("-", "_").replace(" ", "_"), "environment")
