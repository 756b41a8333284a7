"""What a run came to, in tables: for the terminal, and for `report.md` in the run folder."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from agenther.files import writing
from agenther.packagers.base import SPLITS
from agenther.packagers.write import Written
from agenther.report import by_number, datasets, labels, reports
from agenther.store.run_folder import RunFile
from agenther.tally import ledger, panel, rounds
from agenther.tally.counts import Counts, Table
from agenther.tally.panel import Panel

REPORT = "report.md"


def tables(counts: Counts, said: Panel | None, written: Written | None) -> list[Table]:
    """All that was counted. `written` None: there are no datasets now."""
    told = [*reports(counts.groups), *(panel.tables(said) if said else ())]
    told.append(by_number("Files without a run", counts.passed_over))
    if written:
        told += [datasets(written.rows, written.left_out, SPLITS), _lengths(written), labels(written.balances)]
        told += [by_number(title, found) for title, found in written.counted.items()]
        told += [by_number(f"Left out of {name}", found) for name, found in written.left_out.items()]
    return told


def _lengths(written: Written) -> Table:
    rows = (
        (name, *(f"{number:,}" for number in (one.rows, one.median, one.longest)), _over(one.over))
        for name, one in written.lengths.items()
    )
    columns = ("format", "rows", "median", "longest", "rows over what trainers allow")
    return Table("Tokens of the rows in train, estimated", columns, tuple(rows))


def _over(found: dict[int, int]) -> str:
    return ", ".join(f"{rows} over {limit:,}" for limit, rows in found.items() if rows)


def report(folder: Path, run: RunFile, written: Written | None, earlier: Sequence[Counts] = ()) -> None:
    """Writes `report.md`: the same tables, what models cost, and what each round added to `earlier` ones."""
    told = [*tables(run.counts, run.panel, written), *rounds.tables([*earlier, run.counts])]
    with writing(folder / REPORT) as (file,):
        file.writelines(f"{line}\n".encode() for line in _markdown([*told, *_costs(run)]))


def _costs(run: RunFile) -> Iterator[Table]:
    if run.ledger:
        yield ledger.table(run.ledger)


def _markdown(told: Iterable[Table]) -> Iterator[str]:
    yield "# What the run came to"
    for table in told:
        if table.rows:
            yield f"\n## {table.title}\n"
            for row in (table.columns, ("---",) * len(table.columns), *table.rows):
                yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    """Names come from logs: they stay within their cell."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
