"""Which verdict of which pass-rate file is about a run: the one on its query, of its model, given on its own steps.

Two models answer the same queries, so id and query do not tell whose run a verdict is about. What does, in this order:

- the file's name or folder names the run's model, which is the nearest folder above the log with a name of its own, or
  the file lies in that folder and names no model at all;
- else, where the file names no model, or the log's folders name none beside it, the steps that the evaluator was shown
  (`answer_steps`) are those of the run, call for call.

Steps that are not the run's make it unknown in any case, and so do verdicts that differ: a flag tells.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.json_text import literal, parse
from agenther.readers.log import Folder, Log
from agenther.readers.toolbench.calls import Call, Calls, logged
from agenther.records import Label, Trajectory

SOURCE = "pass-rate"
UNCLEAR = "pass-rate-unclear"
"""The flag of a run on which there are verdicts that differ, or one that was given on other steps."""
LEVELS = 4
"""How many folders up from a log pass-rate files are looked for: raw answers lie three levels below their parent."""

_PASS_RATE = re.compile(r"pass[-_ ]?rate", re.IGNORECASE)
_POINTS = {"Solved": 1.0, "Unsure": 0.5, "Unsolved": 0.0}
_SAYS_NOTHING = frozenset(
    "pass rate passrate result results eval tooleval converted label labels model models prediction predictions preds"
    " answer answers output outputs".split()
)
"""Words in the names of files and folders that name no model."""
_STEP = re.compile(r"^Step \d+: ", re.MULTILINE)


class _Verdict(NamedTuple):
    """The label of one run, and the evaluator's reason where it is a failure."""

    label: Label = Label()
    reason: str | None = None
    flags: tuple[str, ...] = ()


class _File(NamedTuple):
    records: dict[str, Any]
    is_own: bool
    """Do the names alone tell that it is of the run's model?"""


def judged(log: Log, run: Trajectory, calls: Calls) -> Trajectory:
    """The run, a draft of these calls, with the verdict on it: where there is one, or where some differ."""
    found = _find(log, run, calls)
    return run.model_copy(
        update={"label": found.label, "failure_reason": found.reason, "flags": (*run.flags, *found.flags)}
    )


def _find(log: Log, run: Trajectory, calls: Calls) -> _Verdict:
    group = run.domain
    files = log.folder.once(f"pass-rate {group}", lambda path: list(_files(path, group))) if group else []
    own, others = [], []
    for file in files:
        record = file.records.get(run.task_id)
        if not isinstance(record, dict) or not _is_on(record, run.goal, sure=file.is_own):
            continue
        shown = _shows(record, calls)
        if file.is_own:
            own.append((record, shown))
        elif shown:
            others.append((record, shown))
    found = own or others
    verdicts = [_verdict(record) for record, _ in found]
    if any(shown is False for _, shown in found) or len({verdict.label.success for verdict in verdicts}) > 1:
        return _Verdict(flags=(UNCLEAR,))
    return verdicts[0] if verdicts else _Verdict()


def _is_on(record: dict[str, Any], goal: str, *, sure: bool) -> bool:
    """Is the verdict on this query? Where the id alone says so, the file has to be `sure` to be the model's."""
    query = record.get("query")
    return query.split() == goal.split() if isinstance(query, str) else sure


def _shows(record: dict[str, Any], calls: Calls) -> bool | None:
    """Are the steps that the evaluator was shown those of the run? None where that cannot be told."""
    steps = record.get("answer_steps")
    if not isinstance(steps, str) or any(call.response is None for call in calls):
        return None
    shown = [literal(text) for text in _STEP.split(steps)[1:]]
    if not shown or not all(isinstance(step, dict) and "name" in step for step in shown):
        return None
    return [(step["name"], _same(logged(step.get("arguments")))) for step in shown] == [*map(_told, calls)]


def _told(call: Call) -> tuple[str, Any]:
    return call.name, _same(call.arguments)


def _same(arguments: str) -> Any:
    """Equal for arguments that differ only in how their JSON is written."""
    try:
        return parse(arguments)
    except ReadError:
        return arguments


def _verdict(record: dict[str, Any]) -> _Verdict:
    label = _label(record.get("is_solved"))
    reason = record.get("reason")
    return _Verdict(label, reason if label.success is False and isinstance(reason, str) else None)


def _label(is_solved: Any) -> Label:
    """True or false by more than half of the votes; unknown when most are unsure, or none has it."""
    votes = is_solved.values() if isinstance(is_solved, dict) else [is_solved]
    counts = Counter(vote.rpartition(".")[2] for vote in votes if isinstance(vote, str))
    total = sum(counts[vote] for vote in _POINTS)
    if not total:
        return Label()
    score = sum(counts[vote] * points for vote, points in _POINTS.items()) / total if total > 1 else None
    success = True if counts["Solved"] * 2 > total else False if counts["Unsolved"] * 2 > total else None
    return Label(success=success, source=SOURCE, score=score)


# --- files ---------------------------------------------------------------------------------------


def _files(folder: Path, group: str) -> Iterator[_File]:
    """The pass-rate files near a folder of logs that may hold verdicts on its runs of the group."""
    near = folder.absolute()
    above = [near, *near.parents][: LEVELS + 1]
    model = next((path for path in above if path.name != group and not _says_nothing(path.name)), None)
    for place in above[:LEVELS]:
        for path, folders in _pass_rate_files(place):
            kin = _kin(path, folders, place, model, group)
            if kin is not None and (records := _records(path)):
                yield _File(records, kin)


def _pass_rate_files(place: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each JSON file that says so in its name or in that of a folder of `place`, and the folders between them."""
    try:
        children = sorted(place.iterdir())
    except OSError:
        return
    for child in children:
        if not _PASS_RATE.search(child.name):
            continue
        if child.suffix == ".json":
            yield child, []
        elif child.is_dir():
            yield from ((path, []) for path in sorted(child.glob("*.json")))
            yield from ((path, [path.parent.name]) for path in sorted(child.glob("*/*.json")))


def _kin(path: Path, folders: list[str], place: Path, model: Path | None, group: str) -> bool | None:
    """Do names tell that the file is of the run's model? None: they tell that it is not, or it is of other tasks."""
    if group not in path.stem:
        return None
    names = [path.stem.replace(group, " ", 1), *folders]
    if model is not None:
        word = re.compile(rf"(?<![^\W_]){re.escape(model.name)}(?![^\W_]|[-_. ]\d)")  # `llama` is not `llama-2`
        own = [word.sub(" ", name) for name in names]
        is_named = own != names or model in path.parents
        if is_named and all(map(_says_nothing, own)):
            return True
    is_below = model is not None and place in model.parents
    return None if is_below and not all(map(_says_nothing, names)) else False


def _says_nothing(name: str) -> bool:
    return _SAYS_NOTHING.issuperset(re.findall(r"[^\W\d_]+", name.lower()))


def _records(path: Path) -> dict[str, Any]:
    """The records by query id; {} where none can be read."""
    try:
        document = Log(path, path.name, Folder(path.parent)).document()
    except (ReadError, OSError):
        return {}
    return document if isinstance(document, dict) else {}
