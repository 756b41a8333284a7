"""What cannot be meant is one error, for programs and for the command line."""

import pytest
from click.testing import CliRunner
from folders import write_logs

from agenther import Means, Settings, run
from agenther.cli import main
from agenther.contradictions import check
from agenther.errors import SettingsError
from agenther.gate import Gate

GATE = Gate.model_construct()
ASKED = {"model": "m", "judges": ("j",)}


@pytest.mark.parametrize(
    ("settings", "means", "why"),
    [
        ({"base_url": "http://localhost:1"}, {}, "--base-url is about models"),
        ({"base_url": "http://localhost:1", "judges": ("local:x",)}, {}, "--base-url is about models"),
        ({}, {"batch": True}, "--batch is about models"),
        ({}, {"batch_dir": "x"}, "--batch-dir is about models"),
        ({}, {"dry": True}, "--dry-run is about models"),
        (ASKED, {"batch": True, "batch_dir": "x"}, "choose one"),
        ({"joined": True}, {}, "--joined is for models"),
        ({"judges": ("j",), "joined": True}, {}, "--joined is for models"),
        ({"stages": ("keep=x",)}, {}, "--stage keep has not the form"),
        ({"stages": ("classify",)}, {}, "--stage classify has not the form"),
        ({"stages": ("classify=x", "classify=y")}, {}, "--stage names two for one stage"),
        ({**ASKED, "joined": True, "stages": ("extract=x",)}, {}, "and --stage has another do extract"),
        ({"attribute": "rules", "stages": ("attribute=x",)}, {}, "--attribute and --stage both say"),
        ({"attribute": "guess"}, {}, "no method of attribution is called guess; there are rules, all-at-once"),
        ({"attribute": "all-at-once"}, {}, "--attribute all-at-once asks a model"),
        ({"attribute": "panel", "model": "m"}, {}, "hears several models"),
        ({"attribute": "panel", "model": "x/m", "judges": ("m",)}, {}, "hears several models"),
        ({"with_answer": True}, {}, "--with-answer is for a model"),
        ({**ASKED, "attribute": "rules", "with_answer": True}, {}, "--with-answer is for a model"),
        ({**ASKED, "keep_goal": True}, {}, "--keep-goal needs to know"),
        ({"attribute": "rules", "keep_goal": True}, {}, "--keep-goal learns no step"),
        ({"attribute": "rules", "keep_goal": True, "judges": ("local:x",)}, {}, "--keep-goal learns no step"),
    ],
)
def test_what_cannot_be_meant(settings, means, why):
    with pytest.raises(SettingsError, match=why):
        check(Settings(**settings), Means(**means))


@pytest.mark.parametrize("other", [{"theta": 0.7}, {"quorum": "majority"}])
def test_a_gate_stands_in_the_place_of_what_it_replaces(other):
    with pytest.raises(SettingsError, match=f"--gate stands in the place of --{next(iter(other))}"):
        check(Settings(**other).model_copy(update={"gate": GATE}), Means())


@pytest.mark.parametrize(
    ("settings", "means"),
    [
        ({}, {}),
        (ASKED, {"batch": True}),
        ({"judges": ("j",), "base_url": "http://localhost:1"}, {"dry": True}),
        ({"attribute": "panel", "model": "m", "judges": ("j",), "with_answer": True, "keep_goal": True}, {}),
        ({"attribute": "rules", "judges": ("j",), "keep_goal": True}, {}),
        ({"stages": ("attribute=x", "classify=y"), "judges": ("j",), "keep_goal": True}, {}),
    ],
)
def test_what_can_be_meant(settings, means):
    check(Settings(**settings), Means(**means))


def test_programs_and_people_are_told_alike(tmp_path):
    logs, out = write_logs(tmp_path / "logs", [1]), tmp_path / "out"
    with pytest.raises(SettingsError) as raised:
        run(logs, out, Settings(joined=True))
    told = CliRunner().invoke(main, ["run", str(logs), "--out", str(out), "--joined"])
    assert told.exit_code == 2
    assert f"Error: {raised.value}." in told.stderr
    assert not out.exists()
