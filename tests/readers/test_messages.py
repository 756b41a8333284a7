"""Pairing of calls and results, and the texts of messages."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import pytest

from agenther.errors import ReadError
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.pairing import REPEATED
from agenther.readers.chat.turns import conversation
from agenther.readers.content import content_text, split_thought
from agenther.records import SET_ASIDE, Reason

ASK = Message("user", "q")


def call(*ids: str, text: str = "", thought: str = "", names: Sequence[str] = ("f0", "f1")) -> Message:
    return Message("agent", text, thought, tuple(Call(it, name, {}) for it, name in zip(ids, names, strict=False)))


def result(text: str, answers: str = "", name: str = "") -> Message:
    return Message("result", text, answers=answers, name=name)


def seen(text: str) -> Message:
    return Message("environment", text)


def say(text: str) -> Message:
    return Message("agent", text)


@pytest.mark.parametrize(
    ("messages", "observed", "flag"),
    [
        pytest.param([call("", ""), result("1"), result("2")], [None, None], SET_ASIDE, id="no ids, no names"),
        pytest.param([call("a", "b"), result("1"), result("2")], [None, None], SET_ASIDE, id="results without ids"),
        pytest.param([call("a", "b"), result("1", "x"), result("B", "b")], [None, "B"], SET_ASIDE, id="a call is gone"),
        pytest.param([call("a"), result("1", "x")], [None], SET_ASIDE, id="a call is gone, another waits"),
        pytest.param([call("a", "a"), result("1", "a"), result("2", "a")], [None, None], SET_ASIDE, id="shared id"),
        pytest.param(
            [call("a"), call("a"), result("1", "a"), result("2", "a")], [None, None], SET_ASIDE, id="shared, two turns"
        ),
        pytest.param(
            [call(""), call(""), result("1"), result("2")], [None, None], SET_ASIDE, id="two messages, no ids"
        ),
        pytest.param(
            [call("", ""), result("1"), call(""), result("3")], [None, None, "3"], SET_ASIDE, id="one too few"
        ),
        pytest.param([say("x"), result("1", "a")], [None], SET_ASIDE, id="a result without a call"),
        pytest.param([result("1", "a"), call("b")], [None], SET_ASIDE, id="a result before any call"),
        pytest.param(
            [call("", "", names=["f", "f"]), result("1", name="f"), result("2", name="f")],
            [None, None],
            SET_ASIDE,
            id="one name for two calls",
        ),
        pytest.param(
            [call("a"), result("1", "a"), call("b", names=["g"]), result("2", name="f0")],
            ["1", None],
            SET_ASIDE,
            id="by the name of an earlier call",
        ),
        pytest.param([call("a", "b"), result("1", "a", name="f1")], [None, None], SET_ASIDE, id="id and name disagree"),
        pytest.param([call("a", "b"), seen("1"), seen("2")], [None, None], SET_ASIDE, id="somebody speaks, two wait"),
        pytest.param([call("a"), result("1", "a"), result("2", "a")], ["1"], REPEATED, id="two results for one call"),
        pytest.param(
            [call("a"), result("1", "a"), call("b"), result("2", "a"), result("B", "b")],
            ["1", "B"],
            REPEATED,
            id="a second result, later",
        ),
        pytest.param([call("a", "b"), result("B", "b"), result("A", "a")], ["A", "B"], None, id="by id, out of order"),
        pytest.param([call("a", "b"), result("B", "b"), result("1")], ["1", "B"], None, id="the only one left"),
        pytest.param(
            [call("", ""), result("1", name="f1"), result("0", name="f0")], ["0", "1"], None, id="by name, out of order"
        ),
        pytest.param([call("", ""), result("1", name="f1"), result("0")], ["0", "1"], None, id="by name, and the rest"),
        pytest.param([call("a", "b"), result("1", name="f1")], [None, "1"], None, id="by name, among ids"),
        pytest.param(
            [call("", "", names=["x.f", "mcp__x__g"]), result("1", name="g"), result("0", name="f")],
            ["0", "1"],
            None,
            id="by name, without its namespace",
        ),
        pytest.param(
            [call("", "", names=["x.f", "y.f"]), result("0", name="f"), result("1", name="f")],
            [None, None],
            SET_ASIDE,
            id="by a name that has two namespaces",
        ),
        pytest.param([call(""), result("1", "x")], ["1"], None, id="only results have ids, one call waits"),
        pytest.param([call("a"), result("1", name="speaker")], ["1"], None, id="the name of a speaker"),
        pytest.param(
            [call("a"), result("1", "a"), call("a"), result("2", "a")], ["1", "2"], None, id="an id used again"
        ),
        pytest.param([call("a"), call("a"), result("2", "a")], [None, "2"], None, id="again, the first unanswered"),
        pytest.param([call("a"), call("b"), result("A", "a"), result("B", "b")], ["A", "B"], None, id="two messages"),
        pytest.param([call(""), ASK, call(""), result("2")], ["q", "2"], None, id="no result for an earlier turn"),
        pytest.param([call("a"), result("", "a")], [""], None, id="an empty result"),
        pytest.param([call("a"), say("x"), result("1", "a")], ["1", None], None, id="a late result"),
        pytest.param([say("x"), result("1")], ["1"], None, id="a call written as text"),
        pytest.param([call("a"), seen("1")], ["1"], None, id="somebody speaks, one waits"),
        pytest.param([call("a"), result("1", "a"), seen("2")], ["1\n2"], None, id="somebody speaks, none waits"),
    ],
)
def test_results_go_to_their_calls_or_nowhere(messages: list[Message], observed: list[str | None], flag: str | None):
    said = conversation([ASK, *messages])
    assert [step.observation for step in said.steps] == observed
    assert said.flags == ((flag,) if flag else ())


@pytest.mark.parametrize(
    ("messages", "reason"),
    [([], Reason.NO_STEPS), ([ASK], Reason.NO_STEPS), ([say("Hello!"), ASK], Reason.NO_STEPS)],
)
def test_no_run(messages: list[Message], reason: Reason):
    with pytest.raises(ReadError) as caught:
        conversation(messages)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("messages", "goal", "start", "system"),
    [
        pytest.param([ASK, say("x")], "q", "", "", id="asked"),
        pytest.param([Message("system", "s"), Message("user", ""), ASK, say("x")], "q", "", "s", id="after nothing"),
        pytest.param([ASK, Message("user", "now"), say("x")], "q", "now", "", id="asked twice"),
        pytest.param([say("Hello!"), ASK, say("x")], "q", "", "", id="after a greeting"),
        pytest.param([Message("environment", "e"), ASK, say("x")], "q", "e", "", id="something seen before"),
        pytest.param([call("a"), ASK, say("x")], "q", "", "", id="only after the first act"),
        pytest.param([call("a"), say("x")], "", "", "", id="never asked"),
        pytest.param(
            [Message("system", "s"), Message("system", "t"), ASK, say("x")], "q", "", "s\nt", id="two prompts"
        ),
    ],
)
def test_what_stands_before_the_first_act(messages: list[Message], goal: str, start: str, system: str):
    said = conversation(messages)
    assert (said.goal, said.start, said.system) == (goal, start, system)
    assert said.flags == (("greeting-dropped",) if messages[0].text == "Hello!" else ())


def test_who_answers_and_how_it_ends():
    steps = conversation([ASK, say("a"), Message("user", "u"), call("c"), result("r", "c"), ASK, say("b")]).steps
    assert [(step.observation, step.answered_by, step.final) for step in steps] == [
        ("u", "user", False),
        ("r", "environment", False),
        (None, "environment", True),
    ]


@pytest.mark.parametrize(
    ("messages", "observed", "note", "speaker"),
    [
        pytest.param([result("r", "a"), Message("user", "And now?")], "r", "And now?", "user", id="user"),
        pytest.param([result("r", "a"), Message("user", "[image]")], "r", "[image]", "environment", id="picture"),
        pytest.param([result("r", "a"), Message("system", "83 %")], "r", "83 %", "environment", id="harness"),
        pytest.param([result("r", "x"), Message("user", "So?")], None, "So?", "user", id="after a result set aside"),
        pytest.param([Message("user", "So?")], "So?", None, "environment", id="instead of a result"),
        pytest.param([Message("user", "So?"), result("r", "a")], "r", "So?", "user", id="before the result"),
        pytest.param([result("r", "a"), seen("s")], "r\ns", None, "environment", id="somebody else"),
    ],
)
def test_a_note_is_no_part_of_the_result(messages: list[Message], observed: str | None, note: str | None, speaker: str):
    first, _ = conversation([ASK, call("a"), *messages, say("b")]).steps
    assert (first.observation, first.note, first.note_by) == (observed, note, speaker)


def test_words_and_calls_of_one_turn_in_two_messages():
    one, two, three = conversation([ASK, say("why"), call("a", "b", thought="so"), result("r"), call("c")]).steps
    assert (one.turn, one.thought, two.turn, two.thought, three.turn) == (1, "why\nso", 1, None, 2)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(None, "", id="none"),
        pytest.param("a\n", "a\n", id="text as it is"),
        pytest.param([], "", id="no parts"),
        pytest.param([{"type": "text", "text": "a"}, "b", {"text": "c"}], "a\nb\nc", id="parts"),
        pytest.param([{"type": "image_url", "image_url": {"url": "data:…"}}], "[image]", id="image"),
        pytest.param([{"type": "input_audio"}, {"type": "document"}], "[audio]\n[file]", id="other media"),
        pytest.param([{"type": "refusal", "refusal": "no"}], "no", id="refusal"),
        pytest.param([{"type": "Feature", "id": 1}], '[{"type": "Feature", "id": 1}]', id="data with a type"),
        pytest.param([{"text": "a", "id": 1}], '[{"text": "a", "id": 1}]', id="data with a text"),
        pytest.param([{"type": ["x"]}], '[{"type": ["x"]}]', id="a type that is none"),
        pytest.param([{"type": "text", "text": None}], '[{"type": "text", "text": null}]', id="text that is none"),
        pytest.param({"a": "ä"}, '{"a": "ä"}', id="object"),
        pytest.param([1, 2], "[1, 2]", id="numbers"),
        pytest.param(0, "0", id="zero"),
        pytest.param(False, "false", id="false"),
    ],
)
def test_content(content: Any, text: str):
    assert content_text(content) == text


@pytest.mark.parametrize(
    ("text", "thought", "rest"),
    [
        ("a", "", "a"),
        ("<think>a", "", "<think>a"),
        ("b <think>a</think>", "", "b <think>a</think>"),
        ("\n<think>\na\n</think>\n\n b", "a", " b"),
        ("<think>a</think>b</think>", "a", "b</think>"),
        ("<think>a</think>\n<think>b</think>c", "a\nb", "c"),
        ("<Thinking kind='x'>a</Thinking>b", "a", "b"),
        ("[THINK]a[/THINK]b", "a", "b"),
        ("<seed:think>a</seed:think>b", "a", "b"),
        ("<think>a <think>b</think> c</think>d", "", "<think>a <think>b</think> c</think>d"),
    ],
)
def test_thoughts_in_the_text(text: str, thought: str, rest: str):
    assert split_thought(text) == (thought, rest)


def test_many_calls_and_results_are_paired_in_no_time():
    calls = [Message("agent", calls=(Call(f"c{n}", "f", {}),)) for n in range(8000)]
    results = [result(f"{n}", f"c{n}") for n in reversed(range(8000))]
    began = perf_counter()
    steps = conversation([ASK, *calls, *results]).steps
    assert [step.observation for step in steps] == [f"{n}" for n in range(8000)]
    assert perf_counter() - began < 30, "pairing grew with the square of the calls"
