"""What a record itself shows to be wrong with it, offline: quotes, steps and labels that do not hold."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pydantic_core import from_json

from agenther.evidence.place import quoted
from agenther.exchange.records import Failed
from agenther.lessons.records import Cited, Lesson, named
from agenther.lessons.safe import fault
from agenther.readers.labels.told import label
from agenther.records import RULES, Evidence
from agenther.text.lexicon import table

_WORD = re.compile(r"[^\W\d_]{4,}")
LABEL = "its own label says that it met its goal"
REWARD = "its reward is the most that there is"
LAST_WORD = "the last thing that came back says that it succeeded"
NOT_OURS = "a lesson says what neither our sentences nor its evidence say"
NAMELESS = "a lesson's id is not that of what it says"
NOT_TO_BE_SEEN = "none of the runs that a lesson cites is there"


class Fault(NamedTuple):
    """What speaks against a record."""

    why: str
    is_proved: bool = True
    """Is it enough to set that record aside? Otherwise it only counts against its source."""


def of_failure(one: Failed) -> Iterator[Fault]:
    """Of a run that is said to have failed."""
    run = one.run()
    if one.outcome == "succeeded":
        yield Fault(LABEL)
    if one.reward == 1:
        yield Fault(REWARD)
    if _ends_well(one):
        yield Fault(LAST_WORD, is_proved=False)
    if one.tags and len(one.tags) != len(one.steps):
        yield Fault(f"{len(one.tags)} tags for {len(one.steps)} steps")
    for suspect in one.suspects:
        if suspect.step > len(one.steps):
            yield Fault(f"step {suspect.step} is named of a run that has {len(one.steps)}")
        elif suspect.quote and not quoted(run, Evidence(text="", step=suspect.step, quote=suspect.quote)):
            yield Fault(f"a quote does not stand in step {suspect.step}")


def _ends_well(one: Failed) -> bool:
    """Does only the last result that came back tell of success? Where earlier ones do, it is about calls."""
    said = [label(found).success for act in one.steps if (found := _object(act.observation)) and not act.by_user]
    return bool(said) and said[-1] is True and True not in said[:-1]


def _object(text: str) -> dict[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = from_json(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def of_lesson(one: Lesson, run: Callable[[str], Failed | None]) -> Iterator[Fault]:
    """Of a lesson; `run` gives the runs of the merged set."""
    if one.id != named(one.when.signature, one.wrong, one.instead):
        yield Fault(NAMELESS)
    if one.by == RULES and (why := fault(one)):
        yield Fault(f"a lesson by rules {why}")
    cited = (*one.failures, *one.successes)
    runs = {name: found for name in {each.run_id for each in cited} if (found := run(name))}
    there = [(each, runs[each.run_id]) for each in cited if each.run_id in runs]
    if not there:
        yield Fault(NOT_TO_BE_SEEN, is_proved=False)
    yield from (Fault(said) for each, found in there if (said := _of_quote(each, found)))
    if one.by != RULES and there and _is_alien(one, [*runs.values()]):
        yield Fault(NOT_OURS)


def _of_quote(cited: Cited, run: Failed) -> str:
    if cited.step > len(run.steps):
        return f"step {cited.step} is cited of a run that has {len(run.steps)}"
    return "" if quoted(run.run(), cited) else f"a quote does not stand in step {cited.step}"


def _is_alien(lesson: Lesson, runs: list[Failed]) -> bool:
    """Does more than half of its words, but for those of our sentences, stand in none of the runs that it cites?"""
    ours = set(table("agenther.lessons.lexicon", "templates")["sentences"].split())
    said = set(_WORD.findall(f"{lesson.wrong} {lesson.instead}".casefold())) - ours
    seen = {word for run in runs for word in _WORD.findall(run.model_dump_json().casefold())}
    return 2 * len(said - seen) > len(said)
