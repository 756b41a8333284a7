"""What the docs tell people to type is what the program takes, and what the site is made of is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import site_tables
from click.testing import CliRunner

from agenther.cli import main
from agenther.gate import Gate
from agenther.judges.grounded import RULES
from agenther.packagers.table import PACKAGERS
from agenther.readers.formats import READERS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?ms)^ *```(\w*)\n(.*?)^ *```$")
PROGRAM = re.compile(r"(?:PYTHONPATH=\S+ )?agenther (?=[a-z-])(.+)")
GATE = Gate(threshold=0.5, target=0.9, risk=0.05, rated=60, wrong=0, precision=1, low=0.95)
NOTE = re.compile(r"\s{3,}+(?!-).*")
"""What stands behind a command, apart from it."""


def blocks(text: str) -> Iterator[list[str]]:
    """Commands in blocks: to be typed as they are."""
    for language, block in BLOCK.findall(text):
        if language in {"", "sh", "bash"}:
            for line in block.replace("\\\n", " ").splitlines():
                if found := PROGRAM.fullmatch(line.strip()):
                    yield shlex.split(NOTE.sub("", found[1]), comments=True)


def spans(text: str) -> Iterator[list[str]]:
    """Commands that a sentence speaks of, which may leave out what is not the matter."""
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", BLOCK.sub("", text)):
        if found := PROGRAM.fullmatch(" ".join(span.split())):
            yield shlex.split(found[1])


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Reads a command as click does, but for whether files are there, and does nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels.csv").write_text("id,success\n1,true\n")
    (tmp_path / "map.toml").write_text('messages = "messages"\n')
    (tmp_path / "runs/latest").mkdir(parents=True)
    (tmp_path / "runs/latest/gate.json").write_text(GATE.model_dump_json())
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _param, _ctx: Path(value))
    monkeypatch.setattr(click.Command, "invoke", lambda _self, _ctx: None)
    return lambda words: main.main(words, standalone_mode=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_what_the_program_takes(page, typed):
    text = page.read_text("utf-8")
    for words in blocks(text):
        try:
            typed(words)
        except click.UsageError as error:
            pytest.fail(f"agenther {shlex.join(words)}: {error.format_message()}")
    for words in spans(text):
        try:
            typed(words)
        except (click.MissingParameter, click.exceptions.NoArgsIsHelpError):
            continue
        except click.UsageError as error:
            if not (isinstance(error, click.BadParameter) and any(map(str.isupper, words))):  # of NAME, N
                pytest.fail(f"`agenther {shlex.join(words)}`: {error.format_message()}")


@pytest.mark.parametrize("words", ["run logs/ --out a --thetta 1", "run logs/ --out a --theta 2", "package", "runn x"])
def test_what_the_program_does_not_take_is_found(words, typed):
    with pytest.raises(click.UsageError):
        typed(words.split())


def test_many_commands_are_held_against_the_program():
    found = [words for page in PAGES for words in blocks(page.read_text("utf-8"))]
    assert len(found) > 60
    assert {words[0] for words in found} >= {"run", "inspect", "package", "push", "lessons", "merge", "attribute"}


def test_options_that_sentences_speak_of_are_there():
    known = set(re.findall(r"--[a-z][a-z-]+", site_tables.commands()))
    for page in PAGES:
        named = re.findall(r"`(--[a-z][a-z-]+)(?![\w-])", BLOCK.sub("", page.read_text("utf-8")))
        assert page.name == "speed.md" or set(named) <= known, page  # which speaks of options of benchmarks


def test_files_that_sentences_speak_of_are_there():
    for page in PAGES:
        for path in re.findall(
            r"`(?:python )?((?:agenther|benchmarks|prompts|tests)/[\w./-]*)", page.read_text("utf-8")
        ):
            assert any(character.isupper() for character in path) or (ROOT / path).exists(), (page, path)


def test_targets_of_make_are_there():
    targets = set(re.findall(r"(?m)^([a-z-]+)(?=[a-z -]*:)", (ROOT / "Makefile").read_text("utf-8")))
    targets |= set(re.search(r"\.PHONY: (.+)", (ROOT / "Makefile").read_text("utf-8"))[1].split())
    for page in PAGES:
        for target in re.findall(r"(?m)(?:^|`|[A-Z]\w+=\S+ )make ([a-z-]+)", page.read_text("utf-8")):
            assert target in targets, page


def test_every_table_of_the_site_is_made_and_shown():
    shown = set(re.findall(r"<!-- table: ([\w ]+) -->", "".join(page.read_text("utf-8") for page in PAGES)))
    assert shown == set(site_tables.TABLES)
    made = {name: make() for name, make in site_tables.TABLES.items()}
    assert all(f"`{name}`" in made["log formats"] for name in READERS)
    assert all(f"## `{name}`" in made["dataset formats"] for name in PACKAGERS)
    assert all(re.search(rf"\| `{name}` \| \w+ \| \w", made["rules"]) for name in RULES)
    assert {"## agenther run", "## agenther lessons trial read"} <= set(made["commands"].splitlines())
    assert "| `theta` | `0.5` | Least confidence" in made["settings"]


def test_every_page_is_in_the_contents():
    contents = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    assert [page for page in PAGES[2:] if str(page.relative_to(ROOT / "docs")) not in contents] == []


def shown(page: Path) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Commands with what the page says that the last of them prints; … stands for more lines, or more of a line."""
    commands: list[list[str]] = []
    for language, block in BLOCK.findall(page.read_text("utf-8")):
        if language == "sh":
            commands = [*blocks(f"```sh\n{block}```\n")]
        elif language == "text" and commands:
            yield commands, [" ".join(line.split()) for line in block.splitlines()]


def test_what_commands_print_on_the_sample_logs_is_what_the_pages_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("data", "docs"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    tried = 0
    own = ("start", "guides/webarena", "guides/toolbench", "guides/judge", "guides/publish")
    for name in (*own, *(f"guides/{tool}" for tool in ("langsmith", "langfuse", "harbor", "inspect"))):
        for commands, lines in shown(ROOT / f"docs/{name}.md"):
            if any({"--model", "--raters", "--open"} & {*words} for words in commands):
                continue
            printed = [CliRunner().invoke(main, words).output for words in commands if "--gate" not in words]
            told = [" ".join(line.split()) for line in "\n".join(printed).splitlines()]
            for line in lines:
                first = line.partition("…")[0].strip()
                assert any(first in one for one in told), (name, line, told)
            tried += 1
    assert tried == 14
