"""Reading logs, whatever their formats: the runs in them, and why others could not be read."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from agenther.errors import AgentHERError
from agenther.readers import find
from agenther.readers.find import Entry, Ignored
from agenther.readers.formats import READERS
from agenther.readers.labels.given import given
from agenther.readers.log import Log
from agenther.readers.maps.field_map import parse
from agenther.records import Rejection, Trajectory
from agenther.settings import How


def read(
    paths: Iterable[Path | str],
    log_format: str | None = None,
    *,
    field_map: str | None = None,
    labels: Path | str | None = None,
    success_at: float | None = None,
) -> Iterator[Trajectory | Rejection]:
    """Every run in these files and folders, in a fixed order; a Rejection for each file or record without one.

    `log_format` names the format of all of them, which is else told by their content; `field_map` is the text of a map
    that says where they hold what. `labels` is a file that tells which runs met their goal, `success_at` the least
    score of one that did. Files that never hold a run are passed over. Raises AgentHERError for a format that is not
    known, a map or labels that are none, a map with a format, or a run folder of agenther.
    """
    logs = [Path(path) for path in paths]
    file = None if labels is None else str(labels)
    how = How(log_format=log_format, field_map=field_map, labels=file, success_at=success_at)
    check(logs, how)
    return (item for item in items(find.files(logs), how) if not isinstance(item, Ignored))


def check(logs: Iterable[Path], how: How, out: Path | None = None) -> None:
    """Raises AgentHERError for what `read` refuses, and where `out` is to lie among the logs."""
    if how.log_format not in (None, *READERS):
        raise AgentHERError(f"no log format is called {how.log_format}; there are {', '.join(READERS)}")
    if how.field_map is not None:
        if how.log_format is not None:
            raise AgentHERError("a map and a log format both say how every file is read; choose one")
        parse(how.field_map)
    if how.labels is not None:
        given(how.labels)
    find.check(logs, out)


def items(entries: Iterable[Entry], how: How) -> Iterator[Trajectory | Rejection | Ignored]:
    """Everything that is read from the entries, in order."""
    for entry in entries:
        if isinstance(entry, Log):
            yield from find.read(entry, how)
        else:
            yield entry
