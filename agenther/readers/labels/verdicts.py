"""What a file beside logs says of runs: a record for each, lists of ids, a line for each, or a verdict alone.

    {"task-7": {"resolved": false}}    {"task-7": true}    {"resolved_ids": ["task-7"], "unresolved_ids": […]}
    task-7: PASS                       [Result] (FAIL) /tmp/x/7.json            1.0, in a file called reward.txt

A bare true or 1 under an id says something only where the name of its file, folder or field tells that it is a verdict.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.labels.told import kind_of, label, together, verdict
from agenther.readers.log import Folder, Head, Log
from agenther.readers.packed import plain
from agenther.readers.tables import is_table
from agenther.readers.values import fields, name_of, number, unpacked
from agenther.records import Label
from agenther.text.lexicon import words
from agenther.text.names import spelt

RESULTS = ("results", "evaluations", "scores", "tasks", "instances")
"""Fields of a summary that hold a record for each run."""
TASKS = ("task_id", "instance_id", "question_id")
IDS = (*TASKS, "task", "run_id", "trajectory_id", "id")
QUESTIONS = ("question", "query", "goal", "task", "intent", "instruction", "task_description")
LEAST_QUESTION = 40
"""Characters of a question that no two tasks share by chance."""
MOST_TEXT = 4000
"""Characters of a text beside a label; what is longer may tell a run."""
MOST_BYTES = 4 * 1024 * 1024
TEXTS = (".txt", ".log")
OPEN = frozenset({"error", "incomplete"})
"""Words of the lists in a report of SWE-bench that tell nothing of an instance."""
_RESULT = re.compile(r"\[Result\] \((PASS|FAIL)\)\s*(\S+)")
_NAME = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\s,;|=()\[\]]+")
Told = tuple[str, dict[str, Any]]
"""The id under which a record stands, and the record."""


class Verdict(NamedTuple):
    """What one record of such a file says."""

    label: Label
    ids: frozenset[str]
    task: str
    """The task that the record itself names."""
    question: str


class VerdictFile(NamedTuple):
    """All that a file says."""

    name: str
    verdicts: list[Verdict]
    is_bare: bool
    """Is its name that of the verdict which it holds, as `reward.txt`?"""

    @property
    def stem(self) -> str:
        return plain(Path(self.name)).stem


def holds_labels(head: Head) -> bool:
    """Does a file that begins so hold labels, and nothing that an agent did?"""
    listed = head.value if isinstance(head.value, list) else [head.value]
    found = [list(_records(item, is_telling=_may_tell(head.path))) or [("", {})] for item in listed]
    *whole, last = [record for item in found for _, record in item] or [{}]
    return all(map(_is_label, whole or [last]))  # the last may be cut


def _is_label(record: dict[str, Any]) -> bool:
    return label(record).source != "none" and not any(map(_may_be_a_run, record.values()))


def _may_be_a_run(value: Any) -> bool:
    """Is it long text, or a list of more than words and numbers?"""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return any(map(_may_be_a_run, value.values())) if isinstance(value, dict) else len(str(value)) > MOST_TEXT


def verdicts(path: Path, place: str) -> VerdictFile:
    """What a file says, as said in `place`; nothing where it cannot be read."""
    try:
        records = list(_told(path)) if path.stat().st_size <= MOST_BYTES else []
    except (OSError, ReadError):
        records = []
    said = [one for key, record in records if (one := _verdict(key, record, place))]
    labels = together([one.label for one in said])
    found = [one._replace(label=told) for one, told in zip(said, labels, strict=True)]
    is_bare = [len(record) for _, record in records] == [1] and kind_of(plain(path).stem) in ("verdict", "score")
    return VerdictFile(path.name, found, is_bare)


def _told(path: Path) -> Iterator[Told]:
    suffix = plain(path).suffix.lower()
    if not (suffix.startswith(".json") or suffix in TEXTS or is_table(path)):
        return
    log = Log(path, path.name, Folder(path.parent))
    if suffix in TEXTS and not isinstance(log.head.value, dict | list):
        text = log.text()
        alone = unpacked(text) if number(unpacked(text)) is not None else text.strip()
        yield from [("", {path.stem: alone})] if len(text.split()) == 1 else _lines(text)
        return
    for _, _, value in log.records():
        record = value if isinstance(value, dict | list) else {plain(path).stem: value}
        yield from _records(record, is_telling=_may_tell(path))


def _lines(text: str) -> Iterator[Told]:
    """An id and a word for its verdict on each line; a mere number counts where the lines cannot be sums."""
    named = [(Path(path.replace("\\", "/")).stem, word) for word, path in _RESULT.findall(text)]
    found = named or list(filter(None, map(_line, text.splitlines())))
    may_be_sums = not named and len({word for _, word in found}) == len(found)
    yield from ((key, {"verdict": word}) for key, word in found if not (may_be_sums and key.isdecimal()))


def _line(line: str) -> tuple[str, str] | None:
    tokens = [bare for token in _TOKEN.findall(line) if (bare := token.strip(":-"))]
    told = [token for token in tokens if verdict(token) is not None]
    others = [token for token in tokens if verdict(token) is None]
    return (others[0], told[0]) if len(told) == len(others) == 1 else None


def _may_tell(path: Path) -> bool:
    """Does a file's name tell that verdicts are in it, or its folder's name nothing else?"""
    stem, folder = (set(_NAME.findall(name.casefold())) for name in (plain(path).stem, path.parent.name))
    holder = words("labels", "holder")
    return bool(stem & holder) or (bool(folder) and folder <= holder)


def _records(value: Any, *, is_telling: bool) -> Iterator[Told]:
    """The value itself, or the records that it holds in a list, under their ids, or as `results`."""
    record, said = fields(value), label(fields(value)).source != "none"
    inside = next((held for name in RESULTS if isinstance(held := record.get(name), dict | list) and held), None)
    held = list(inside.values()) if isinstance(inside, dict) else inside or []
    if isinstance(value, list):
        yield from (one for item in value for one in _records(fields(item), is_telling=False))
    elif (any(map(fields, held)) or (held and not said)) and (found := list(_records(inside, is_telling=True))):
        yield from found
    elif said:
        yield "", record
    elif listed := list(_listed(record)):
        yield from listed
    else:
        yield from _by_id(record, is_telling=is_telling)


def _by_id(record: dict[str, Any], *, is_telling: bool) -> Iterator[Told]:
    """What stands under each id: an object, or a plain verdict where all of these are such."""
    alone = [one for one in record.values() if not isinstance(one, dict)]
    is_said = all(kind_of(one) and verdict(one) is not None for one in alone if isinstance(one, str))
    if not is_telling:
        is_said = is_said and all(isinstance(one, str) for one in alone)
    is_share = is_said and all(isinstance(one, str | bool) or 0 <= (number(one) or 0) <= 1 for one in alone)
    for key, one in record.items():
        if isinstance(one, dict):
            yield key, one
        elif is_share and (verdict(one) is not None or number(one) is not None):
            yield key, {"score" if verdict(one) is None else "verdict": one}


def _listed(record: dict[str, Any]) -> Iterator[Told]:
    """Ids under `resolved_ids` or `failed`. What SWE-bench lists elsewhere was tried, and is not resolved."""
    lists = {name: set(map(name_of, ids)) for name, ids in record.items() if isinstance(ids, list)}
    said = {name: verdict(" ".join(word for word in spelt(name) if word != "ids")) for name in lists}
    is_report = not {"resolved", "resolved_ids"}.isdisjoint(lists)
    of = {is_met: set().union(*(lists[name] for name in lists if said[name] is is_met)) for is_met in (True, False)}
    if is_report:
        unclear = set().union(*(ids for name, ids in lists.items() if not OPEN.isdisjoint(spelt(name))))
        of[False] |= set().union(*lists.values()) - of[True] - unclear
    yield from (
        (one, {"resolved" if is_report else "verdict": is_met})
        for is_met, ids in of.items()
        for one in sorted(ids)
        if one
    )


def _verdict(key: str, record: dict[str, Any], place: str) -> Verdict | None:
    said = label(record)
    if said.source == "none":
        return None
    ids = frozenset(filter(None, (key, *(name_of(record.get(name)) for name in IDS))))
    task = next(filter(None, (name_of(record.get(name)) for name in TASKS)), "")
    texts = (" ".join(text.split()) for name in QUESTIONS if isinstance(text := record.get(name), str))
    question = next((text for text in texts if len(text) >= LEAST_QUESTION), "")
    named = said.model_copy(update={"source": f"{place}: {said.source}", "unread": ()})
    return Verdict(named, ids, task, question)
