"""What stands on the site of the code itself, and is made when the site is built, so that none of it is copied by hand.

A page says `<!-- table: NAME -->` where the table of that name in `TABLES` is to stand.
"""

import ast
import html
import inspect
import itertools
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from agenther import library
from agenther.cli import main
from agenther.judges.grounded import RULES
from agenther.ladder import METHODS, STAGES
from agenther.packagers.base import PROVENANCE
from agenther.packagers.columns import Columns, Each, Leaf, Maybe, Type
from agenther.packagers.table import KEPT_GOALS, PACKAGERS
from agenther.packagers.trainers import Trainer
from agenther.readers.formats import READERS
from agenther.records import Record
from agenther.settings import How, Means, Settings
from agenther.tally.reasons import WHY

Row = tuple[str, ...]
NOTEBOOK = Path(__file__).parents[1] / "examples/logs_to_adapter.ipynb"


def table(head: Row, rows: Iterable[Row]) -> str:
    """In Markdown. A bar within a cell would begin the next one."""
    lines = [[" ".join(cell.replace("|", "&#124;").split()) for cell in line] for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def commands() -> str:
    """A heading for each command, with its help and its options."""
    return "\n\n".join(_commands(main, click.Context(main, info_name="agenther")))


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    names = command.list_commands(context) if isinstance(command, click.Group) else []
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n\n{_help(command)}\n\n```text\n{context.command_path} {usage}\n```"
    options = [one.get_help_record(context) for one in command.get_params(context) if isinstance(one, click.Option)]
    told = [(f"<code>{html.escape(names)}</code>", _plain(words)) for names, words in filter(None, options)]
    if found := [row for row in told if "--help" not in row[0]]:
        yield table(("option", ""), found)
    for name in names:
        if isinstance(command, click.Group) and (one := command.get_command(context, name)):
            yield from _commands(one, click.Context(one, context, name))


def _help(command: click.Command) -> str:
    """In Markdown. Paragraphs that click is told not to fill stay lines of their own."""
    parts = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(f"```text\n{_lines(part)}\n```" if part.startswith("\b") else _plain(part) for part in parts)


def _lines(part: str) -> str:
    return textwrap.dedent(part.removeprefix("\b").strip("\n"))


def _plain(words: str) -> str:
    """Markdown that shows these words; what stands between backticks is code."""
    spans = words.split("`")
    return "`".join(span if n % 2 else re.sub(r"([*_<\[])", r"\\\1", span) for n, span in enumerate(spans))


def log_formats() -> str:
    rows = ((f"`{name}`", one.about, code(one.side_files)) for name, one in READERS.items())
    return table(("`--log-format`", "reads", "files beside the logs"), rows)


def dataset_formats() -> str:
    """A heading for each format, and below it each of its parts with columns and trainers."""
    return "\n\n".join(_dataset_formats())


def _dataset_formats() -> Iterator[str]:
    for name, packager in PACKAGERS.items():
        yield f"## `{name}`\n\n{packager.about[0].upper()}{packager.about[1:]}."
        for part, one in packager.parts.items():
            if part:
                yield f"### `{name}/{part}`"
            if one.trainers:
                rows = ((of.name, of.option and f"`{of.option}`", _allows(of), of.longer) for of in one.trainers)
                yield table(("trainer", "option for the length", "tokens, unless told", "a longer row is"), rows)
            is_of_sample = PROVENANCE.keys() <= one.columns.keys()
            own = {column: of for column, of in one.columns.items() if not (is_of_sample and column in PROVENANCE)}
            yield columns(own)
            if is_of_sample:
                yield "And the [columns of a sample](#columns-of-a-sample)."


def _allows(trainer: Trainer) -> str:
    return f"{trainer.default:,}" if trainer.default else "what the model takes"


def columns(them: Columns) -> str:
    return table(("column", "type"), ((f"`{name}`", type_name(of)) for name, of in them.items()))


def type_name(of: Type) -> str:
    """Of a column, as people would say it."""
    match of:
        case Each(inner):
            return f"list of {type_name(inner)}"
        case Maybe(inner):
            return f"{type_name(inner)}, or nothing"
        case Leaf():
            return of.dtype
        case _:
            return f"object of {code(of)}"


def settings(of: type[Record]) -> str:
    """Fields of a record with what stands below each in the code."""
    body = ast.parse(textwrap.dedent(inspect.getsource(of))).body[0]
    below = list(itertools.pairwise(body.body)) if isinstance(body, ast.ClassDef) else []
    words = {
        one.target.id: str(next_.value.value)
        for one, next_ in below
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        if isinstance(next_, ast.Expr) and isinstance(next_.value, ast.Constant)
    }
    own = {name: field for name, field in of.model_fields.items() if name in inspect.get_annotations(of)}
    rows = ((f"`{name}`", f"`{field.default!r}`", _plain(words.get(name, ""))) for name, field in own.items())
    return table(("setting", "default", ""), rows)


def rules() -> str:
    rows = ((f"`{name}`", "proof" if one.is_proof else "doubt", _first(one.finds)) for name, one in RULES.items())
    return table(("rule", "is", "what has to hold"), rows)


def _first(of: Callable[..., Any]) -> str:
    """The first sentence of its docstring."""
    return re.split(r"(?<=[.?])\s", " ".join((of.__doc__ or "").split()), maxsplit=1)[0]


def reasons() -> str:
    return table(("reason", "means"), ((f"`{reason}`", words) for reason, words in WHY.items()))


def stages() -> str:
    rows = (
        (
            f"`{one.name}`{' (optional)' if one.is_optional else ''}",
            one.about,
            code(f"{file}.jsonl" for file in one.makes),
            code(dict.fromkeys(ask.question for ask in one.asks)),
        )
        for one in STAGES.values()
    )
    return table(("stage", "what it says", "files", "prompts"), rows)


def methods() -> str:
    rows = ((f"`{name}`", code(ask.question for ask in asks) or "none") for name, asks in METHODS.items())
    return table(("`--attribute`", "prompts"), rows)


def calls() -> str:
    """A heading for each function of the library, with how it is called and what it says of itself."""
    body = ast.parse(inspect.getsource(library)).body
    return "\n\n".join(_calls({one.name: one for one in body if isinstance(one, ast.FunctionDef)}, body))


def _calls(functions: dict[str, ast.FunctionDef], body: list[ast.stmt]) -> Iterator[str]:
    for one, below in itertools.pairwise(body):
        match one, below:
            case ast.FunctionDef(name), _ if name in library.__all__:
                yield _call(one, name, ast.get_docstring(one) or "")
            case (
                ast.Assign([ast.Name(name)], ast.Call(ast.Name("awaited"), [ast.Name(of)])),
                ast.Expr(ast.Constant(str(words))),
            ):
                yield _call(functions[of], name, inspect.cleandoc(words), "async ")


def _call(of: ast.FunctionDef, name: str, words: str, begin: str = "") -> str:
    arguments = "".join(f"    {one},\n" for one in ast.unparse(of.args).split(", "))
    shown = f"{begin}def {name}(\n{arguments}) -> {ast.unparse(of.returns) if of.returns else None}"
    return f"### `{name}`\n\n```python\n{shown}\n```\n\n{_plain(words)}"


def notebook() -> str:
    """The cells of the example, each with what is committed of its output."""
    return "\n\n".join(_cells(json.loads(NOTEBOOK.read_text("utf-8"))["cells"]))


def _cells(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        source = "".join(cell["source"])
        yield f"```python\n{source}\n```" if cell["cell_type"] == "code" else source
        for output in cell.get("outputs", ()):
            yield f"```text\n{''.join(output['text']).rstrip()}\n```"


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "log formats": log_formats,
    "dataset formats": dataset_formats,
    "columns of a sample": lambda: columns(PROVENANCE),
    "kept goals": lambda: code(KEPT_GOALS),
    "settings": lambda: settings(Settings),
    "how": lambda: settings(How),
    "means": lambda: settings(Means),
    "start": lambda: settings(library.Start),
    "calls": calls,
    "stages": stages,
    "methods": methods,
    "reasons": reasons,
    "rules": rules,
    "notebook": notebook,
}
_MARK = re.compile(r"<!-- table: ([\w ]+) -->")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs with each page. Raises KeyError for a table that there is not."""
    return _MARK.sub(lambda mark: TABLES[mark[1]](), markdown)
