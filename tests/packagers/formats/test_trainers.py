"""Our files, as the libraries that train on them see them. Skipped where those are not installed.

No model and no download is needed: `datasets` loads the files, TRL's data functions take the rows, and TRL's
own chat templates with a byte-level tokenizer show which text the loss falls on.
"""

import json
from pathlib import Path

import pytest
from shapes import TEST, TRAIN, depot_runs, depot_samples, of_depots, runs, samples

from agenther.packagers.base import parts_of
from agenther.packagers.formats.goal_pairs import NO_CONTRAST
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import select
from agenther.packagers.selection.split import side
from agenther.packagers.table import PACKAGERS
from agenther.packagers.talk.chat import inlined
from agenther.packagers.write import write

datasets = pytest.importorskip("datasets")
transformers = pytest.importorskip("transformers")
data_utils = pytest.importorskip("trl.data_utils")
tokenizers = pytest.importorskip("tokenizers")

TEMPLATES = Path(data_utils.__file__).parent / "chat_templates"
PAIRS = tuple(f"hard-negatives/{part}" for part in ("target", "decisive", "failure-agent-dpo", "near-miss-dpo"))
CLONES, NEAR_MISSES = "hard-negatives/failure-agent-sft", "hard-negatives/near-miss-kto"
NEGATIVES = (*PAIRS, CLONES, NEAR_MISSES)
FAMILIES = ("qwen2_5", "qwen3")
COLUMNS = {
    "sft": {"text"},
    "prompt-completion": {"prompt", "completion"},
    "kto": {"prompt", "completion", "label"},
    **{name: {"prompt", "chosen", "rejected"} for name in ("dpo", *PAIRS)},
    CLONES: {"text"},
    NEAR_MISSES: {"prompt", "completion", "label"},
}
"""What TRL makes of a row of each format."""
PARTS = [name for name in parts_of(PACKAGERS) if name not in {"records", "verl"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    given, there = [*depot_samples(), *samples()], [*depot_runs(), *runs()]
    selection = select(lambda _ids=None: iter(given), lambda: iter(there), Choices(), known=of_depots())
    written = write(folder, PACKAGERS, selection)
    for name in NEGATIVES:
        assert all(";" not in rule and "message" not in rule for rule in written.left_out.pop(name)), "a trainer's rule"
    for name in ("goal-pairs/swift", "goal-pairs/llamafactory-v1"):
        assert written.left_out.pop(name) == {NO_CONTRAST: 4}, "the agent never saw the goal"
    assert not any(written.left_out.values())
    assert all(set(counter) == {"train", "test"} for counter in written.rows.values())
    return folder


def files(folder, name):
    return {path.stem: str(path) for path in sorted((folder / name).glob("*.jsonl"), reverse=True)}


def rows(folder, name):
    for path in files(folder, name).values():
        for line in Path(path).read_text().splitlines():
            yield json.loads(line)


def of_bytes(template):
    """A tokenizer of one token a byte, with a chat template."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    model = tokenizers.models.BPE(vocab={character: n for n, character in enumerate(alphabet)}, merges=[])
    made = tokenizers.Tokenizer(model)
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made)
    tokenizer.chat_template = template
    return tokenizer


@pytest.fixture(scope="module", params=FAMILIES)
def tokenizer(request):
    """With the chat template with which TRL trains this family."""
    return of_bytes((TEMPLATES / f"{request.param}_training.jinja").read_text())


def test_tasks_stand_on_both_sides():
    assert [side(f"task:shop/{task}") for task in (*TRAIN, *TEST)] == ["train", "train", "test", "test"]


@pytest.mark.parametrize("name", PARTS)
def test_each_file_loads_exactly(folder, name, tmp_path):
    assert files(folder, name)
    for split, path in files(folder, name).items():
        loaded = datasets.load_dataset("json", data_files=path, split="train", cache_dir=str(tmp_path / split))
        assert list(loaded) == [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.mark.parametrize("name", PARTS)
def test_both_splits_load_exactly_in_one_call(folder, name, tmp_path):
    loaded = datasets.load_dataset("json", data_files=files(folder, name), cache_dir=str(tmp_path))
    assert [row for split in files(folder, name) for row in loaded[split]] == list(rows(folder, name))


@pytest.mark.parametrize("name", COLUMNS)
def test_trl_takes_every_row(folder, name, tokenizer):
    for row in rows(folder, name):
        assert data_utils.is_conversational(row)
        text = data_utils.maybe_apply_chat_template(row, tokenizer, tools=json.loads(row["tools"]))
        assert set(text) == COLUMNS[name]
        assert all(text.values()) or text["label"] is False


def test_trl_finds_the_same_prompt_and_unpairs(folder, tmp_path):
    found = list(rows(folder, "dpo"))
    for row in found:
        whole = {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}
        assert data_utils.extract_prompt(whole) == {key: row[key] for key in ("prompt", "chosen", "rejected")}
        assert data_utils.maybe_extract_prompt(row) == row
    loaded = datasets.load_dataset("json", data_files=files(folder, "dpo"), cache_dir=str(tmp_path))["train"]
    unpaired = data_utils.unpair_preference_dataset(loaded)
    assert unpaired["label"] == [True] * len(loaded) + [False] * len(loaded)


@pytest.mark.parametrize("name", ["sft", CLONES])
def test_the_loss_of_sft_falls_on_what_the_agent_did_and_on_nothing_else(folder, tokenizer, name):
    for row in rows(folder, name):
        coded = code(tokenizer, row, row["messages"], return_assistant_tokens_mask=True)
        masked = list(zip(coded["input_ids"], coded["assistant_masks"], strict=True))
        learned, given = (tokenizer.decode([token for token, mask in masked if mask == side]) for side in (1, 0))
        for message in row["messages"]:
            if message["role"] != "assistant":
                assert message["content"] in given
                assert not message["content"] or message["content"] not in learned
        assert acts(row["messages"]) == called(learned)
        assert row["messages"][-1]["content"] in learned


def test_thoughts_in_the_text_are_learned_also_where_the_template_ignores_their_field(folder, tokenizer):
    """Qwen2.5's does."""
    for row in rows(folder, "sft"):
        thoughts = [message["reasoning_content"] for message in row["messages"] if "reasoning_content" in message]
        messages = inlined(row, ["messages"])["messages"]
        coded = code(tokenizer, row, messages, return_assistant_tokens_mask=True)
        masked = zip(coded["input_ids"], coded["assistant_masks"], strict=True)
        learned = tokenizer.decode([token for token, mask in masked if mask])
        for thought in thoughts:
            assert learned.count(f"<think>\n{thought}\n</think>") == thoughts.count(thought)


OF_ONE = [
    *((name, ["completion"]) for name in ("kto", NEAR_MISSES)),
    *((name, ["chosen", "rejected"]) for name in ("dpo", *PAIRS)),
]


@pytest.mark.parametrize(("name", "sides"), OF_ONE)
def test_the_loss_of_kto_and_dpo_falls_on_one_message(folder, tokenizer, name, sides):
    """They learn all tokens from where the prompt and the whole part, as their trainers find it."""
    for row in rows(folder, name):
        for completion in sides:
            learned = completed(tokenizer, row, row[completion])
            (message,) = row[completion]
            assert message["content"] in learned
            assert called(learned) == acts([message])
            assert not any(m["content"] in learned for m in row["prompt"] if m["role"] != "assistant" and m["content"])


def completed(tokenizer, row, completion):
    """The text that is learned, found as TRL's trainers find it: after what prompt and whole have in common."""
    prompt = code(tokenizer, row, row["prompt"], add_generation_prompt=True)["input_ids"]
    whole = code(tokenizer, row, row["prompt"] + completion)["input_ids"]
    start = data_utils.common_prefix_length(prompt, whole)
    assert not tokenizer.decode(prompt[start:]).strip()
    return tokenizer.decode(whole[start:])


def code(tokenizer, row, messages, **options):
    return tokenizer.apply_chat_template(
        messages, tools=json.loads(row["tools"]), tokenize=True, return_dict=True, **options
    )


def acts(messages):
    return [call["function"] for message in messages for call in message.get("tool_calls", [])]


def called(text):
    """The calls in a text that Qwen's templates wrote."""
    return [json.loads(part.partition("</tool_call>")[0]) for part in text.split("<tool_call>")[1:]]
