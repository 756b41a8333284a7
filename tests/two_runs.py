"""A success and a failure of one task, and the preference pairs that they make."""

from builders import a_batch, a_run, a_step

from agenther.packagers.formats import dpo
from agenther.records import Action, Label, Step

GOOD = Label(success=True, source="log")
CLOSING = a_step(3, "respond", None, arguments={"content": "Bye"}, final=True)


def open_dot(**changes):
    return a_step(2, "open", "Dot lamp, $4", arguments={"id": "L-4"}, **changes)


def success(n: int = 1, **changes):
    fields = {"id": f"good-{n}", "label": GOOD, "answer": "The Dot lamp costs $4."}
    return a_run(
        **{**fields, "steps": (a_step(1), a_step(2, "open", "Dot lamp, $4", arguments={"id": "L-4"})), **changes}
    )


def failure(n: int = 1, **changes):
    return a_run(**{"id": f"bad-{n}", **changes})


def said(n, text, reply):
    action = Action(name="respond", arguments={"content": text})
    return Step(n=n, turn=n, action=action, observation=reply, answered_by="user")


def made(*runs):
    return list(dpo.rows(a_batch(*runs)))


def act(name, **arguments):
    call = {"id": "call_2", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}
