r"""The memory of smolagents' agents: the list of `get_full_steps`, or an object that holds it.

    [{"system_prompt": "You solve tasks."}, {"task": "Is Dune in?"},
     {"step_number": 1, "model_output": "Thought: look.\n<code>\nfind_book('Dune')\n</code>",
      "tool_calls": [{"id": "call_1", "function": {"name": "python_interpreter", "arguments": "find_book('Dune')"}}],
      "observations": "Execution logs:\n0 copies", "error": null, "action_output": null, "is_final_answer": false}]

A step with several calls has one text for all their results; it is set aside.
"""

from collections.abc import Iterator
from typing import Any, Literal

from agenther.readers.base import Fit, Reader, reads
from agenther.readers.chat import calls, conversations
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.content import content_text, joined
from agenther.readers.log import Head
from agenther.readers.values import fields, items, objects
from agenther.records import Ending, Source, Trajectory

LISTS = ("steps", "intermediate_steps", "memory")
SAYS: dict[str, Literal["system", "user", "agent"]] = {"system_prompt": "system", "task": "user", "plan": "agent"}
"""Fields of steps that are no acts, and who says what they hold."""
OPENINGS = ("<code>", "```python", "```py", "```", "Code:")
"""What stands before the code in what a model wrote."""


def recognizes(head: Head) -> Fit:
    steps = objects(_steps(head.value if _is_run(head.value) else head.first))
    return Fit.sure(any({"step_number", "model_output"} <= step.keys() or "task_images" in step for step in steps))


def _is_run(value: Any) -> bool:
    """Is a list the steps of one run?"""
    return isinstance(value, list) and any("step_number" in fields(one) or "task" in fields(one) for one in value[:3])


def _steps(value: Any) -> list[Any]:
    return items(next((value[name] for name in LISTS if name in value), None) if isinstance(value, dict) else value)


def _run(source: Source, value: Any) -> Trajectory:
    steps, record = _steps(value), fields(value)
    last = fields(steps[-1]) if steps else {}
    answer = content_text(last.get("output") or (last.get("action_output") if last.get("is_final_answer") else None))
    told = {"answer": answer, "ending": Ending.ANSWERED} if answer else {}
    if system := content_text(record.get("system_prompt")):
        told["system"] = system
    return conversations.run(source, read_all(steps, _messages), record, **told)


def _messages(step: dict[str, Any]) -> Iterator[Message]:
    """What a step of the memory tells."""
    for name, role in SAYS.items():
        if text := content_text(step.get(name)):
            yield Message(role, text)
    if "step_number" not in step:
        return
    code, text = content_text(step.get("code_action")), content_text(step.get("model_output"))
    if code and code in text:
        text = text.partition(code)[0].rstrip()
        text = next((text.removesuffix(opening).rstrip() for opening in OPENINGS if text.endswith(opening)), text)
    made = tuple(map(calls.call_or_whole, items(step.get("tool_calls"))))
    if not made and code:
        made = (Call("", "python_interpreter", {"code": code}),)
    error = content_text(fields(step.get("error")).get("message"))
    yield Message("agent", text, calls=made)
    if error or step.get("observations") is not None:
        seen = joined([content_text(step.get("observations")), f"Error:\n{error}" if error else ""])
        yield Message("result", seen, answers=made[0].id if len(made) == 1 else "", beside={"error": error or None})


READER = Reader(
    "smolagents' memory",
    recognizes,
    reads("smolagents", _run, lambda log: log.records(_is_run)),
    needs=("steps[].step_number", "steps[].model_output"),
)
