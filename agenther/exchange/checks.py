"""What a record itself shows to be wrong with it, offline: quotes, steps and labels that do not hold."""

from collections.abc import Callable, Iterator, Sequence

from agenther.evidence.place import quoted
from agenther.exchange.records import Failed
from agenther.lessons.records import Cited, Lesson, named
from agenther.lessons.safe import fault, is_quote
from agenther.lessons.shapes import leaves
from agenther.records import Evidence
from agenther.text.names import spelt

LABEL = "its own label says that it met its goal"
REWARD = "its reward is the most that there is"
NAMELESS = "a lesson's id is not that of what it says"


def of_failure(one: Failed) -> Iterator[str]:
    """Of a run that is said to have failed."""
    run = one.run()
    if one.outcome == "succeeded":
        yield LABEL
    if one.reward == 1:
        yield REWARD
    if one.tags and len(one.tags) != len(one.steps):
        yield f"{len(one.tags)} tags for {len(one.steps)} steps"
    for suspect in one.suspects:
        if suspect.step > len(one.steps):
            yield f"step {suspect.step} is named of a run that has {len(one.steps)}"
        elif suspect.quote and not quoted(run, Evidence(text="", step=suspect.step, quote=suspect.quote)):
            yield f"a quote does not stand in step {suspect.step}"


def of_lesson(one: Lesson, runs: Callable[[str], Sequence[Failed]]) -> Iterator[str]:
    """Of a lesson, whoever it says wrote it. `runs` gives what is called by an id: of several, one has to show a quote.

    What cites runs that are not there cannot be held against them.
    """
    if one.id != named(one.when.signature, one.wrong, one.instead):
        yield NAMELESS
    if why := fault(one):
        yield f"a lesson {why}"
    cited = (*one.failures, *one.successes)
    there = {name: runs(name) for name in {each.run_id for each in cited}}
    for each in cited:
        wrong = [_of_quote(each, run) for run in there[each.run_id]]
        if wrong and all(wrong):
            yield wrong[0]


def _of_quote(cited: Cited, run: Failed) -> str:
    if cited.step > len(run.steps):
        return f"step {cited.step} is cited of a run that has {len(run.steps)}"
    seen = run.run()
    if not quoted(seen, cited):
        return f"a quote does not stand in step {cited.step}"
    step = seen.steps[cited.step - 1]
    own = {word for path in leaves(step.action.arguments) for word in spelt(path)}
    return "" if is_quote(cited.quote, own) else f"a quote holds more of step {cited.step} than lessons do"
