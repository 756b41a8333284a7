"""ATIF, the Agent Trajectory Interchange Format of Harbor (v1.7): a demonstration in each line, for other tools.

    {"schema_version": "ATIF-v1.7", "session_id": "...", "trajectory_id": "...",
     "agent": {"name": "...", "version": "...", "tool_definitions": [...]},
     "steps": [{"step_id": 1, "source": "user", "message": "..."},
               {"step_id": 2, "source": "agent", "message": "", "reasoning_content": "...",
                "tool_calls": [{"tool_call_id": "call_1", "function_name": "search", "arguments": {"q": "lamp"}}],
                "observation": {"results": [{"source_call_id": "call_1", "content": "..."}]},
                "extra": {"serves_goal": true}}],
     "extra": {"id": ..., "goal_original": ..., "weight": ...}}

Nothing is cut: a step that does not serve the goal says so. The weight and where a row comes from stand in `extra`.
"""

from collections.abc import Iterator

from agenther import __version__
from agenther.packagers.base import PROVENANCE, Packager, Part, Row, each, provenance
from agenther.packagers.columns import AGENT, OBJECT, TEXT, Columns, Each
from agenther.packagers.talk.rules import NO_ANSWER, of_call
from agenther.packagers.talk.tools import names, schemas
from agenther.packagers.talk.turns import Conversation, Shown, Turn, uncut

SCHEMA = "ATIF-v1.7"


def row(shown: Shown) -> Row:
    talk, pick = shown
    steps = [{"step_id": n, **step} for n, step in enumerate(_steps(talk), 1)]
    tools = schemas(talk.tools, talk.calls)
    return {
        "schema_version": SCHEMA,
        "session_id": pick.sample.run_id,
        "trajectory_id": pick.sample.id,
        "agent": {"name": "agenther", "version": __version__, "tool_definitions": tools},
        "steps": steps,
        "extra": provenance(pick),
    }


def _steps(talk: Conversation) -> Iterator[Row]:
    if talk.system:
        yield {"source": "system", "message": talk.system}
    yield {"source": "user", "message": talk.user}
    for turn in talk.acts:
        yield _step(turn)
        if turn.reply:
            yield {"source": "user", "message": turn.reply}


def _step(turn: Turn) -> Row:
    step: Row = {"source": "agent", "message": turn.text, "extra": {"serves_goal": turn.serves}}
    if turn.thought:
        step["reasoning_content"] = turn.thought
    if turn.calls:
        step["tool_calls"] = [
            {"tool_call_id": call.id, "function_name": call.name, "arguments": call.arguments} for call in turn.calls
        ]
        results = zip(turn.calls, turn.results, strict=False)
        step["observation"] = {"results": [{"source_call_id": call.id, "content": result} for call, result in results]}
    return step


def problems(row: Row) -> list[str]:
    listed = names(row["agent"]["tool_definitions"])
    found = []
    if "tool_calls" in row["steps"][-1] or not row["steps"][-1]["message"].strip():
        found.append(NO_ANSWER)
    for step in row["steps"]:
        for call in step.get("tool_calls", []):
            found.extend(of_call(call["function_name"], call["arguments"], listed))
    return list(dict.fromkeys(found))


COLUMNS: Columns = {
    **dict.fromkeys(("schema_version", "session_id", "trajectory_id"), TEXT),
    "agent": AGENT,
    "steps": Each(OBJECT),
    "extra": PROVENANCE,
}

ATIF = Packager(
    "whole demonstrations for other tools (Harbor)", {"": Part(problems, COLUMNS, rows=each(uncut, row), weighs=True)}
)
