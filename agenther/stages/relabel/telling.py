"""What was found, told: in a sentence or, where it is much, line by line."""

import re
from collections.abc import Sequence

from agenther.stages.findings import Fact, is_entry
from agenther.stages.relabel.demands import Met
from agenther.stages.relabel.english import is_plural, joined, plain, sentence, singular, spelt, telling, told

LONGEST_ANSWER = 2_000
MOST_IN_LINE = 8
"""Names that are told in one sentence."""
FEW_FACTS = 4
LONG = 200
"""Up to so many facts, of up to so many characters, are told in one sentence."""


def answer_of(its: Met, asked: str, *, is_whole: bool = True) -> str:
    """What was found, in a sentence or, where it is much, line by line."""
    values = [fact.value for _, fact in its.single]
    said = []
    if len(values) == 1 and not its.entries and (values[0].endswith(".") or len(values[0]) > LONG):
        said.append(values[0])
    elif len(values) == 1 and not its.entries and re.search(rf"\ban? {re.escape(its.single[0][0])}", asked):
        said.append(f"Here is one: {values[0]}")
    elif values and not its.nested and len(values) <= FEW_FACTS and all(len(value) < LONG for value in values):
        said.append(telling([(name, fact.value) for name, fact in its.single]))
    else:
        said += [*(f"- {name}: {plain(fact.value)}" for name, fact in its.single), *_nested(its.nested)]
    return "\n".join([*said, *(_listing(its, is_whole=is_whole) if its.entries else [])])


def _listing(its: Met, *, is_whole: bool) -> list[str]:
    entries = list(its.entries.values())
    names = [told(entry[0][1].value) for entry in entries]
    if all(len(entry) == 1 for entry in entries):
        if len(names) == 1:
            return [sentence(f"There is only one: {names[0]}")]
        if not any('"' in name for name in names) and len(names) <= MOST_IN_LINE and is_plural(its.listed):
            return [f"{'The' if is_whole else 'Some of the'} {its.listed} are {joined(names)}."]
    told_of = [", ".join(f"{singular(name)} {fact.value}".strip() for name, fact in entry[1:]) for entry in entries]
    lines = [f"- {entry[0][1].value}{': ' * bool(more)}{more}" for entry, more in zip(entries, told_of, strict=True)]
    return [f"Here are {'the' if is_whole else 'some of the'} {its.listed}:", *lines]


def _nested(facts: Sequence[Fact]) -> list[str]:
    """A line for each list, entry by entry."""
    lists: dict[str, dict[str, list[str]]] = {}
    for fact in facts:
        at = next(n for n, part in enumerate(fact.path) if is_entry(part))
        text = f"{' '.join(spelt(fact.key))} {plain(fact.value)}" if fact.path[at + 1 :] else plain(fact.value)
        lists.setdefault(" ".join(spelt(fact.path[at - 1])), {}).setdefault(fact.path[at], []).append(text)
    return [f"- {name}: {'; '.join(', '.join(its) for its in entries.values())}" for name, entries in lists.items()]
