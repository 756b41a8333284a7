"""What a README.md tells `datasets` of the files beside it: their names, and the types of their columns.

`load_dataset("RUN/dataset", "sft")` has nothing to infer then.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from agenther.packagers.base import files
from agenther.packagers.columns import Columns, features

README = "README.md"
DEFAULT = "sft"


def configs(paths: Mapping[str, Mapping[str, str]], *, free: bool = True) -> list[dict[str, Any]]:
    """A config for each name in `paths`, with a pattern for each split; one is the default, if that place is `free`."""
    default = (DEFAULT if DEFAULT in paths else next(iter(paths), None)) if free else None
    return [
        {
            "config_name": name,
            **({"default": True} if name == default else {}),
            "data_files": [{"split": split, "path": path} for split, path in splits.items()],
        }
        for name, splits in paths.items()
    ]


def infos(names: Iterable[str], columns: Mapping[str, Columns]) -> list[dict[str, Any]]:
    """The types of the columns of each config whose columns are known."""
    return [{"config_name": name, "features": features(columns[name])} for name in names if name in columns]


def config(folder: str) -> str:
    """The name under which the files of a folder are loaded."""
    return folder.replace("/", "_")


def write_index(folder: Path, columns: Mapping[str, Columns], text: str = "") -> None:
    """Writes README.md for what there is in JSON lines below the folders that `columns` names, with `text` below."""
    paths = {
        config(name): {split: f"{name}/{path.name}" for split, path in there.items()}
        for name in columns
        if (there := files(folder / name))
    }
    if paths:
        known = {config(name): of_part for name, of_part in columns.items()}
        front = to_json({"configs": configs(paths), "dataset_info": infos(paths, known)}, indent=2)  # JSON is YAML
        (folder / README).write_bytes(b"---\n" + front + b"\n---\n\n" + text.encode())
