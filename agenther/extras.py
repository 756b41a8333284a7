"""The extras of this package: what only some commands take, and is installed by who wants it."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions

from packaging.requirements import Requirement

from agenther.errors import AgentHERError


@cache
def needs(extra: str) -> None:
    """Raises AgentHERError where a package of an extra is not installed, or in another version than is asked for."""
    if missing := sorted({str(one) for one in _of(extra) if not _is_here(one)}):
        brings = f"pip install 'agenther[{extra}]' brings them"
        raise AgentHERError(f"this takes more packages than the rest; {brings}: {', '.join(missing)}")


def _of(extra: str) -> Iterator[Requirement]:
    """What an extra adds here, by what our package says of itself; nothing where that is not installed."""
    for package in distributions(name="agenther"):
        for line in package.requires or ():
            one = Requirement(line)
            if one.marker and one.marker.evaluate({"extra": extra}) and not one.marker.evaluate({"extra": ""}):
                if one.name == "agenther":
                    for inner in one.extras:
                        yield from _of(inner)
                else:
                    one.marker = None
                    yield one


def _is_here(one: Requirement) -> bool:
    return any(one.specifier.contains(found.version, prereleases=True) for found in distributions(name=one.name))
