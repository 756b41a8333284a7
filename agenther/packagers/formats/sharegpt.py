r"""ShareGPT as LLaMA-Factory reads it (AgentHER §3.4): strings only, in strict alternation.

    {"conversations": [
        {"from": "human", "value": "..."},
        {"from": "function_call", "value": "<think>\n...\n</think>\n\n{\"name\": ..., \"arguments\": {...}}"},
        {"from": "observation", "value": "..."},
        {"from": "gpt", "value": "..."}],
     "system": "...", "tools": "[{\"name\": ..., ...}]", ...}

LLaMA-Factory learns every turn of the agent, so that rows are cut as for `sft`. It skips a row that does not
alternate without saying so, and stops at a call that is no JSON: `problems` finds both before. `weight` is a column
that it does not read.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from agenther.packagers.base import PROVENANCE, LeftOut, Packager, Part, Pick, Row, provenance
from agenther.packagers.columns import TEXT, Columns, Each
from agenther.packagers.talk import call_rules
from agenther.packagers.talk.thoughts import CLOSED, OPEN
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import Call, Conversation, Turn, whole

NEXT_RESULT = "\n</tool_response>\n<tool_response>\n"
"""Between the results of parallel calls, as LLaMA-Factory joins them itself."""

ASKING, ACTING = ("human", "observation"), ("gpt", "function_call")


def rows(pick: Pick) -> Iterator[Row | LeftOut]:
    """One row, or the rule that left the sample out."""
    talk = whole(pick.sample)
    if isinstance(talk, LeftOut):
        yield talk
        return
    yield {
        "conversations": [*conversation(talk, talk.turns), act(talk.acts[-1])],
        **around(talk, talk.calls),
        **provenance(pick),
    }


def conversation(talk: Conversation, turns: Iterable[Turn]) -> list[dict[str, str]]:
    """The goal, then `turns` and what came back for them."""
    human = {"from": "human", "value": talk.user}
    return [human, *(message for turn in turns for message in (act(turn), *_response(turn)))]


def act(turn: Turn) -> dict[str, str]:
    """What the agent did in one turn, its thought first. Text beside calls has no place."""
    thought = f"{OPEN}{turn.thought}{CLOSED}" if turn.thought else ""
    if not turn.calls:
        return {"from": "gpt", "value": thought + turn.text}
    calls = [{"name": call.name, "arguments": call.arguments} for call in turn.calls]
    return {"from": "function_call", "value": thought + text(calls if len(calls) > 1 else calls[0])}


def around(talk: Conversation, calls: Iterable[Call]) -> dict[str, str]:
    """The columns beside the conversation."""
    return {"system": talk.system, "tools": text([tool["function"] for tool in schemas(talk.tools, calls)])}


def text(value: Any) -> str:
    """JSON, with letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def _response(turn: Turn) -> Iterator[dict[str, str]]:
    if turn.calls:
        yield {"from": "observation", "value": NEXT_RESULT.join(turn.results)}
    if turn.reply:
        yield {"from": "human", "value": turn.reply}


def broken(row: Row, turns: list[dict[str, str]]) -> list[str]:
    """The rules that `turns` break, with the tools of `row`; the last turn may be any act of the agent."""
    listed = {tool["name"] for tool in json.loads(row["tools"])}
    found = []
    if len(turns) % 2:
        found.append("an odd number of turns")
    for index, turn in enumerate(turns):
        if turn["from"] not in (ACTING if index % 2 else ASKING):
            found.append("the turns do not alternate")
        if turn["from"] == "function_call":
            found.extend(_of_calls(turn["value"], listed))
        elif turn["from"] != "observation" and not turn["value"].strip():
            found.append(f"an empty turn from {turn['from']}")
    if not turns or turns[0]["from"] != "human":
        found.append("the first turn is not from human")
    return list(dict.fromkeys(found))


def problems(row: Row) -> list[str]:
    """The rules that a whole demonstration breaks; it ends with an answer."""
    found = broken(row, row["conversations"])
    return found if row["conversations"][-1]["from"] == "gpt" else [*found, "the last turn is not from gpt"]


def _of_calls(value: str, listed: set[str]) -> list[str]:
    try:
        calls = json.loads(value.rpartition(CLOSED)[2] if value.startswith(OPEN) else value)
    except ValueError:
        return ["a call is no JSON"]
    listing = calls if isinstance(calls, list) else [calls]
    return [rule for call in listing for rule in call_rules.broken(call["name"], call["arguments"], listed)]


TURN: Columns = {"from": TEXT, "value": TEXT}
CONVERSATION: Columns = {"conversations": Each(TURN), "system": TEXT, "tools": TEXT}
COLUMNS: Columns = {**CONVERSATION, **PROVENANCE}

SHAREGPT = Packager("whole demonstrations as strings (LLaMA-Factory)", {"": Part(problems, COLUMNS, rows=rows)})
