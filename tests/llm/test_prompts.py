"""The prompt files: readable, checked before the first call, and every prompt on a run begins the same."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from builders import a_run, a_step

from agenther.errors import PromptError
from agenther.llm.answers import request
from agenther.llm.schemas import (
    SaidAttribution,
    SaidBoth,
    SaidChoice,
    SaidDiagnosis,
    SaidGoals,
    SaidHalf,
    SaidLessons,
    SaidOutcome,
    SaidSoundness,
    SaidStep,
    SaidVerdict,
)
from agenther.prompt import VARIABLES, load
from agenther.rendering.runs import render_run, thoughts

PROMPTS = Path(__file__).parents[2] / "prompts"
SHAPES = {
    "classify": SaidDiagnosis,
    "classify_extract": SaidBoth,
    "extract": SaidOutcome,
    "attribute": SaidAttribution,
    "attribute_step": SaidStep,
    "attribute_half": SaidHalf,
    "attribute_choice": SaidChoice,
    "lesson": SaidLessons,
    "relabel": SaidGoals,
    "judge": SaidVerdict,
    "sound": SaidSoundness,
}
ATTRIBUTE = tuple(stage for stage in SHAPES if stage.startswith("attribute"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROMPTS, tmp_path / "prompts"))


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_file(folder: Path, name: str):
    (folder / f"{name}.md").unlink()
    with pytest.raises(PromptError, match=re.escape(name)):
        load(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{{ gaol }}", "unknown variable gaol; known here: .*goal", id="unknown variable"),
        pytest.param("{% if goal_seen %}{% else %}{{ gaol }}{% endif %}", "gaol", id="in a branch not taken"),
        pytest.param("{% for one in refused %}{{ one.reason }}{% endfor %}", "reason", id="unknown part"),
        pytest.param("{% if goal %}", "endif", id="not closed"),
        pytest.param("{{ goal.__class__ }}", "unsafe", id="out of the sandbox"),
        pytest.param('{% include "nobody.md" %}', "nobody", id="includes a prompt that is not there"),
        pytest.param('{% include "../../secret.md" %}', "secret", id="includes a file of another folder"),
        pytest.param('{% include "classify.md" %}', "failed", id="includes a prompt that names more"),
    ],
)
def test_a_broken_file(folder: Path, text: str, words: str):
    (folder / "relabel.md").write_text(text)
    with pytest.raises(PromptError, match=words):
        load(folder)


def test_an_opening_without_its_line(folder: Path):
    (folder / "_trajectory.md").write_text("{{ run }}")
    with pytest.raises(PromptError, match="---"):
        load(folder)


def test_a_file_in_another_encoding(folder: Path):
    (folder / "judge.md").write_bytes(b"\xff")
    with pytest.raises(PromptError, match="UTF-8"):
        load(folder)


def test_a_fingerprint_is_the_files_own(folder: Path):
    (folder / "judge.md").write_text("Be strict. {{ goal }} {{ answer }}")
    changed, original = load(folder).fingerprints, load().fingerprints
    assert changed["judge"] == hashlib.sha256((folder / "judge.md").read_bytes()).hexdigest()
    assert {name for name in VARIABLES if changed[name] != original[name]} == {"judge"}


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("stage", SHAPES)
def test_a_prompt_explains_every_key_that_is_asked_for(stage: str, kept: bool):
    words = load().ask(stage, "", VARIABLES[stage] | {"kept": kept}).user
    asked = request(stage, ("", ""), SHAPES[stage]).schema
    assert asked is not None
    pending, keys = [dict(asked.body)], set()
    while pending:
        node = pending.pop()
        keys |= set(node.get("properties", {}))
        pending += [*node.get("properties", {}).values(), *([node["items"]] if "items" in node else [])]
    assert keys
    assert not [key for key in keys if not re.search(rf"\b{key}\b", words)]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_prompt_is_prose(name: str):
    """No line of it needs more than reading: templates name things, and nothing else."""
    text = (PROMPTS / f"{name}.md").read_text("utf-8")
    for tag in re.findall(r"\{[{%].*?[%}]\}", text):
        simple = r"\{\{ [\w.]+ \}\}|\{% (if [\w ]+|else|endif|endfor|for \w+ in \w+|include \"\w+\.md\") %\}"
        assert re.fullmatch(simple, tag), tag


def test_a_prompt_does_not_run_what_a_log_holds():
    values = VARIABLES["judge"] | {"goal": "{% for x in y %}", "answer": "{{ secret }}"}
    user = load().ask("judge", "{{ 7 * 7 }}", values).user
    assert "{{ 7 * 7 }}" in user
    assert "{{ secret }}" in user


# --- the same beginning --------------------------------------------------------------------------

THOUGHT = "I fear the old wish cannot be met"
OLD_GOAL = "Find a desk lamp under five dollars that sings."


def a_long_run(steps: int = 12, size: int = 9_000):
    made = [a_step(n, observation=f"page {n} " + "x" * size, thought=f"{THOUGHT} at {n}") for n in range(1, steps + 1)]
    return a_run(steps=tuple(made), goal=OLD_GOAL, start="the shop's door")


def prompts_on(run):
    prompts = load()
    for stage, given_ in VARIABLES.items():
        if stage in SHAPES:
            values = given_ | {"goal": run.goal, "thoughts": thoughts(run)} if stage != "judge" else given_
            yield stage, prompts.ask(stage, render_run(run), values)


def test_all_prompts_on_a_run_begin_with_the_same_bytes():
    run = a_long_run()
    found = dict(prompts_on(run))
    beginning = f"<run>\n{render_run(run)}\n</run>\n\n"
    assert len(beginning) > 40_000
    assert len({prompt.system for prompt in found.values()}) == 1
    for prompt in found.values():
        assert prompt.user.startswith(beginning)
    shown = ("classify", "classify_extract", *ATTRIBUTE, "relabel")
    with_thoughts = [found[stage].user.split("</thoughts>")[0] for stage in shown]
    assert len(set(with_thoughts)) == 1


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("classify", True),
        ("classify_extract", True),
        *((stage, True) for stage in ATTRIBUTE),
        ("relabel", True),
        ("extract", False),
        ("judge", False),
    ],
)
def test_thoughts_are_shown_to_some_stages_only(stage: str, shown: bool):
    prompt = dict(prompts_on(a_long_run()))[stage]
    assert (THOUGHT in prompt.user) is shown
    assert (OLD_GOAL in prompt.user) is (stage != "judge")


def test_a_run_without_thoughts_has_no_block_for_them():
    steps = tuple(step.model_copy(update={"thought": None}) for step in a_long_run().steps)
    for _, prompt in prompts_on(a_run(steps=steps)):
        assert "<thoughts>" not in prompt.user
