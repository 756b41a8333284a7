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

from agenther.packagers.base import PROVENANCE, Packager, Part, Row, each, provenance, text
from agenther.packagers.columns import TEXT, Columns, Each
from agenther.packagers.talk import rules
from agenther.packagers.talk.thoughts import CLOSED, inline
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import Call, Conversation, Shown, Turn, whole
from agenther.packagers.trainers import LLAMAFACTORY

NEXT_RESULT = "\n</tool_response>\n<tool_response>\n"
"""Between the results of parallel calls, as LLaMA-Factory joins them itself."""

ASKING, ACTING = ("human", "observation"), ("gpt", "function_call")


def row(shown: Shown) -> Row:
    talk = shown.talk
    return {
        "conversations": conversation(talk, talk.acts),
        **around(talk, talk.calls),
        **provenance(shown.pick),
    }


def conversation(talk: Conversation, turns: Iterable[Turn]) -> list[dict[str, str]]:
    """The goal, then `turns` and what came back for them."""
    human = {"from": "human", "value": talk.user}
    return [human, *(message for turn in turns for message in (act(turn), *_response(turn)))]


def act(turn: Turn) -> dict[str, str]:
    """What the agent did in one turn, its thought first. Text beside calls has no place."""
    if not turn.calls:
        return {"from": "gpt", "value": inline(turn.thought) + turn.text}
    calls = [call.plain for call in turn.calls]
    return {"from": "function_call", "value": inline(turn.thought) + text(calls if len(calls) > 1 else calls[0])}


def around(talk: Conversation, calls: Iterable[Call]) -> dict[str, str]:
    """The columns beside the conversation."""
    return {"system": talk.system, "tools": text([tool["function"] for tool in schemas(talk.tools, calls)])}


def _response(turn: Turn) -> Iterator[dict[str, str]]:
    if turn.results:
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
            found.extend(rules.of_call_text(turn["value"].rpartition(CLOSED)[2], listed))
        elif turn["from"] != "observation" and not turn["value"].strip():
            found.append(f"an empty turn from {turn['from']}")
    if not turns or turns[0]["from"] != "human":
        found.append("the first turn is not from human")
    return list(dict.fromkeys(found))


def problems(row: Row) -> list[str]:
    """The rules that a whole demonstration breaks; it ends with an answer."""
    found = broken(row, row["conversations"])
    return found if row["conversations"][-1]["from"] == "gpt" else [*found, rules.NO_ANSWER]


TURN: Columns = {"from": TEXT, "value": TEXT}
CONVERSATION: Columns = {"conversations": Each(TURN), "system": TEXT, "tools": TEXT}
COLUMNS: Columns = {**CONVERSATION, **PROVENANCE}

SEQUENCE = ("system", "conversations", "tools")
PART = Part(problems, COLUMNS, rows=each(whole, row), trainers=(LLAMAFACTORY,), sequences=(SEQUENCE,))

SHAREGPT = Packager("whole demonstrations as strings (LLaMA-Factory)", {"": PART})
