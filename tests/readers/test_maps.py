"""Logs of any other JSON format, by a map that says where they hold what."""

import json
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from agenther.cli import main
from agenther.errors import AgentHERError, ReadError
from agenther.readers.find import Ignored, files
from agenther.readers.maps.field_map import parse
from agenther.readers.maps.suggest import suggest
from agenther.readers.reading import items, read
from agenther.records import Rejection, Trajectory
from agenther.settings import How

ASK = {"who": "user", "says": "Is the lamp on?"}
LOOK = {"who": "assistant", "says": "", "does": [{"name": "look", "arguments": {"at": "lamp"}}]}
SEEN = {"who": "tool", "says": "off"}
MESSAGES = """
messages = "log.said"
id = "n"
success = ["verdict", "log.verdict"]
[message]
role = "who"
content = "says"
tool_calls = "does"
"""
STEPS = """
steps = "acts[?tool]"
goal = "todo"
failure = "went_wrong"
[step]
action = "tool"
arguments = "with"
observation = "[out, err]"
"""
BESIDE = """
messages = "messages"
success = "beside.{name}.ok"
[beside.marks]
files = "../marks/{{stem}}.json"
[beside.list]
files = "*.jsonl"
where = "id"
equals = "run"
"""


def runs(folder: Path, text: str) -> list[Trajectory | Rejection]:
    return list(read([folder], field_map=text))


def write(path: Path, *values: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(json.dumps(value) for value in values), "utf-8")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("messages = ", "the map is no TOML", id="no TOML"),
        pytest.param("messages = 'm'\nsuccess = 'beside.v.ok'", "it speaks of beside.v", id="no such files"),
        pytest.param("messages = 'foo(m)'", "messages: Unknown function", id="no such function"),
        pytest.param("messages = 'length(m, n)'", "messages: Expected 1 argument", id="too many arguments"),
        pytest.param("goal = 'g'", "where `messages` stand", id="no acts"),
        pytest.param("messages = 'm'\nsteps = 's'", "where `messages` stand", id="two kinds of acts"),
        pytest.param("mesages = 'm'", "mesages: ", id="an unknown field"),
        pytest.param("messages = 'm'\n[message]\nrle = 'r'", "message.rle: ", id="an unknown field of messages"),
        pytest.param("messages = 'm[['", "messages: ", id="no JMESPath"),
        pytest.param("messages = 5", "messages: no JMESPath expression", id="a number"),
        pytest.param("messages = 'm'\n[beside.x]\nfiles = '{y}'", "beside.x.files: a pattern may", id="no such name"),
        pytest.param("messages = 'm'\n[beside.x]\nfiles = '/etc/*'", "beside.x.files: a pattern goes", id="absolute"),
    ],
)
def test_refused(tmp_path: Path, text: str, why: str):
    with pytest.raises(AgentHERError, match=why):
        parse(text)
    (tmp_path / "map.toml").write_text(text)
    told = CliRunner().invoke(main, ["inspect", str(tmp_path), "--map", str(tmp_path / "map.toml")])
    assert told.exit_code == 2
    assert why.partition("'")[0] in " ".join(told.output.split())


@pytest.mark.parametrize("command", ["inspect", "run"])
@pytest.mark.parametrize("format_first", [True, False])
def test_a_map_and_a_format_together_are_refused(tmp_path: Path, command: str, *, format_first: bool):
    with pytest.raises(AgentHERError, match="choose one"):
        read([tmp_path], "agenther", field_map="messages = 'm'")
    (tmp_path / "map.toml").write_text("messages = 'm'")
    options = [("--log-format", "agenther"), ("--map", str(tmp_path / "map.toml"))]
    given = [text for option in (options if format_first else reversed(options)) for text in option]
    told = CliRunner().invoke(main, [command, str(tmp_path), *given])
    assert told.exit_code == 2
    assert "--map and --log-format both say how every file is read; choose one." in " ".join(told.output.split())


@pytest.mark.parametrize("verdict", [{"verdict": False}, {"log": {"verdict": False}}, {"verdict": "x"}, {}])
def test_messages_with_fields_of_their_own_names(tmp_path: Path, verdict: dict[str, Any]):
    log = {"said": [ASK, LOOK, SEEN], **verdict.get("log", {})}
    write(tmp_path / "a.json", {"n": 4, **verdict, "log": log})
    (run,) = runs(tmp_path, MESSAGES)
    assert isinstance(run, Trajectory)
    assert (run.goal, run.task_id, run.source.format) == ("Is the lamp on?", "4", "map")
    assert [(step.action.name, step.action.arguments, step.observation) for step in run.steps] == [
        ("look", {"at": "lamp"}, "off")
    ]
    told = {False: "log.verdict" if "log" in verdict else "verdict"}
    assert run.label.source == told.get(run.label.success, "none")
    assert run.label.success is (None if verdict in ({}, {"verdict": "x"}) else False)


def test_steps(tmp_path: Path):
    acts = [{"tool": "look", "with": "lamp", "out": "off"}, {"tool": None}, {"tool": "press", "err": "no switch"}]
    write(tmp_path / "a.jsonl", {"todo": "Light the lamp.", "acts": acts, "went_wrong": "dark"}, {"todo": "x"})
    run, rejected = runs(tmp_path, STEPS)
    assert isinstance(run, Trajectory)
    assert [(step.action.name, step.action.raw) for step in run.steps] == [("look", "lamp"), ("press", None)]
    assert (run.failure_reason, run.label.success) == ("dark", None)
    assert isinstance(rejected, Rejection)
    assert rejected.detail == "no list at acts[?tool]; the record is an object with `todo`"


@pytest.mark.parametrize(
    ("document", "text", "keys"),
    [
        pytest.param([ASK, LOOK], "messages = '@'", [""], id="the document is one run"),
        pytest.param([[ASK, LOOK], [ASK, LOOK]], "messages = '@'", ["0", "1"], id="a list of runs"),
        pytest.param({"a": [{"m": [ASK, LOOK]}] * 2}, "records = 'a'\nmessages = 'm'", ["0", "1"], id="runs inside"),
        pytest.param([{"a": [{"m": [ASK, LOOK]}]}], "records = 'a'\nmessages = 'm'", ["0/0"], id="runs in a list"),
    ],
)
def test_where_runs_stand(tmp_path: Path, document: Any, text: str, keys: list[str]):
    write(tmp_path / "a.json", document)
    found = runs(tmp_path, text + MESSAGES[MESSAGES.index("[message]") - 1 :])
    assert [item.source.key for item in found if isinstance(item, Trajectory)] == keys


@pytest.mark.parametrize(
    ("name", "marks", "success"),
    [
        pytest.param("marks", [{"ok": False}], False, id="by name"),
        pytest.param("list", [{"run": "r1", "ok": True}, {"run": "r2", "ok": False}], True, id="by value"),
        pytest.param("list", [{"run": "r1", "ok": True}, {"run": "r1", "ok": False}], None, id="two of them"),
        pytest.param("list", [{"run": "r2", "ok": True}], None, id="of another"),
        pytest.param("list", [{"run": None, "ok": True}], None, id="of nobody"),
        pytest.param("marks", ["no verdict"], None, id="another form"),
    ],
)
def test_what_stands_in_other_files(tmp_path: Path, name: str, marks: list[Any], success: bool | None):
    said = [{"role": "user", "content": "Is the lamp on?"}, {"role": "assistant", "tool_calls": LOOK["does"]}]
    write(tmp_path / "logs/a[1].json", {"id": "r1", "messages": said})
    write(tmp_path / {"marks": "marks/a[1].json", "list": "logs/all.jsonl"}[name], *marks)
    found = list(items(files([tmp_path]), How(field_map=BESIDE.format(name=name))))
    (run,) = (item for item in found if isinstance(item, Trajectory))
    assert run.label.success is success
    assert [type(item) for item in found if item is not run] == [Ignored]


def test_a_value_that_a_function_cannot_take_costs_its_record(tmp_path: Path):
    write(tmp_path / "a.jsonl", {"n": "x", "log": {}}, {"n": [1], "log": {"said": [ASK, LOOK]}})
    rejected, run = runs(tmp_path, MESSAGES.replace('"n"', '"length(n)"').replace("log.said", "merge(log, log).said"))
    assert isinstance(rejected, Rejection)
    assert isinstance(run, Trajectory)
    (rejected,) = runs(tmp_path / "a.jsonl", MESSAGES.replace('"n"', '"abs(n)"'))[1:]
    assert isinstance(rejected, Rejection)
    assert "invalid type" in rejected.detail


NAMES = st.sampled_from(["said", "who", "says", "does"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_any_value_gives_runs_and_rejections(tmp_path_factory: pytest.TempPathFactory, value: Any):
    folder = tmp_path_factory.mktemp("map")
    write(folder / "a.json", {"log": value, "acts": value})
    for text in (MESSAGES, STEPS):
        assert all(isinstance(item, Trajectory | Rejection) for item in runs(folder, text))
    with suppress(ReadError):
        tomllib.loads(suggest(folder / "a.json"))


CASES = Path(__file__).parents[1] / "cases/readers"
CHAT = [
    {"role": "user", "content": "Is the lamp on?"},
    {"role": "assistant", "content": "", "tool_calls": LOOK["does"]},
]
ACTS = [{"tool": "look", "args": {"at": "lamp"}, "result": "off"}, {"tool": "press", "args": {}, "result": "dark"}]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        pytest.param(CHAT, {"messages": "@"}, id="a list"),
        pytest.param([{"x": {"y z": CHAT}}], {"messages": 'x."y z"'}, id="deep"),
        pytest.param({"runs": [{"m": CHAT}, {"m": CHAT}]}, {"records": "runs", "messages": "m"}, id="several"),
        pytest.param(
            {"meta": {"run_id": 7}, "task": "Light the lamp.", "trail": ACTS, "passed": "no"},
            {
                "steps": "trail",
                "goal": "task",
                "id": "meta.run_id",
                "success": ["passed"],
                "step": {"action": "tool", "arguments": "args", "observation": "result"},
            },
            id="steps",
        ),
        pytest.param(
            {"chat": [ASK, LOOK, SEEN], "score": 0.5, "resolved": False},
            {
                "messages": "chat",
                "success": ["resolved"],
                "message": {"role": "who", "content": "says", "tool_calls": "does"},
            },
            id="messages with fields of their own names",
        ),
    ],
)
def test_suggested(tmp_path: Path, document: Any, told: dict[str, Any]):
    write(tmp_path / "logs/a.json", document)
    text = suggest(tmp_path / "logs/a.json")
    assert tomllib.loads(text) == told
    assert all(isinstance(run, Trajectory) for run in runs(tmp_path / "logs", text))


@pytest.mark.parametrize("name", ["shop_7", "find_3"])
def test_suggested_with_other_files(name: str):
    case = CASES / "general-agent-bench/verdicts/a"
    told = CliRunner().invoke(main, ["inspect", "--suggest", str(case / f"traces/{name}.json")])
    assert told.exit_code == 0, told.output
    assert f"# label: success {'false' if name == 'shop_7' else 'true'}, told by beside.evaluations." in told.stdout
    by_map = {run.source.path: run.label.success for run in read([case], field_map=told.stdout)}
    shipped = {run.source.path: run.label.success for run in read([case]) if isinstance(run, Trajectory)}
    assert by_map[f"traces/{name}.json"] is shipped[f"traces/{name}.json"]


@pytest.mark.parametrize("document", [{}, [], 5, {"a": [1, 2]}, {"a": [{"b": 1}, {"c": 2}]}, [[]], "x"])
def test_nothing_to_suggest(tmp_path: Path, document: Any):
    write(tmp_path / "a.json", document)
    told = CliRunner().invoke(main, ["inspect", "--suggest", str(tmp_path / "a.json")])
    assert told.exit_code == 1
    assert "looks like messages or steps" in told.output
    assert CliRunner().invoke(main, ["inspect", "--suggest", str(tmp_path)]).exit_code == 2


def test_a_run_with_a_map(tmp_path: Path):
    write(tmp_path / "logs/a.json", {"verdict": False, "log": {"said": [ASK, LOOK, SEEN]}})
    (tmp_path / "map.toml").write_text(MESSAGES)
    out = tmp_path / "out"
    told = CliRunner().invoke(
        main, ["run", str(tmp_path / "logs"), "--out", str(out), "--map", str(tmp_path / "map.toml")]
    )
    assert told.exit_code == 0, told.output
    assert json.loads((out / "run.json").read_text())["made_with"]["settings"]["field_map"] == MESSAGES
