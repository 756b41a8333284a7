"""What is in some logs, without doing anything with it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agenther.readers.find import Ignored, files
from agenther.readers.labels.given import unmatched
from agenther.readers.maps.suggest import suggest
from agenther.readers.reading import items
from agenther.records import Reason, Rejection, Trajectory
from agenther.settings import How
from agenther.tally.counts import Table

__all__ = ["objects", "suggest", "tables", "unmatched"]

MOST_FIELDS = 20
"""Fields that look like labels, of which the names are shown."""


def objects(logs: tuple[Path, ...], how: How, rows: set[int]) -> Iterator[dict[str, object]]:
    """Runs and rejections as `agenther inspect --json` tells them.

    The numbers of the rows of the user's labels that are about a run are added to `rows`.
    """
    for item in items(files(logs), how):
        if isinstance(item, Trajectory):
            rows.update(item.label.rows)
            yield {
                "kind": "run",
                "id": item.id,
                "format": item.source.format,
                "path": item.source.path,
                "key": item.source.key,
                "benchmark": item.benchmark,
                "task_id": item.task_id,
                "goal": item.goal,
                "steps": len(item.steps),
                "success": item.label.success,
                "label_source": item.label.source,
                "labels_unread": item.label.unread,
                "answer": item.answer,
            }
        elif isinstance(item, Rejection):
            yield {
                "kind": "rejected",
                "path": item.path,
                "line": item.line,
                "reason": item.reason,
                "detail": item.detail,
            }


def tables(logs: tuple[Path, ...], how: How, rows: set[int]) -> list[Table]:
    """Runs by format, rejections by reason, and how many files hold no run. `rows` is as in `objects`."""
    runs: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    labels: Counter[tuple[str, bool | None]] = Counter()
    said: Counter[tuple[str, bool | None]] = Counter()
    unread: Counter[str] = Counter()
    rejected: Counter[Reason] = Counter()
    ignored: Counter[str] = Counter()
    for item in items(files(logs), how):
        if isinstance(item, Ignored):
            ignored[item.why] += 1
        elif isinstance(item, Rejection):
            rejected[item.reason] += 1
        else:
            name = item.source.format
            runs[name] += 1
            steps[name] += len(item.steps)
            rows.update(item.label.rows)
            labels[name, item.label.success] += 1
            said[item.label.source, item.label.success] += 1
            unread.update(item.label.unread)
    by_format = [
        (name, str(runs[name]), str(steps[name]), *(str(labels[name, success]) for success in (True, False, None)))
        for name in sorted(runs)
    ]
    by_source = [
        (source, *(str(said[source, success]) for success in (True, False, None)))
        for source in sorted({source for source, _ in said})
    ]
    not_read = [(name, str(times)) for name, times in unread.most_common(MOST_FIELDS)]
    others = [*((f"rejected: {reason}", str(logs)) for reason, logs in rejected.most_common())]
    others.extend((f"passed over: {why}", str(files)) for why, files in ignored.most_common())
    return [
        Table("Runs", ("format", "runs", "steps", "success", "failed", "unknown"), tuple(by_format)),
        Table("Labels", ("source", "success", "failed", "unknown"), tuple(by_source)),
        Table("Fields that look like labels, and were not read", ("field", "runs"), tuple(not_read)),
        Table("Other files and records", ("", "number"), tuple(others)),
    ]
