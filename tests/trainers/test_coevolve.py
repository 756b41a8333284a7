"""The example of co-evolving agents: a round of it, and what TRL learns of a run."""

# ruff: noqa: PLC0415 - see conftest.py

import math
import re
from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.skipif(not (find_spec("torch") and find_spec("trl")), reason="TRL and torch are not installed"),
    pytest.mark.filterwarnings("ignore"),  # theirs
]


@pytest.fixture
def pairs():
    from pairs import Pair
    from toolworld.agents import Failure, play
    from toolworld.tasks import tasks

    return [Pair(play(task), play(task, failure)) for task in tasks(16, 1) for failure in Failure]


def own(run):
    """The words that the agent wrote."""
    said = ""
    for message in run.messages:
        if message["role"] == "assistant":
            calls = [call["function"] for call in message.get("tool_calls", ())]
            said += " ".join(f"{call['name']} {call['arguments']}" for call in calls) + f" {message['content']} "
    return re.findall(r"\w+", said)


def test_of_a_pair_the_agents_own_words_are_learned_and_no_results(caches, pairs):
    from model import CALL, END, tokenizer
    from training import AgentTokens

    words = tokenizer()
    rows = [(pair.better, pair.worse) for pair in pairs]
    examples = []
    for better, worse in rows:
        ids = [words.apply_chat_template(run.messages)["input_ids"] for run in (better, worse)]
        start = len(words.apply_chat_template(better.messages[:1], add_generation_prompt=True)["input_ids"])
        examples.append({"prompt_ids": ids[0][:start], "chosen_ids": ids[0][start:], "rejected_ids": ids[1][start:]})
    batch = AgentTokens(words)(examples)
    learned = [
        [word for word in words.convert_ids_to_tokens(ids[mask.bool()].tolist()) if word not in (CALL, END)]
        for ids, mask in zip(batch["input_ids"], batch["completion_mask"], strict=True)
    ]
    assert learned == [own(run) for side in zip(*rows, strict=True) for run in side]


def test_a_model_that_learned_prefers_the_better_run_by_more_and_the_one_before_it_stays(caches, pairs):
    import torch
    from model import model, tokenizer
    from training import Lessons, clone, prefer

    torch.set_num_threads(1)
    words = tokenizer()
    few = pairs[::8]

    def margin(one):
        return sum(likelihood(one, pair.better) - likelihood(one, pair.worse) for pair in few)

    def likelihood(one, run):
        ids = torch.tensor([words.apply_chat_template(run.messages)["input_ids"]])
        with torch.no_grad():
            logits = one(input_ids=ids).logits[0, :-1].log_softmax(-1)
        return logits.gather(1, ids[0, 1:, None]).sum().item()

    first = model(words, 0, 32)
    cloned = clone(first, words, [pair.better.messages for pair in few], Lessons(4, 1e-3, 0))
    before = margin(first), margin(cloned)
    preferring = prefer(cloned, words, few, Lessons(4, 1e-3, 0), imitate=True)
    assert (margin(first), margin(cloned)) == before
    assert margin(preferring) > before[1] > before[0]


def test_a_small_round_runs_to_its_table(caches, capsys):
    import coevolve

    coevolve.main(1, coevolve.Sizes(cloned=64, cloning=2, explored=8, steps=2, failing=2, rounds=1, tested=8))
    out = capsys.readouterr().out
    for arm in coevolve.ARMS:
        [row] = [line for line in out.splitlines() if f"| 1 | {arm} |" in line]
        shares = [float(share) for share in re.findall(r"([\d.]+)%", row)]
        assert math.isclose(shares[0] + shares[-2] + shares[-1], 100, abs_tol=0.2)
