"""The program in a process of its own."""

import subprocess
import sys


def called(*words):
    """What it printed; it has to end well."""
    made = [sys.executable, "-m", "agenther", *map(str, words)]
    result = subprocess.run(made, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout
