"""How much `pip install agenther` puts on a disk, and which package is to blame: in a fresh virtual environment.

python benchmarks/footprint.py [--python PATH]

Megabytes of the files that packages say are theirs, without bytecode. Beside each package that the core asks for: what
would go with it, since nobody else asks for it. Below: what each extra adds to the core.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [name for name in PROJECT["optional-dependencies"] if name not in {"test", "check", "docs", "browser"}]


class Installed:
    """What is in a folder of packages, by name."""

    def __init__(self, folder: str) -> None:
        self.found = {canonicalize_name(one.name): one for one in distributions(path=[folder])}
        self.sizes = {name: size(one) for name, one in self.found.items()}

    def asked(self, name: str, extra: str = "") -> list[Requirement]:
        """What a package asks for, by itself or for one of its extras."""
        found = map(Requirement, self.found[name].requires or ())
        return [one for one in found if one.marker is None or one.marker.evaluate({"extra": extra})]

    def reached(self, begin: list[Requirement], but: str = "") -> set[str]:
        """Names of what is asked for, and of all that this asks for, but for what only one package brings."""
        seen: set[tuple[str, str]] = set()
        pending = list(begin)
        while pending:
            one = pending.pop()
            name = canonicalize_name(one.name)
            for extra in ("", *sorted(one.extras)):
                if name != but and name in self.found and (name, extra) not in seen:
                    seen.add((name, extra))
                    pending += self.asked(name, extra)
        return {name for name, _ in seen}

    def megabytes(self, names: set[str]) -> float:
        return sum(self.sizes[name] for name in names) / 1e6


def size(package: Distribution) -> int:
    """In bytes."""
    paths = {Path(str(file.locate())) for file in package.files or () if file.suffix != ".pyc"}
    return sum(path.stat().st_size for path in paths if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([given.python, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin/python"
        wanted = f"{ROOT}[{','.join(EXTRAS)}]"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", wanted], check=True)
        place = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        report(Installed(place))


def report(installed: Installed) -> None:
    core = installed.reached([Requirement("agenther")])
    rows = []
    for name in (canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]):
        if name in core:
            goes = core - installed.reached([Requirement("agenther")], name)
            rows.append((installed.megabytes(goes), installed.megabytes({name}), name))
    print(f"{'package':28} {'MB':>7} {'with what only it brings':>26}")
    for goes, alone, name in sorted(rows, reverse=True):
        print(f"{name:28} {alone:7.1f} {goes:26.1f}")
    print(f"{'agenther itself':28} {installed.megabytes({'agenther'}):7.1f}")
    print(f"{f'core, {len(core)} packages':28} {installed.megabytes(core):7.1f}")
    for extra in EXTRAS:
        more = installed.reached([Requirement(f"agenther[{extra}]")]) - core
        print(f"{f'+ [{extra}]':28} {installed.megabytes(more):7.1f}   {', '.join(sorted(more))}")


if __name__ == "__main__":
    main()
