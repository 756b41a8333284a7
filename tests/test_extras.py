"""What only some commands take is told in one line where it is not installed."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from agenther.errors import AgentHERError
from agenther.exchange.keys import signers
from agenther.extras import needs
from agenther.lessons.alike import alike, nearest
from agenther.redaction import redact

ROOT = Path(__file__).parents[1]
OURS = """\
Requires-Dist: base>=1
Requires-Dist: zstd; python_version < "3"
Requires-Dist: lamp>=2; extra == "light"
Requires-Dist: big-plug<9,>=1; extra == 'house'
Requires-Dist: agenther[light]; extra == "house"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Only these packages, by name and version, and our own."""

    def install(**versions):
        for name, version in {"agenther": "1", **versions}.items():
            folder = tmp_path / f"{name}-{version}.dist-info"
            folder.mkdir()
            more = OURS if name == "agenther" else ""
            (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}")

    needs.cache_clear()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    yield install
    needs.cache_clear()


@pytest.mark.parametrize(
    ("extra", "there", "missing"),
    [
        pytest.param("light", {}, "lamp>=2", id="not installed"),
        pytest.param("light", {"lamp": "1.9"}, "lamp>=2", id="too old"),
        pytest.param("house", {}, "big-plug<9,>=1, lamp>=2", id="an extra within an extra"),
        pytest.param("house", {"lamp": "2", "big_plug": "9.1"}, "big-plug<9,>=1", id="too new"),
    ],
)
def test_what_is_missing_is_named(installed, extra, there, missing):
    installed(**there)
    with pytest.raises(AgentHERError, match=re.escape(f"pip install 'agenther[{extra}]' brings them: {missing}") + "$"):
        needs(extra)


@pytest.mark.parametrize(
    ("extra", "there"),
    [
        pytest.param("light", {"lamp": "2.0"}, id="there"),
        pytest.param("house", {"Lamp": "3", "big_plug": "8"}, id="there, spelt otherwise"),
        pytest.param("light", {"lamp": "3.0rc1"}, id="a version before the next"),
    ],
)
def test_what_is_there_is_no_matter(installed, extra, there):
    installed(**there)
    needs(extra)


@pytest.mark.parametrize(
    ("extra", "call"),
    [
        pytest.param("lessons", lambda: alike("ab", ["no lamp", "no lamp"]), id="lessons made anew, as forget does"),
        pytest.param("lessons", lambda: nearest("lamp", [object()]), id="lessons looked for"),
        pytest.param("publish", lambda: redact("no lamp", bytes(16)), id="what is redacted"),
        pytest.param("share", lambda: signers(b"", b"signed"), id="what is signed"),
    ],
)
def test_code_below_the_commands_asks_for_its_extra_itself(monkeypatch, extra, call):
    def not_here(name):
        raise AgentHERError(name)

    for module in ("lessons.alike", "redaction", "exchange.keys"):
        monkeypatch.setattr(f"agenther.{module}.needs", not_here)
    with pytest.raises(AgentHERError, match=f"^{extra}$"):
        call()


def test_extras_that_the_code_asks_for_are_ours():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    code = [path.read_text("utf-8") for path in (ROOT / "agenther").rglob("*.py")]
    asked = {name for text in code for name in re.findall(r'\bneeds\("(\w+)"\)', text)}
    assert {"lessons", "publish", "review", "share"} <= asked <= set(extras)


def test_what_is_installed_is_told_of_each_package_and_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs/reference/install.md").read_text("utf-8")
    core, extras = (re.findall(r"(?m)^\| (`.+?) \|", part) for part in page.split("\n| extra |"))
    assert {canonicalize_name(name) for row in core for name in re.findall("`(.+?)`", row)} == {
        canonicalize_name(Requirement(line).name) for line in project["dependencies"]
    }
    told = {row.strip("`") for row in extras}
    assert told | {"test", "check", "docs", "browser"} == set(project["optional-dependencies"])
