"""What a trainer learns of a row, as text."""

import json

IGNORED = -100
"""The label of a token that carries no loss."""
SHORT = 20
"""Characters of an observation below which it may well stand in an answer too."""


def text(tokenizer, ids, labels):
    return tokenizer.decode([token for token, label in zip(ids, labels, strict=True) if label != IGNORED])


def check(learned, calls, observations, said=(), spoken=()):
    """Every call, in order, and every word that the agent says; and nothing of what it was told."""
    assert called(learned) == calls
    for words in said:
        assert words in learned
    own = "\n".join([*said, *spoken, *(str(value) for call in calls for value in call["arguments"].values())])
    for observation in observations:  # the agent may say again what it was told
        assert len(observation) < SHORT or observation in own or observation not in learned


def called(learned):
    """The calls in a text that Qwen's templates wrote."""
    return [json.loads(part.partition("</tool_call>")[0]) for part in learned.split("<tool_call>")[1:]]


def calls(messages):
    """The calls in messages as TRL has them."""
    return [call["function"] for message in messages for call in message.get("tool_calls", [])]


def told(messages):
    return [message["content"] for message in messages if message["role"] in {"system", "user", "tool"}]
