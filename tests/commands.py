"""The command line, called in this process."""

from click.testing import CliRunner

from agenther.cli import main


def agenther(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def told(result):
    """What it printed where all went well, with single blanks."""
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())
