"""All that is known of each sample, a row of `records.parquet` each: for analysis, not for training.

Columns are flat; what is nested (steps, tools, claims, verdicts, prompts) stands in them as JSON. `split` is the side
on which the sample's rows are in every other format.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic_core import to_json

from agenther.packagers.base import LeftOut, Packager, Part, Pick, Row, files
from agenther.packagers.columns import FLAG, NUMBER, TEXT, WHOLE, Columns, Maybe, features
from agenther.packagers.selection.weights import efficiency

TEXTS = (
    "id run_id group split goal opening original_goal task_id benchmark domain template kind system start answer"
    " answer_source original_answer rationale failure_type by judges gate source_format source_path source_key"
    " source_sha256"
).split()
NUMBERS = "confidence severity severity_weight efficiency weight".split()
NESTED = "tools steps relevant_steps claims verdicts prompts".split()
FILE = "records.parquet"
COLUMNS: Columns = {
    **dict.fromkeys([*TEXTS, *NESTED], TEXT),
    **dict.fromkeys("system start opening original_answer failure_type".split(), Maybe(TEXT)),
    **dict.fromkeys(NUMBERS, NUMBER),
    "source_line": Maybe(WHOLE),
    "goal_seen": FLAG,
}


def rows(pick: Pick) -> Iterator[Row | LeftOut]:
    sample = pick.sample
    known = {
        **sample.model_dump(mode="json", exclude={"source", *NESTED}),
        "group": pick.group,
        "split": pick.split,
        "judges": ", ".join(verdict.judge for verdict in sample.verdicts),
        "severity_weight": sample.weight,
        "efficiency": efficiency(sample),
        "weight": pick.weight,
        **{f"source_{name}": value for name, value in sample.source},
        **{name: to_json(getattr(sample, name)).decode() for name in NESTED},
    }
    yield {name: known[name] for name in COLUMNS}


def problems(_row: Row) -> list[str]:
    """Nobody trains on it."""
    return []


def to_parquet(folder: Path) -> None:
    """Puts `records.parquet` in the place of the lines of both splits."""
    import polars as pl  # noqa: PLC0415 - slow to load, and no other format needs it

    paths = [*files(folder).values()]
    types = {"string": pl.String, "float64": pl.Float64, "int64": pl.Int64, "bool": pl.Boolean}
    frame = pl.scan_ndjson(paths, schema={column["name"]: types[column["dtype"]] for column in features(COLUMNS)})
    frame.sink_parquet(folder / FILE)
    for path in paths:
        path.unlink()


RECORDS = Packager(
    "every sample with all that is known of it, as parquet",
    {"": Part(problems, COLUMNS, rows=rows, weighs=True)},
    to_parquet,
)
