"""Calls that agents write as text: what was told apart in cases is here told apart in no time."""

from time import perf_counter

import pytest

from agenther.readers.chat.messages import Message
from agenther.readers.chat.text_actions import acting

SHOWN = Message("user", "Action: a tool\n```bash\nls\n```\n<a>\n<function=x>")
PIECES = [
    *("```bash\n", "```bash\nls\n```\n", "Action: ", "Action: a[\n", "Action Input: \n", "\nObservation:", "* ", "{"),
    *("<function=x>", "<parameter=y>", '<invoke name="', "<tool_call>{", "<a>", "</a>", "<a><b>", "Final Answer:\n"),
    *("[TOOL_CALLS]", "<|x|>", "Action: a(b=", "[[", "</think>"),
]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("<a>", "</a>"), ("Action: ", "]")])
def test_long_texts(piece: str, before: str, after: str):
    began = perf_counter()
    acting([SHOWN, Message("agent", before + piece * 100_000 + after)])
    assert perf_counter() - began < 5, "grew with the square of the text"


def test_long_instructions_are_read_once():
    began = perf_counter()
    shown = Message("user", "```bash\nls\n```\n" + "{{ " * 300_000)
    acting([shown, *[Message("agent", "```bash\nls\n```"), Message("user", "x")] * 5_000])
    assert perf_counter() - began < 5, "read for each message"
