"""ToolBench's side files: who solved what (pass-rate files), and those that are only queries or comparisons.

    pass_rate_results/chatgpt_cot/G1_tool_chatgpt_cot.json
    {"101": {"query": "...", "is_solved": "AnswerStatus.Unsolved", "reason": "No answer", "passed": 4, ...}}
    {"101": {"query": "...", "is_solved": {"0": "AnswerStatus.Solved", "1": "AnswerStatus.Unsure", ...}}}

Only `is_solved` is success. `passed` is not: it counts giving up on a task that was found unsolvable.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.log import Folder, Head, Log
from agenther.records import Label

SOURCE = "pass-rate"
FOLDER = "pass_rate_results"
LEVELS = 4
"""How many folders up from a log the pass-rate folder is looked for: raw answers lie three levels below its parent."""

_POINTS = {"Solved": 1.0, "Unsure": 0.5, "Unsolved": 0.0}
_SAYS_NOTHING = frozenset("pass rate passrate result results eval tooleval converted label labels".split())
_LABEL_FIELDS = frozenset("is_solved task_solvable answer_steps final_step not_hallucinate passed failed".split())
_QUERY_FIELDS = frozenset({"query", "query_id", "api_list", "relevant APIs"})


class Verdict(NamedTuple):
    """The label of one run, and the evaluator's reason where it is a failure."""

    label: Label = Label()
    reason: str | None = None


def accompanies(head: Head) -> bool:
    """A pass-rate file, a query file, a list of query ids, or a preference comparison."""
    fields = head.first.keys()
    if "api_list" in fields or ("query" in fields and len(fields) > 1 and fields <= _QUERY_FIELDS):
        return True
    value = head.value
    if not isinstance(value, dict) or not value:
        return False
    if all(key.isdecimal() and type(item) is int for key, item in value.items()):
        return True  # query ids to choose from
    return any(isinstance(item, dict) and _is_verdict(item) for item in value.values())


def _is_verdict(item: dict[str, Any]) -> bool:
    return len(_LABEL_FIELDS & item.keys()) >= 2 or "is_solved" in item or "round_0" in item


def find(log: Log, *, group: str, model: str, task_id: str, goal: str) -> Verdict:
    """The verdict on one run in the pass-rate file of its group and model; an empty one where there is none.

    Group and model are known from file and folder names. A verdict on another query under the same id is none.
    """
    if not group or not model:
        return Verdict()
    verdicts = log.folder.once(f"pass-rate {group} {model}", lambda path: _load(path, group, model))
    record = verdicts.get(task_id)
    if not isinstance(record, dict):
        return Verdict()
    query = record.get("query")
    if isinstance(query, str) and query.split() != goal.split():
        return Verdict()
    label = _label(record.get("is_solved"))
    reason = record.get("reason")
    return Verdict(label, reason if label.success is False and isinstance(reason, str) else None)


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


def _load(folder: Path, group: str, model: str) -> dict[str, Any]:
    """The pass-rate records by query id; {} where no file is there for this group and model, or none can be read."""
    for path in _files(folder):
        if _is_about(path, group, model):
            try:
                document = Log(path, path.name, Folder(path.parent)).document()
            except (ReadError, OSError):
                continue
            if isinstance(document, dict):
                return document
    return {}


def _files(folder: Path) -> list[Path]:
    near = folder.absolute()
    for above in [near, *near.parents][:LEVELS]:
        results = above / FOLDER
        if results.is_dir():
            return sorted([*results.glob("*.json"), *results.glob("*/*.json")])
    return []


def _is_about(path: Path, group: str, model: str) -> bool:
    """Does the name hold the group, and the model there or in the folder's, and no other word?

    `chatgpt_cot` is another model than `chatgpt`.
    """
    name = path.stem
    if group not in name or (model not in name and path.parent.name != model):
        return False
    rest = re.findall(r"[^\W\d_]+", name.replace(group, " ", 1).replace(model, " ", 1).lower())
    return _SAYS_NOTHING.issuperset(rest)
