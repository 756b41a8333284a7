"""Keys go where their user sends them, and nowhere else."""

import pytest
from click.testing import CliRunner
from llm.player import Player, lamp_logs
from llm.server import Server, fails

from agenther.cli import main


def run(tmp_path, first, second, *options):
    """A run with a model at `--base-url` and a judge at an endpoint of its own."""
    logs = lamp_logs(tmp_path / "logs", range(2))
    words = ("--model", "m", "--base-url", first.url, "--judge", f"j@{second.url}", "--allow-unknown-cost")
    return CliRunner().invoke(main, [str(one) for one in ("run", logs, "--out", tmp_path / "out", *words, *options)])


@pytest.mark.parametrize(
    ("environment", "first", "second", "shown"),
    [
        pytest.param({}, "", "", ("none", "none"), id="nobody has any"),
        pytest.param({"OPENAI_API_KEY": "k"}, "", "", ("k", "none"), id="OpenAI's is for --base-url alone"),
        pytest.param({"OPENAI_API_KEY": "k", "OTHER": "o"}, "", "OTHER", ("k", "o"), id="one for the judge"),
        pytest.param({"OPENAI_API_KEY": "k", "OTHER": "o"}, "OTHER", "", ("o", "none"), id="another for --base-url"),
        pytest.param({"OTHER": " o\n"}, "OTHER", "OTHER", ("o", "o"), id="the same for both, without its line end"),
    ],
)
def test_who_is_shown_which_key(tmp_path, monkeypatch, environment, first, second, shown):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with Server(Player()) as one, Server(Player()) as other:
        named = [(one, first), (other, second)]
        options = [word for server, variable in named if variable for word in ("--key", f"{server.url}/={variable}")]
        result = run(tmp_path, one, other, *options)
    assert result.exit_code == 0, result.output
    assert (set(one.keys), set(other.keys)) == tuple({f"Bearer {key}"} for key in shown)


def test_a_variable_that_is_not_set_is_told_before_the_first_call(tmp_path, monkeypatch):
    monkeypatch.delenv("OTHER", raising=False)
    with Server(Player()) as one, Server(Player()) as other:
        result = run(tmp_path, one, other, "--key", f"{other.url}=OTHER")
    assert result.exit_code == 1
    assert "OTHER is not set" in result.stderr
    assert one.bodies == other.bodies == []


def test_an_endpoint_that_wants_a_key_is_told_how_to_get_it(tmp_path):
    with Server(Player()) as one, Server(fails(401, "no key", "invalid_api_key")) as other:
        result = run(tmp_path, one, other)
    assert result.exit_code == 1
    assert f"check --key {other.url}=VARIABLE" in result.stderr


def test_a_key_that_is_refused_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with Server(fails(401, "bad key", "invalid_api_key")) as one, Server(Player()) as other:
        result = run(tmp_path, one, other)
    assert result.exit_code == 1
    assert "check OPENAI_API_KEY" in result.stderr


@pytest.mark.parametrize("given", ["http://h/v1=sk-secret-9", "sk-secret-9", "h=OTHER", "http://h/v1="])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(tmp_path, given):
    words = ["run", str(tmp_path), "--out", str(tmp_path / "out"), "--model", "m", "--key", given]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "the name of a variable" in result.stderr
    assert "secret" not in result.stderr


NO_KEYS = [
    pytest.param("OPENAI_API_KEY", "gpt-5-mini", id="OpenAI"),
    pytest.param("ANTHROPIC_API_KEY", "anthropic/claude-haiku-4-5", id="Anthropic"),
]


@pytest.mark.parametrize(("variable", "model"), NO_KEYS)
@pytest.mark.parametrize("key", [None, "", " \n"])
def test_an_empty_key_is_none_and_a_dry_run_needs_none(tmp_path, monkeypatch, variable, model, key):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv(variable, raising=False)
    if key is not None:
        monkeypatch.setenv(variable, key)
    logs = lamp_logs(tmp_path / "logs", range(2))
    words = ["run", str(logs), "--out", str(tmp_path / "out"), "--model", model]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert f"no key; set the environment variable {variable}" in result.stderr
    result = CliRunner().invoke(main, [*words, "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "2 runs to ask about" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["two words", "s3cret\nX-More: y", "s3cr\u00e9t"])
def test_what_no_header_takes_is_no_key(tmp_path, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with Server(Player()) as one, Server(Player()) as other:
        result = run(tmp_path, one, other)
        assert one.bodies == other.bodies == []
    assert result.exit_code == 1
    assert "OPENAI_API_KEY: it holds no key" in result.stderr
    assert "s3cr" not in result.stderr
