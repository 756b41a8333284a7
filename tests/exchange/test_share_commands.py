"""key, merge, and sets on the Hub, through the command line and over real HTTP."""

import re

import pytest
from click.testing import CliRunner
from exchange.sets import a_failure, a_set
from folders import content
from hub.fake_hub import TOKEN, FakeHub

from agenther.cli import main


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield hub


def agenther(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def told(result):
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "wrong",
    [["merge"], ["merge", "A"], ["merge", "/no/such/set", "--out", "m"], ["key"], ["key", "a b.pem", "--name", "../x"]],
)
def test_wrong_usage(wrong):
    assert agenther(*wrong).exit_code == 2


def test_a_set_that_is_refused_gives_one_line(tmp_path):
    (tmp_path / "a").mkdir()
    result = agenther("merge", tmp_path / "a", "--out", tmp_path / "m")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "holds no set" in result.stderr


def test_a_key_is_printed_as_trust_files_have_it_and_a_signed_set_on_the_hub_is_merged(tmp_path, hub):
    line = told(agenther("key", tmp_path / "acme.pem"))
    assert re.fullmatch(r"acme [A-Za-z0-9+/]{43}=", line)
    (tmp_path / "trusted.txt").write_text(f"{line}\n")
    signed = a_set(tmp_path / "a", "acme", [a_failure(1)], tmp_path / "acme.pem")
    hub.repo("acme/failures", content(signed))
    said = told(
        agenther(
            "merge", "hf://datasets/acme/failures", signed, "--out", tmp_path / "m", "--trust", tmp_path / "trusted.txt"
        )
    )
    assert "1 failures, 0 lessons, 0 contrast; 1 joined, 0 conflicts" in said
    agenther("merge", signed, "--out", tmp_path / "n")
    assert content(tmp_path / "m") == content(tmp_path / "n")
