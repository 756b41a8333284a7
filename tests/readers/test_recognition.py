"""Which format is a file? The one whose reader is surest, none, or an error that names those that are equally so."""

import json
from pathlib import Path
from typing import Any

import pytest

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.find import files, read
from agenther.readers.formats import READERS
from agenther.readers.log import HEAD_BYTES, Folder, Head, Log
from agenther.readers.nearest import missed
from agenther.readers.recognition import identify
from agenther.records import Reason, Trajectory

USER = {"role": "user", "content": "What is in it?"}
BLOCKS = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "ls", "input": {}}]}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "t", "function": {"name": "ls", "arguments": "{}"}}],
}
CASES = Path(__file__).parents[1] / "cases/readers"
FITS = {
    "webarena": {Fit.SIGNATURE},
    "webarena-json": {Fit.SIGNATURE},
    "tau-bench": {Fit.SIGNATURE},
    "agenther": {Fit.SIGNATURE, Fit.SHAPE},
    "openai-chat": {Fit.FALLBACK},
    "sharegpt": {Fit.SHAPE},
    "anthropic": {Fit.SIGNATURE},
    "toolbench": {Fit.SIGNATURE, Fit.SHAPE},
    "toolbench-converted": {Fit.SIGNATURE, Fit.SHAPE},
    "toolbench-training": {Fit.SIGNATURE, Fit.SHAPE},
}
"""How sure these readers may be of what is theirs."""
HUMAN = {"from": "human", "value": "What is in it?"}


def head(value: Any, name: str = "a.json") -> Head:
    return Head(Path(name), (value if isinstance(value, str) else json.dumps(value))[:HEAD_BYTES])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([USER, CALL], "openai-chat", id="bare messages"),
        pytest.param({"messages": [USER, CALL]}, "openai-chat", id="messages in an object"),
        pytest.param([[USER, CALL]], "openai-chat", id="list of lists"),
        pytest.param([None, {"conversations": [USER]}], "openai-chat", id="first record is nothing"),
        pytest.param({"messages": [USER], "system": "x"}, "openai-chat", id="system prompt apart"),
        pytest.param([{**USER, "from": ["human"]}, CALL], "openai-chat", id="a list where a name is looked for"),
        pytest.param([USER, BLOCKS], "anthropic", id="bare messages with blocks"),
        pytest.param({"messages": [USER, BLOCKS]}, "anthropic", id="blocks in an object"),
        pytest.param([[USER, BLOCKS]], "anthropic", id="list of lists with blocks"),
        pytest.param({"tools": [{"name": "ls", "input_schema": {}}], "messages": [USER]}, "anthropic", id="its tools"),
        pytest.param({"conversations": [HUMAN]}, "sharegpt", id="human"),
        pytest.param([HUMAN, {"from": "gpt", "value": "x"}], "sharegpt", id="bare turns"),
        pytest.param([{"task_id": 0, "traj": [USER, CALL], "reward": 0}], "tau-bench", id="trials"),
        pytest.param([{"task_id": 0, "reward": 0, "info": {}, "traj": []}], "tau-bench", id="a crashed trial"),
        pytest.param({"trajectory_id": "a", "steps": []}, "agenther", id="no prompt"),
        pytest.param({"original_prompt": "a", "steps": []}, "agenther", id="no id"),
        pytest.param(
            json.dumps([{"original_prompt": "a", "steps": [{"observation": "x" * 99_999}]}]), "agenther", id="cut"
        ),
        pytest.param(json.dumps([USER, {"role": "assistant", "content": "x" * 99_999}]), "openai-chat", id="cut chat"),
    ],
)
def test_recognised(value: Any, expected: str):
    assert identify(head(value)) == expected
    assert READERS[expected].recognizes(head(value)) in FITS[expected]


@pytest.mark.parametrize("name", READERS)
def test_every_case_is_known_as_its_own(name: str):
    logs = [log for log in files([CASES / name]) if isinstance(log, Log) and log.path.name != "expected.jsonl"]
    found = {log.name: known_as(log.head) for log in logs}
    assert name in found.values()
    assert set(found.values()) <= {name, None, Reason.EMPTY, Reason.UNKNOWN_FORMAT}, found
    fits = {READERS[name].recognizes(log.head) for log in logs if found[log.name] == name}
    assert fits <= FITS.get(name, set(Fit))


def known_as(head: Head) -> str | None:
    try:
        return identify(head)
    except ReadError as error:
        return error.reason


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"version": 2, "eval": {}, "samples": [{"messages": [USER, CALL]}]}, id="inspect"),
        pytest.param({"trajectory": [{"action": "ls"}], "history": [USER, CALL], "info": {}}, id="SWE-agent"),
        pytest.param({"question": "q", "history": [USER], "mistake_agent": "a", "mistake_step": "1"}, id="Who&When"),
        pytest.param({"success": False, "steps": [{"llm_calls": [{"messages_in": [USER]}]}], "eval": {}}, id="notte"),
        pytest.param({"info": {}, "tasks": [{"id": "1"}], "simulations": [{"messages": [USER, CALL]}]}, id="tau2"),
        pytest.param([{"id": 0, "source": "user", "action": "message", "args": {"content": "x"}}], id="OpenHands"),
        pytest.param({"schema_version": "ATIF-v1.4", "trajectory_id": "a", "steps": [{"message": "x"}]}, id="ATIF"),
    ],
)
def test_what_only_holds_such_messages_or_steps_is_left_to_others(value: Any, name: str):
    assert READERS[name].recognizes(head(value)) == Fit.NO


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"messages": []}, id="no messages"),
        pytest.param({"messages": "x"}, id="messages that are none"),
        pytest.param({"messages": [{"text": "x"}]}, id="messages without roles"),
        pytest.param({"role": "user", "content": "x"}, id="a single message"),
        pytest.param([1, 2], id="numbers"),
        pytest.param({"conversations": [{"role": ["x"], "from": ["human"]}]}, id="speakers that are no names"),
        pytest.param("plain text", id="text"),
    ],
)
def test_not_recognised(value: Any):
    with pytest.raises(ReadError) as caught:
        identify(head(value))
    assert caught.value.reason == Reason.UNKNOWN_FORMAT


def test_the_training_form_of_toolbench_is_no_sharegpt():
    turns = [{"from": speaker, "value": "x"} for speaker in ("system", "user", "assistant", "function")]
    assert not READERS["sharegpt"].recognizes(head([{"id": "Step 1: x", "conversations": turns}]))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        pytest.param({"original_prompt": "a", "steps": []}, "agenther and twin", id="signatures"),
        pytest.param({"trajectory_id": "a", "steps": []}, "agenther and twin", id="shapes"),
        pytest.param([USER, CALL], "openai-chat and twin", id="fallbacks"),
    ],
)
def test_formats_that_fit_equally_well_are_named(monkeypatch: pytest.MonkeyPatch, value: Any, names: str):
    first, _, _ = names.partition(" ")
    monkeypatch.setitem(READERS, "twin", READERS[first])
    with pytest.raises(ReadError, match=f"looks like {names}; choose one with --log-format") as caught:
        identify(head(value))
    assert caught.value.reason == Reason.AMBIGUOUS_FORMAT
    assert identify(head(value), only=first) == first


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"original_prompt": "a", "steps": []}, id="a signature"),
        pytest.param({"trajectory_id": "a", "steps": []}, id="a shape"),
        pytest.param([USER, CALL], id="a fallback"),
    ],
)
def test_the_surest_reader_takes_the_file(monkeypatch: pytest.MonkeyPatch, value: Any, fit: Fit):
    name = identify(head(value))
    assert name is not None
    other = READERS[name].recognizes(head(value))
    if fit != other:
        monkeypatch.setitem(READERS, "twin", Reader("also that", lambda _head: fit, READERS[name].read))
        assert identify(head(value)) == ("twin" if fit > other else name)


def test_blocks_beyond_the_head_are_read_all_the_same(tmp_path: Path):
    long = {"role": "user", "content": "What is in it? " + "x" * HEAD_BYTES}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a.txt"}]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"messages": [long, BLOCKS, result]}))
    (run,) = read(Log(path, path.name, Folder(tmp_path)))
    assert isinstance(run, Trajectory)
    assert [(step.action.name, step.observation) for step in run.steps] == [("ls", "a.txt")]


def test_chats_on_lines_longer_than_the_head(tmp_path: Path):
    line = json.dumps({"messages": [USER, CALL, {"role": "tool", "tool_call_id": "t", "content": "x" * HEAD_BYTES}]})
    path = tmp_path / "a.json"
    path.write_text(f"{line}\n{line}\n")
    assert [run.source.line for run in read(Log(path, path.name, Folder(tmp_path)))] == [1, 2]


LAYOUTS = {
    "first record damaged": '[{"messages": [oops]}, %s]',
    "header line": '{"type": "header", "of": {"run": [1]}}\n%s\n',
    "by id": '{"x": %s, "y": %s}',
    "by id, one": '{"x": %s}',
    "concatenated": "%s%s",
    "null columns": '{"messages": null, "label": 1}\n%s',
    "long field first": '{"about": "' + "x" * 100_000 + '", "run": 1}\n%s',
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_runs_in_any_layout(tmp_path: Path, layout: str):
    run = json.dumps({"tools": "x" * 70_000, "messages": [USER, CALL]})
    path = tmp_path / "a.json"
    path.write_text(LAYOUTS[layout].replace("%s", run))
    found = [item for item in read(Log(path, path.name, Folder(tmp_path))) if isinstance(item, Trajectory)]
    assert len(found) == LAYOUTS[layout].count("%s")
    assert {item.source.format for item in found} == {"openai-chat"}


@pytest.mark.parametrize("name", [name for name, reader in READERS.items() if reader.needs])
def test_what_a_format_needs_is_in_a_case_of_it(name: str):
    heads = [log.head for log in files([CASES / name]) if isinstance(log, Log) and known_as(log.head) == name]
    holder = READERS[name].needs[0].partition("[]")[0]
    records = [
        record
        for head in heads
        for record in (*(one.first for one in (head, *head.later(), *head.members())), {holder: head.value})
    ]
    assert [] in [missed(record, READERS[name].needs)[1] for record in records]


@pytest.mark.parametrize(
    ("value", "told", "nearest"),
    [
        ([[1]], "it is a list of 1", ""),
        ({"a": 1}, "it is an object with `a`", ""),
        ({"id": 1, "turns": [{"speaker": "a"}]}, "turns holds an object with `speaker` each", ""),
        (
            {"messages": [{"speaker": "a"}]},
            "messages holds an object with `speaker` each",
            "openai-chat `messages[].role`",
        ),
        (
            {"messages": [{"role": ["a"]}]},
            "messages holds an object with `role` each",
            "openai-chat other values in them",
        ),
        ({"type": "note", "payload": {}}, "it is an object with `type`, `payload`", "codex `timestamp`"),
        (
            {"trajectory": [{"action": "ls", "observation": "a.txt"}]},
            "trajectory holds an object with `action`, `observation` each",
            "agent-occam `trajectory[].objective`",
        ),
    ],
)
def test_what_was_seen_of_an_unknown_format_is_told(value: Any, told: str, nearest: str):
    with pytest.raises(ReadError) as caught:
        identify(head(value))
    name, _, needs = nearest.partition(" ")
    expected = f"no log format fits: {told}" + (f"; {name} is nearest, and needs {needs}" if nearest else "")
    assert str(caught.value) in {
        f"{expected}; see `agenther formats`",
        f"{expected}; --map can tell what they are; see `agenther formats`",
    }
