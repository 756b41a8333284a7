"""Packages that bring something along, installed, and the command line in a process of its own that finds them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "docs/examples/extending"


def install(site, name, points, **modules):
    """A package as pip leaves it: modules, and a folder that tells its name and its entry points."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in of.items()) for group, of in points.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    for module, text in modules.items():
        (site / f"{module}.py").write_text(text)


def example(site):
    """The example, installed as its own pyproject.toml says."""
    told = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    modules = {path.stem: path.read_text("utf-8") for path in EXAMPLE.glob("*.py")}
    install(site, told["name"], told["entry-points"], **modules)
    return site


def agenther(site, *words):
    path = os.pathsep.join([str(site), str(Path(__file__).parents[1])])
    called = [sys.executable, "-W", "error", "-m", "agenther", *map(str, words)]
    return subprocess.run(called, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path})
