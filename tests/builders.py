"""Valid records to start a test from; a test changes the one thing that it is about.

The default run: a shop assistant is asked for a lamp under $5, finds one for $12.99, looks at it and gives up.
The default sample: what that run did achieve, "find a brass desk lamp and tell me its price".
"""

from typing import Any

from agenther.packagers.base import Batch, Pick
from agenther.packagers.selection.split import group
from agenther.records import Action, Ending, Evidence, FailureType, Label, Sample, Source, Step, Tool, Trajectory

GOAL = "Find a desk lamp under $5."
NEW_GOAL = "Find a brass desk lamp in the shop and tell me its price."
ANSWER = "The Orbit brass desk lamp costs $12.99."
LIST = '{"items": [{"id": "L-77", "name": "Orbit brass desk lamp"}]}'
PAGE = "Orbit brass desk lamp, $12.99, in stock"


def a_tool(name: str = "search", **properties: str) -> Tool:
    """A tool whose parameters have the given JSON types: `a_tool("open", id="string")`."""
    fields = properties or {"q": "string"}
    schema = {"type": "object", "properties": {key: {"type": kind} for key, kind in fields.items()}}
    return Tool(name=name, description=f"{name} in the shop", parameters={**schema, "required": list(fields)})


def a_step(n: int = 1, name: str = "search", observation: str | None = LIST, **changes: Any) -> Step:
    """Step `n`, a message of its own; `arguments` go to the action, other changes to the step."""
    arguments = changes.pop("arguments", {"q": "brass desk lamp"} if name == "search" else {})
    raw = changes.pop("raw", None)
    action = Action(name=name, arguments=arguments, raw=raw)
    return Step(**{"n": n, "turn": n, "action": action, "observation": observation, **changes})


def some_steps() -> tuple[Step, ...]:
    return (
        a_step(1, thought="I look for brass desk lamps first."),
        a_step(2, "open", PAGE, arguments={"id": "L-77"}, thought="The list names L-77; I open it for its price."),
    )


def a_run(**changes: Any) -> Trajectory:
    """A labelled failure in two tool calls and a closing message."""
    closing = a_step(3, "respond", None, arguments={"content": "I found no lamp under $5."}, final=True)
    fields = {
        "id": "openai-chat-0000000000000001",
        "source": Source(format="openai-chat", path="shop/runs.jsonl", line=1),
        "goal": GOAL,
        "task_id": "7",
        "benchmark": "shop",
        "system": "You are a shop assistant.",
        "tools": (a_tool("search"), a_tool("open", id="string")),
        "steps": (*some_steps(), closing),
        "answer": "I found no lamp under $5.",
        "ending": Ending.ANSWERED,
        "label": Label(success=False, source="log"),
    }
    return Trajectory(**{**fields, **changes})


def a_sample(**changes: Any) -> Sample:
    """The accepted pair that `a_run()` leads to: both calls serve the new goal."""
    fields = {
        "id": "openai-chat-0000000000000001-1",
        "run_id": "openai-chat-0000000000000001",
        "source": Source(format="openai-chat", path="shop/runs.jsonl", line=1),
        "goal": NEW_GOAL,
        "original_goal": GOAL,
        "goal_seen": True,
        "task_id": "7",
        "benchmark": "shop",
        "domain": "",
        "template": "",
        "kind": "lookup",
        "system": "You are a shop assistant.",
        "tools": (a_tool("search"), a_tool("open", id="string")),
        "start": None,
        "steps": some_steps(),
        "relevant_steps": (1, 2),
        "answer": ANSWER,
        "answer_source": "grounded",
        "original_answer": "I found no lamp under $5.",
        "claims": (Evidence(text="the lamp costs $12.99", step=2, quote="$12.99"),),
        "rationale": "The page of the lamp shows its price.",
        "confidence": 0.9,
        "failure_type": FailureType.CONSTRAINT_VIOLATION,
        "severity": 0.25,
        "weight": 0.75,
        "verdicts": (),
        "by": "rules",
    }
    return Sample(**{**fields, **changes})


def a_pick(weight: float = 1.0, **changes: Any) -> Pick:
    """`a_sample(**changes)`, picked for the datasets."""
    sample = a_sample(**changes)
    return Pick(sample, group(sample), weight)


def a_batch(*runs: Trajectory, picks: tuple[Pick, ...] = ()) -> Batch:
    return Batch(lambda: iter(picks), lambda: iter(runs), group)
