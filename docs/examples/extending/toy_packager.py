"""A dataset format: `--format toy-pairs`. One row: {"goal": "Open the tin.", "answer": "The tin is open."}"""

from collections.abc import Iterator

from agenther.packagers.base import Packager, Part, Pick, Row
from agenther.packagers.columns import TEXT


def rows(pick: Pick) -> Iterator[Row]:
    yield {"goal": pick.sample.goal, "answer": pick.sample.answer}


def problems(row: Row) -> list[str]:
    return [] if row["answer"] else ["no-answer"]


PACKAGER = Packager("goals with their answers", {"": Part(problems, {"goal": TEXT, "answer": TEXT}, rows=rows)})
