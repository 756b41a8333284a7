"""What docs/training.md says of chat templates, and of what verl makes of them, by the templates that TRL brings."""

from functools import partial
from pathlib import Path

import pytest
from builders import a_pick
from jinja2.exceptions import TemplateError
from test_rows import one
from test_trainers import TEMPLATES, of_bytes

from agenther.packagers.formats.verl import shape
from agenther.packagers.table import PACKAGERS

DOCS = Path(__file__).parents[3] / "docs/training.md"
FILES = {
    "Qwen3": "qwen3",
    "Qwen2.5": "qwen2_5",
    "Llama 3.1": "llama3_1",
    "gpt-oss": "gptoss",
    "DeepSeek-V3": "deepseekv3",
    "Llama 3": "llama3",
}
TOOLS = [{"type": "function", "function": {"name": "find_lamp", "description": "", "parameters": {
    "type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}}]  # fmt: skip
QUESTION = {"role": "user", "content": "Which lamp?"}
ONE = [True, False] * 2
"""Of two calls in each of two messages."""


def table():
    """(family, calls, thoughts) of each family in the table."""
    return [*_cells()]


def _cells():
    lines = DOCS.read_text("utf-8").partition("| family |")[2].partition("\n\n")[0].splitlines()[2:]
    for line in lines:
        families, calls, thoughts, _ = (cell.strip() for cell in line.strip("|").split("|"))
        yield from ((family, calls, thoughts) for family in families.split(", "))


def talk(text="", calls=1):
    """Two questions, with calls and a thought for each; the second has no answer yet."""
    for n in (1, 2):
        made = [
            {"type": "function", "function": {"name": "find_lamp", "arguments": {"q": f"brass {n} {m}"}}, "id": f"c{m}"}
            for m in range(calls)
        ]
        yield {"role": "user", "content": f"Which lamp {n}?"}
        yield {"role": "assistant", "content": text, "reasoning_content": f"I muse {n}.", "tool_calls": made}
        for call in made:
            yield {"role": "tool", "tool_call_id": call["id"], "name": "find_lamp", "content": f"lamp {n}"}
        if n == 1:
            yield {"role": "assistant", "content": "That one."}


def rendered(file, messages, tools=TOOLS):
    tokenizer = of_bytes((TEMPLATES / f"{file}.jinja").read_text())
    return tokenizer.apply_chat_template([*messages], tools=tools, tokenize=False, bos_token="<s>")


def thoughts_in(text):
    return tuple(f"I muse {n}." in text for n in (1, 2))


def calls_in(text):
    return [f"brass {n} {m}" in text for n in (1, 2) for m in (0, 1)]


@pytest.mark.parametrize(("family", "calls", "thoughts"), table(), ids=[family for family, _, _ in table()])
def test_each_family_does_with_calls_and_thoughts_what_the_table_says(family, calls, thoughts):
    render, training = (partial(rendered, f"{FILES[family]}{kind}") for kind in ("", "_training"))
    has_tools = "find_lamp" in render([QUESTION])
    match calls:
        case "written":
            assert (calls_in(render(talk(calls=2))), has_tools) == ([True] * 4, True)
        case "one a message; several are refused":
            assert (calls_in(render(talk())), has_tools) == (ONE, True)
            with pytest.raises(TemplateError, match="single tool-calls"):
                render(talk(calls=2))
        case "one a message; others are dropped":
            assert (calls_in(render(talk())), has_tools) == (ONE, True)
            assert calls_in(render(talk(calls=2))) == ONE
        case "refused; TRL's own for training: written":
            assert not has_tools
            with pytest.raises(TypeError, match="can only concatenate str"):
                render(talk())
            assert calls_in(training(talk(calls=2))) == [True] * 4
            render = training
        case "dropped without a word":
            assert (calls_in(render(talk())), has_tools) == ([False] * 4, False)
        case _:
            pytest.fail(f"no test knows what this means: {calls}")
    text = render(talk())
    match thoughts:
        case "not read":
            assert thoughts_in(text) == (False, False)
        case "after the last question only; TRL's own for training: all":
            assert thoughts_in(text) == (False, True)
            assert thoughts_in(training(talk())) == (True, True)
        case "after the last answer only; refused beside a text":
            assert thoughts_in(text) == (False, True)
            with pytest.raises(TemplateError, match="both content and thinking"):
                render(talk("Let me see."))
        case _:
            pytest.fail(f"no test knows what this means: {thoughts}")


def test_the_table_names_each_family_once():
    assert [family for family, _, _ in table()] == [*FILES]


@pytest.mark.parametrize(("file", "even"), [("qwen2_5", True), ("llama3", True), ("qwen3", False)])
def test_verl_stops_at_templates_that_write_a_message_alone_otherwise(file, even):
    """It puts together what each message alone gives, without what the template puts before any of them."""
    messages = shape(one(PACKAGERS["verl"], a_pick()))["messages"]
    once, twice = (rendered(file, [{"role": "user", "content": ""}] * n, None) for n in (1, 2))
    before = once[: 2 * len(once) - len(twice)]
    system, *others = (rendered(file, [message], None) for message in messages)
    joined = system + "".join(text.removeprefix(before) for text in others)
    assert (joined == rendered(file, messages, None)) == even
