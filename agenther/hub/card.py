"""The dataset card: README.md, with the front matter that `load_dataset(repo, "sft")` understands.

What is ours stands between two HTML comments and is written anew each time; everything that a person wrote above
or below stays. In the front matter, ours are the size, the tags that we add and the configs that our files make up;
the licence and every other key stay as they are found.
"""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from agenther.errors import HubError
from agenther.hub.card_text import sections
from agenther.hub.facts import FIGURES, DataFile, Facts
from agenther.packagers.index import configs, infos
from agenther.packagers.table import COLUMNS

INDEX = "dataset_info.json"
"""Of LLaMA-Factory, which looks for it beside the card."""
BEGIN, END = "<!-- agenther: begin", "<!-- agenther: end -->"
NOTE = f"{BEGIN}. Written anew with each push, up to the end mark; your own text stands above or below. -->"
INDEX_OF = "llamafactory_"
TAGS = ("synthetic", "agent", "tool-use", "hindsight-relabeling", "agenther")
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
FRONT = re.compile(r"\s*^---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(rf"^!\[[^\r\n]*\]\(({FIGURES}[\w-]+\.svg)\)", re.MULTILINE)
LINKED = re.compile(r"^- \[`([\w.]+)`\]\(\1\):", re.MULTILINE)
LISTED = re.compile(r"^\| `([^`\r\n]+)` \| ([^|\r\n]+) \|", re.MULTILINE)


def card(repo: str, files: Sequence[DataFile], facts: Facts, before: str = "") -> str:
    """The text of README.md; `before` is the one that it replaces.

    Raises HubError when the front matter of `before` is not YAML: nobody's words are thrown away.
    """
    front, text = _split(repo, before)
    part = f"{NOTE}\n\n{sections(repo, files, facts)}\n{END}"
    begin, end = _part(text)
    text = text[:begin] + part + text[end:] if end else f"{text.rstrip()}\n\n{part}\n".lstrip()
    gap = "" if text.startswith(("\n", "\r")) else "\n"
    # PyYAML comes without types
    yaml = import_module("yaml").safe_dump(_front(front, files, before), sort_keys=False, allow_unicode=True)
    return f"---\n{yaml}---\n{gap}{text}"


def stale(before: str, files: Sequence[DataFile], existing: set[str], new: set[str]) -> list[str]:
    """Which of the `existing` files the tree of `new` paths does without, `before` being the card that goes with them.

    Those that the card lists or shows as ours, and those that a config of the new tree would load along.
    """
    loaded = tuple({file.prefix for file in files})
    ours = listed(before)
    index = {INDEX} if any(INDEX_OF in config for config in ours.values()) else set()
    beside = index | shown(before) | linked(before)
    gone = {path for path in existing if path in ours or path.startswith(loaded)} | (existing & beside)
    return sorted(gone - new)


def listed(text: str) -> dict[str, str]:
    """The data files that a card names as ours, each with its config."""
    begin, end = _part(text)
    return dict(LISTED.findall(text[begin:end]))


def linked(text: str) -> set[str]:
    """The files beside the rows to which our part leads."""
    begin, end = _part(text)
    return set(LINKED.findall(text[begin:end]))


def shown(text: str) -> set[str]:
    """The figures that a card shows in our part."""
    begin, end = _part(text)
    return set(SHOWN.findall(text[begin:end]))


def _part(text: str) -> tuple[int, int]:
    """Where our part begins and ends; (0, 0) when there is none, or only one of its marks."""
    begin = text.rfind(BEGIN)
    end = text.find(END, begin) if begin >= 0 else -1
    return (begin, end + len(END)) if end >= 0 else (0, 0)


def _split(repo: str, text: str) -> tuple[dict[str, Any], str]:
    match = FRONT.match(text)
    if not match:
        return {}, text
    yaml = import_module("yaml")
    try:
        front = yaml.safe_load(match[1]) or {}
        yaml.safe_dump(front)  # what was too deep to be written again could not be kept
    # for values that are not what their tag or shape says, PyYAML raises what Python does
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError):
        front = None
    if not isinstance(front, dict):
        raise HubError(repo, "the front matter of its README.md is no YAML mapping; mend it there, or delete the file")
    return front, text[match.end() :]


def _front(theirs: dict[str, Any], files: Sequence[DataFile], before: str) -> dict[str, Any]:
    ours = [*(file.config for file in files), *listed(before).values()]  # a name of theirs may be of any type
    kept = [config for config in _mappings(theirs.get("configs")) if config.get("config_name") not in ours]
    tags = [tag for tag in _list(theirs.get("tags")) if tag not in TAGS]
    patterns = _patterns(files)
    merged = {
        "license": "other",
        **theirs,
        "tags": [*tags, *TAGS],
        "size_categories": [_size(sum(file.rows for file in files))],
        "configs": [*configs(patterns, free=not any(config.get("default") for config in kept)), *kept],
    }
    # sizes and types of files that are no longer there: `load_dataset` would refuse the new ones
    others = [info for info in _mappings(theirs.get("dataset_info")) if info.get("config_name") not in [*ours, None]]
    typed = [name for name in patterns if all(file.typed for file in files if file.config == name)]
    known = [*infos(typed, COLUMNS | {file.config: file.columns for file in files if file.columns}), *others]
    merged.pop("dataset_info", None)
    return {**merged, **({"dataset_info": known} if known else {})}


def _patterns(files: Sequence[DataFile]) -> dict[str, dict[str, str]]:
    """Where the rows of each format in JSON lines are, by config and split.

    Files of tables get no config: `datasets` reads all of a repository with the same builder.
    """
    patterns: dict[str, dict[str, str]] = {}
    for file in files:
        if file.path.endswith(".jsonl"):
            patterns.setdefault(file.config, {})[file.split] = f"{file.prefix}*.jsonl"
    return patterns


def _size(rows: int) -> str:
    return next((name for limit, name in SIZES if rows < limit), "n>1M")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]
