"""The parts of a run, and the run itself, as records made from whatever a log holds of them."""

import hashlib
import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

from agenther.errors import ReadError
from agenther.readers.json_text import is_storable, lenient
from agenther.readers.json_values import MAX_LINE_BYTES
from agenther.readers.values import fields, items, unpacked
from agenther.records import Action, Ending, Reason, Source, Step, Tool, Trajectory


def act(name: str, given: Any = None) -> Action:
    """The Action of a call whose arguments are a dict, JSON text, or neither; what is no object goes into `raw`."""
    if given is None:
        return Action(name=name)
    parsed = given
    if isinstance(given, str):
        try:
            parsed = lenient(given)
        except ReadError:
            parsed = None if given.strip() else {}
    if isinstance(parsed, dict) and is_storable(parsed):
        return Action(name=name, arguments=parsed)
    return Action(name=name, raw=given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))


def tools(schemas: Any) -> tuple[Tool, ...]:
    """Tool schemas as OpenAI writes them, bare or wrapped in {"type": "function"}; others are left out."""
    found = []
    for schema in chain.from_iterable(map(_declared, items(schemas))):
        inner = schema.get("function", schema) if isinstance(schema, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            parameters = inner.get("parameters") or inner.get("input_schema")
            given = parameters if isinstance(parameters, dict) and is_storable(parameters) else {}
            found.append(Tool(name=inner["name"], description=str(inner.get("description") or ""), parameters=given))
    return tuple(found)


def _declared(schema: Any) -> list[Any]:
    """The schemas in one, which may be JSON text: Gemini lists several."""
    schema = unpacked(schema)
    told = fields(schema)
    listed = told.get("functionDeclarations", told.get("function_declarations"))
    return listed if isinstance(listed, list) else [schema]


def run(source: Source, steps: Sequence[Step], answer: str | None, **told: Any) -> Trajectory:
    """The run of these steps, the last of which gives the answer, if there is one; `told` holds what else is known."""
    draft: dict[str, Any] = {"steps": tuple(steps), "answer": answer}
    if answer is not None:
        draft |= {"steps": (*steps[:-1], steps[-1].model_copy(update={"final": True})), "ending": Ending.ANSWERED}
    return identified(Trajectory(id="", source=source, **(draft | told)))


_NOT_HASHED: Any = {"source": {"sha256"}, "label": {"reward", "reward_by"}, "blame": True, "reference": True}
"""What may change without making another run of it."""


def identified(draft: Trajectory) -> Trajectory:
    """The run with its content hash as id. Raises ReadError when there is no goal, or it is too large."""
    source, goal = draft.source, draft.goal.strip()
    if not goal:
        raise ReadError(Reason.NO_GOAL, "the run has no goal", line=source.line, key=source.key)
    empty = [name for name in ("system", "start", "answer", "failure_reason") if getattr(draft, name) == ""]
    changes = {"goal": goal, **dict.fromkeys(empty)}
    run = draft.model_copy(update=changes) if empty or goal != draft.goal else draft
    content = run.model_dump_json(exclude=_NOT_HASHED).encode()
    if len(content) > MAX_LINE_BYTES:
        why = f"the run has {len(content):,} bytes; a run may have {MAX_LINE_BYTES:,}"
        raise ReadError(Reason.TOO_LARGE, why, line=source.line, key=source.key)
    return run.model_copy(update={"id": f"{source.format}-{hashlib.sha256(content).hexdigest()[:16]}"})
