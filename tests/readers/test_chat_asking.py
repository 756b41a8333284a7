"""What a message asks for; see also the case folder openai-chat/request."""

import pytest

from agenther.readers.chat.asking import Asked, asked

REMINDER = "<system-reminder>\nBe brief.\n</system-reminder>"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", Asked(""), id="nothing"),
        pytest.param("Hi!", Asked(""), id="a greeting"),
        pytest.param("Good morning, everyone.", Asked(""), id="a longer greeting"),
        pytest.param("你好", Asked(""), id="a greeting in Chinese"),
        pytest.param("Hi, book it", Asked("Hi, book it"), id="a greeting and a request"),
        pytest.param("  Count.\n", Asked("  Count.\n"), id="a request as it is"),
        pytest.param("42", Asked("42"), id="a number"),
        pytest.param(REMINDER, Asked("", REMINDER), id="a reminder"),
        pytest.param(f"Count.\n{REMINDER}", Asked("Count.", REMINDER), id="a reminder below"),
        pytest.param(f"hi\n{REMINDER}", Asked("", REMINDER), id="a greeting and a reminder"),
        pytest.param("Explain <system-reminder> tags.", Asked("Explain <system-reminder> tags."), id="the word alone"),
        pytest.param("<system-reminder>Count.", Asked("<system-reminder>Count."), id="not closed"),
        pytest.param("<context>a</context>", Asked("<context>a</context>", is_doubtful=True), id="a tag of one word"),
        pytest.param("<context>a</context> Why?", Asked("<context>a</context> Why?"), id="the user's own block"),
        pytest.param("<task>\nCount.\n</task>", Asked("Count."), id="a task"),
        pytest.param("<a>1</a><my-question>Why?</my-question>", Asked("Why?", "<a>1</a>"), id="a question and a file"),
        pytest.param("# AGENTS.md\n<r>a</r>", Asked("", "# AGENTS.md\n<r>a</r>"), id="a file"),
        pytest.param("# Mend notes.md\nNow.", Asked("# Mend notes.md\nNow.", is_doubtful=True), id="about a file"),
    ],
)
def test_what_is_asked(text: str, found: Asked):
    assert asked(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"<system-{n}>" for n in range(200_000)),
        "<a>" * 500_000,
        "# " + "a" * 1_000_000,
        "#" * 1_000_000 + " a",
    ],
    ids=["tags that differ", "tags in tags", "a long heading", "marks"],
)
def test_a_hostile_text_takes_no_time(text: str):
    assert asked(text).request
