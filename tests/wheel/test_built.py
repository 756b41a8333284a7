"""The wheel and the sdist hold what they should, and nothing else."""

import email
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.util import find_spec

import pytest
from wheel.conftest import ROOT

import agenther

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.skipif(not (find_spec("build") and find_spec("twine")), reason="build and twine are not installed"),
]


def tracked(*folders):
    found = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(found.stdout.splitlines())


def test_the_wheel_holds_the_package_its_prompts_and_the_licence(built):
    names = set(zipfile.ZipFile(built.wheel).namelist())
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == tracked("agenther") | {f"agenther/{name}" for name in tracked("prompts")}
    ends = {name.partition(".dist-info/")[2] for name in about}
    assert ends == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert {"agenther/py.typed", "agenther/prompts/judge.md", "agenther/pages/templates/report.html"} <= names


def test_the_sdist_holds_what_tests_and_docs_take(built):
    with tarfile.open(built.sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert names - {"PKG-INFO"} == {name for name in tracked() if not name.startswith(".")} | {".gitignore"}


def test_the_sdist_gives_the_same_wheel(built):
    assert built.again.name == built.wheel.name
    assert built.again.read_bytes() == built.wheel.read_bytes()


def test_an_index_takes_both(built):
    command = [sys.executable, "-m", "twine", "check", "--strict", built.wheel, built.sdist]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_metadata_says_what_it_is(built):
    name = f"agenther-{agenther.__version__}.dist-info/METADATA"
    said = email.message_from_bytes(zipfile.ZipFile(built.wheel).read(name))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert said["Version"] == agenther.__version__
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload().startswith("# agenther\n")
    assert set(said.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)} <= set(said.get_all("Classifier"))
