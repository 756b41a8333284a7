"""Whose run a verdict in a pass-rate file is about, in any layout: refusals first."""

import json
from pathlib import Path
from typing import Any

import pytest

from agenther.readers.find import files, read
from agenther.readers.log import Log
from agenther.readers.toolbench.verdicts import UNCLEAR
from agenther.records import Trajectory

QUERY = "How much is the oolong?"
MINE, OTHER = "oolong", "sencha"
"""What the run, and another, asked the price of."""


def call(tea: str) -> dict[str, str]:
    return {
        "name": "price_for_teashop",
        "arguments": json.dumps({"tea": tea}),
        "response": '{"error": "", "x": "\\n7"}',
    }


def answers(tea: str = MINE) -> dict[str, Any]:
    told = {"role": "tool", "message": call(tea), "next": []}
    details = [{"role": "system", "message": "", "next": [{"role": "user", "message": "", "next": [told]}]}]
    answer = {"method": "CoT", "total_steps": 3, "final_answer": "Seven.", "answer_details": details}
    return {"5": {"query": QUERY, "available_tools": [], "answer": answer}}


def verdicts(*, solved: bool = True, shown: str | None = None, **changes: Any) -> dict[str, Any]:
    status = f"AnswerStatus.{'Solved' if solved else 'Unsolved'}"
    steps = {"answer_steps": f"Step 1: {call(shown)}\n", "final_step": ""} if shown else {}
    return {"5": {"query": QUERY, "is_solved": status, **steps, **changes}}


def found(folder: Path, **contents: Any) -> dict[str, Trajectory]:
    """The runs of the answers among these files, by the path as it is written here (`|` for `/`)."""
    for name, value in contents.items():
        path = folder / f"{name.replace('|', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")
    runs = [item for log in files([folder]) if isinstance(log, Log) for item in read(log)]
    return {item.source.path.removesuffix(".json"): item for item in runs if isinstance(item, Trajectory)}


OWN = "ox-7b/model_predictions/G1_tool"


@pytest.mark.parametrize(
    ("layout", "flags"),
    [
        pytest.param({"yak-7b|pass_rate_results|G1_tool_yak-7b": verdicts(shown=MINE)}, (), id="another's folder"),
        pytest.param({"pass_rate_results|G1_tool_yak-7b": verdicts(shown=MINE)}, (), id="another's name"),
        pytest.param({"pass_rate_results|G1_tool_ox-7b-2": verdicts()}, (), id="a later one of that name"),
        pytest.param({"pass_rate_results|G1_tool": verdicts()}, (), id="nobody's name, no steps"),
        pytest.param({"pass_rate_results|G1_tool": verdicts(shown=OTHER)}, (), id="nobody's name, other steps"),
        pytest.param({"ox-7b|pass_rate_results|G2_tool_ox-7b": verdicts(shown=MINE)}, (), id="another group"),
        pytest.param({"ox-7b|labels|G1_tool_ox-7b": verdicts(shown=MINE)}, (), id="no pass-rate file"),
        pytest.param({"ox-7b|pass_rate_results|G1_tool_ox-7b": verdicts(query="Tea?")}, (), id="another query"),
        pytest.param(
            {"ox-7b|pass_rate_results|G1_tool_ox-7b": verdicts(shown=OTHER)}, (UNCLEAR,), id="its name, other steps"
        ),
        pytest.param(
            {
                "ox-7b|pass_rate_results|G1_tool_ox-7b": verdicts(),
                "pass_rate_results|G1_tool_ox-7b": verdicts(solved=False),
            },
            (UNCLEAR,),
            id="two that differ",
        ),
    ],
)
def test_a_run_stays_unknown(tmp_path: Path, layout: dict[str, Any], flags: tuple[str, ...]):
    run = found(tmp_path, **{OWN.replace("/", "|"): answers()}, **layout)[OWN]
    assert (run.label.success, run.flags) == (None, flags)


@pytest.mark.parametrize("shown", [MINE, None])
@pytest.mark.parametrize(
    "name",
    [
        "ox-7b|pass_rate_results|G1_tool_ox-7b",
        "ox-7b|pass_rate_results|G1_tool",
        "ox-7b|model_predictions|G1_tool_pass_rate",
        "ox-7b|pass-rate|ox-7b_G1_tool_results",
        "pass_rate_results|G1_tool_ox-7b",
        "pass_rate_results|ox-7b|G1_tool",
    ],
)
def test_a_verdict_is_found_in_any_layout(tmp_path: Path, name: str, shown: str | None):
    run = found(tmp_path, **{OWN.replace("/", "|"): answers(), name: verdicts(shown=shown)})[OWN]
    assert (run.label.success, run.label.source, run.flags) == (True, "pass-rate", ())


def test_two_models_each_with_its_own(tmp_path: Path):
    layout = {}
    for model, solved in (("ox-7b", True), ("yak-7b", False)):
        layout[f"{model}|model_predictions|G1_tool"] = answers()
        layout[f"{model}|pass_rate_results|G1_tool_{model}"] = verdicts(solved=solved, shown=MINE)
    runs = found(tmp_path, **layout)
    assert {path.split("/")[0]: run.label.success for path, run in runs.items()} == {"ox-7b": True, "yak-7b": False}


@pytest.mark.parametrize(
    ("first", "second", "success", "flags"),
    [
        pytest.param(MINE, OTHER, True, (), id="one was given on the run's steps"),
        pytest.param(OTHER, OTHER, None, (), id="none was"),
        pytest.param(MINE, MINE, None, (UNCLEAR,), id="both were, and differ"),
    ],
)
def test_where_the_log_names_no_model_the_steps_tell(tmp_path: Path, first, second, success, flags):
    run = found(
        tmp_path,
        **{
            "predictions|G1_tool": answers(),
            "pass_rate_results|G1_tool_ox-7b": verdicts(shown=first),
            "pass_rate_results|G1_tool_yak-7b": verdicts(solved=False, shown=second),
        },
    )["predictions/G1_tool"]
    assert (run.label.success, run.flags) == (success, flags)
