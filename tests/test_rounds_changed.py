"""What is done to a round that others come after is said before it is done."""

from contextlib import suppress

import pytest
from click.testing import CliRunner
from folders import write_logs

from agenther.cli import main
from agenther.jobs.forget import forget


def agenther(*args):
    return CliRunner().invoke(main, list(map(str, args)))


@pytest.fixture
def three(tmp_path):
    for number in (1, 2, 3):
        after = ("--after", tmp_path / str(number - 1)) if number > 1 else ()
        logs = write_logs(tmp_path / f"logs{number}", [number])
        done = agenther("run", logs, "--out", tmp_path / str(number), *after)
        assert done.exit_code == 0, done.output
        assert "came after" not in done.stderr
    return [tmp_path / str(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("of", [0, 1, 2])
@pytest.mark.parametrize("command", ["run", "relabel", "attribute"])
def test_later_rounds_are_named_before_a_round_is_changed(three, tmp_path, of, command):
    first = [tmp_path / "more", "--out", three[of]] if command == "run" else [three[of]]
    write_logs(tmp_path / "more", [7], "more.jsonl")
    more = ["--method", "rules"] if command == "attribute" else []
    warnings = [line for line in agenther(command, *first, *more).stderr.splitlines() if "came after" in line]
    named = ", ".join(map(str, three[of + 1 :]))
    assert [line.partition(" came after ")[0] for line in warnings] == (
        [f"agenther: warning: {named}"] if named else []
    )


def test_a_refused_run_warns_of_nothing(three, tmp_path):
    done = agenther("run", write_logs(tmp_path / "more", [7]), "--out", three[0], "--theta", "0.9")
    assert done.exit_code == 1
    assert "came after" not in done.stderr


def test_what_is_half_forgotten_is_told_before_it_is_run_on(three, tmp_path):
    def dies(_folders, _ids):
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        forget(three[1], frozenset({"runs.jsonl"}), dies)
    for out, after in ((three[0], ()), (tmp_path / "4", ("--after", three[2]))):
        done = agenther("run", tmp_path / "logs1", "--out", out, *after)
        told = [line for line in done.stderr.splitlines() if "was stopped before it reached" in line]
        assert told == [f"agenther: warning: {after[1] if after else out}: {told[0].split(': ', 3)[3]}"]
