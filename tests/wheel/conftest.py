"""What is given to others, built once: an sdist, a wheel, and an environment with the wheel alone."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Built(NamedTuple):
    wheel: Path
    sdist: Path
    again: Path
    """The wheel that the sdist gives."""


def build(what, of, out):
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{what}", "--outdir", str(out), str(of)]
    subprocess.run(command, check=True)
    [made] = out.iterdir()
    return made


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    place = tmp_path_factory.mktemp("built")
    sdist = build("sdist", ROOT, place / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(place / "unpacked", filter="data")
    [unpacked] = (place / "unpacked").iterdir()
    return Built(build("wheel", ROOT, place / "wheel"), sdist, build("wheel", unpacked, place / "again"))


class Clean(NamedTuple):
    """A virtual environment with what the wheel brings, and with no extra."""

    bin: Path
    place: Path
    """A folder apart from the checkout, where its programs run."""

    def run(self, *command):
        """Exit code, and what was printed on either stream."""
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.place),
            "COLUMNS": "120",
            "NO_COLOR": "1",
            "PYTHONWARNINGS": "ignore",
        }
        program = [str(self.bin / command[0]), *map(str, command[1:])]
        done = subprocess.run(
            program, cwd=self.place, env=environment, check=False, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def clean(built, tmp_path_factory):
    place = tmp_path_factory.mktemp("clean")
    python = os.environ.get("AGENTHER_PYTHON", sys.executable)
    subprocess.run([python, "-m", "venv", place / "venv"], check=True)
    pip = [place / "venv/bin/python", "-m", "pip", "install", "--quiet", "--no-compile", built.wheel]
    subprocess.run(pip, check=True)
    return Clean(place / "venv/bin", place)


@pytest.fixture(scope="session")
def run_folder(clean):
    """By rules, of the sample logs: the folder, and how the run ended."""
    return clean.place / "first", clean.run("agenther", "run", ROOT / "data", "--out", "first")
