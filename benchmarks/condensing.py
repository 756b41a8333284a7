"""How much of what can be quoted survives the condensing of runs, and how much shorter they get.

    python benchmarks/condensing.py [LOGS …]

A fact is a number, an id, a quoted string, a name or a key with its value; what only lays out a page (classes,
styles, element numbers) and encoded data are none. The last column counts those too, so that nobody has to share
that view. Each counts once a run, at the step that
shows it first, and survives if it stands verbatim in what a prompt shows of that step. Beside it the same for a
plain cut of every text to the same room.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agenther.readers.reading import read
from agenther.records import Trajectory
from agenther.rendering.repeats import cut
from agenther.rendering.runs import RUN_ROOM, render_run, room_left
from agenther.rendering.tags import plain

ROOT = Path(__file__).resolve().parents[1]
TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|\b(?=[A-Za-z_-]*\d)[\w-]{3,40}\b")
WORDS = re.compile(
    r"\"[\w -]{1,40}\": ?(?:\"[^\"\n]{1,80}\"|[\d.]+|true|false)"
    r"|'[^'\n]{2,80}'|\"[^\"\n]{2,80}\"|(?:[A-Z][a-z]+ ){1,4}[A-Z][a-z]+"
)
OBSERVATION = re.compile(r"<observation[^>]*>(.*)</observation>", re.DOTALL)
NO_FACT = re.compile(
    r"^\s*\[\w{1,10}\](?= )"
    r"|\s(?:class|id|style|role|for|rel|target|type|tabindex|data-[\w-]+|on[a-z]+|aria-(?!label=)[a-z]+)"
    r"=(?:\"[^\"<>]*\"|'[^'<>]*')"
    r"|[A-Za-z0-9+/_-]{160,}",
    re.MULTILINE,
)

NOTHING = re.compile(r"(?!)")


@dataclass
class Row:
    runs: int = 0
    fit: int = 0
    seen: int = 0
    shown: int = 0
    by_cutting: int = 0
    facts: int = 0
    facts_fit: int = 0
    kept: int = 0
    kept_fit: int = 0
    kept_by_cutting: int = 0
    tokens: int = 0
    tokens_kept: int = 0

    def add(self, run: Trajectory) -> None:
        seen = dict(run.observations())
        condensed, plainly = steps_of(render_run(run)), cut_only(seen)
        size = sum(map(len, seen.values()))
        fits = size <= RUN_ROOM
        facts, tokens = first_facts(seen), first_facts(seen, NOTHING)
        kept, kept_by_cutting = surviving(facts, condensed), surviving(facts, plainly)
        self.runs += 1
        self.fit += fits
        self.seen += size
        self.shown += sum(map(len, condensed.values()))
        self.by_cutting += sum(map(len, plainly.values()))
        self.facts += len(facts)
        self.kept += kept
        self.kept_by_cutting += kept_by_cutting
        self.tokens += len(tokens)
        self.tokens_kept += surviving(tokens, condensed, NOTHING)
        if fits:
            self.facts_fit += len(facts)
            self.kept_fit += kept


def steps_of(rendered: str) -> dict[int, str]:
    """The observation of each step as shown; log text holds no tag of ours."""
    parts = re.split(r'<step n="(\d+)">', rendered)[1:]
    seen = {int(n): OBSERVATION.search(text) for n, text in zip(parts[::2], parts[1::2], strict=True)}
    return {n: plain(found[1]) for n, found in seen.items() if found}


def cut_only(seen: dict[int, str]) -> dict[int, str]:
    used, parts = 0, {}
    for step, text in seen.items():
        parts[step] = cut(text, room_left(used))
        used += len(parts[step])
    return parts


def first_facts(seen: dict[int, str], no_fact: re.Pattern[str] = NO_FACT) -> dict[str, int]:
    """Step by fact."""
    found: dict[str, int] = {}
    for step, text in seen.items():
        for fact in facts_in(text, no_fact):
            found.setdefault(fact, step)
    return found


def facts_in(text: str, no_fact: re.Pattern[str]) -> Iterator[str]:
    text = no_fact.sub("", text)
    for pattern in (TOKEN, WORDS):
        yield from (found[0] for found in pattern.finditer(text))


def surviving(facts: dict[str, int], shown: dict[int, str], no_fact: re.Pattern[str] = NO_FACT) -> int:
    """How many facts stand in what is shown of the step that they are from."""
    tokens = {step: set(facts_in(text, no_fact)) for step, text in shown.items()}

    def is_kept(fact: str, step: int) -> bool:
        return fact in tokens.get(step, ()) or (is_words(fact) and fact in shown.get(step, ""))

    return sum(is_kept(fact, step) for fact, step in facts.items())


def is_words(fact: str) -> bool:
    """Long enough not to stand in another fact by chance."""
    return len(fact) >= 8 and not fact[0].isdigit()


def share(part: int, whole: int) -> str:
    return f"{part / whole:7.1%}" if whole else "      –"


def main(logs: list[Path]) -> None:
    rows: dict[str, Row] = defaultdict(Row)
    for run in read(logs):
        if isinstance(run, Trajectory):
            for name in (run.source.format, "all"):
                rows[name].add(run)
    print(
        "format                 runs   fit  seen chars   shown  if cut |     facts  fitting     all  if cut |  layout"
    )
    for name, row in sorted(rows.items(), key=lambda pair: (pair[0] == "all", pair[0])):
        print(
            f"{name:20} {row.runs:6} {row.fit:5} {row.seen:11,} {share(row.shown, row.seen)} "
            f"{share(row.by_cutting, row.seen)} | {row.facts:9} {share(row.kept_fit, row.facts_fit)} "
            f"{share(row.kept, row.facts)} {share(row.kept_by_cutting, row.facts)} | "
            f"{share(row.tokens_kept, row.tokens)}"
        )


if __name__ == "__main__":
    given = [Path(name) for name in sys.argv[1:]]
    usual = [ROOT / "data", ROOT / "../shared/corpora"]
    main(given or [folder for folder in usual if folder.exists()])
