"""The page of one run, and the same for a terminal."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from agenther.files import usable, writing
from agenther.pages.html import page
from agenther.pages.told import Pair, Told
from agenther.records import Attribution, Rejection, Result, Tag, Trajectory, Verdict
from agenther.store.run_folder import stored
from agenther.store.views import RUNS


def write(folder: Path, trajectory: Trajectory, result: Result) -> Path:
    """Writes the page of the run; where it is."""
    path = folder / RUNS / file_name(trajectory.id)
    shown = page("run.html", told=Told(trajectory, result))
    with usable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path) as (file,):
            file.write(shown.encode("utf-8", "replace"))
    return path


def write_all(folder: Path) -> int:
    """Writes the pages of all runs; how many there are."""
    runs = (item for item in stored(folder) if not isinstance(item, Rejection))
    return sum(write(folder, trajectory, result).exists() for trajectory, result in runs)


def file_name(run_id: str) -> str:
    return f"{quote(run_id, safe='')}.html"


def lines(told: Told) -> Iterator[str]:
    """What `agenther explain` prints."""
    run, result = told.run, told.result
    yield f"run {run.id} ({run.source.format}, {run.source.path})"
    yield f"failed goal: {run.goal}"
    yield f"label: {_label(told)}"
    if found := result.diagnosis:
        what = found.failure_type or ("no failure" if found.is_failure is False else "nothing tells whether it failed")
        yield f"classify, by {found.by}: {what}; {found.explanation}".rstrip("; ")
    if made := result.outcome:
        yield f"extract, by {made.by}: {len(made.achievements)} achievements, {len(made.key_observations)} observations"
    if blamed := result.attribution:
        yield from _attribution(blamed)
    for pair in told.pairs:
        yield ""
        yield from _pair(pair)
    if result.rejection:
        yield ""
        yield f"rejected at {result.rejection.stage}: {result.rejection.reason}: {result.rejection.detail}"
        if result.rejection.raw:
            yield f"  raw answer: {result.rejection.raw}"


def _label(told: Told) -> str:
    label = told.run.label
    said = {True: "success", False: "failed", None: "unknown"}[label.success]
    return f"{said} ({label.source})"


def _attribution(made: Attribution) -> Iterator[str]:
    told = f", {made.unshown} steps not shown" if made.unshown else ""
    answer = ", shown the right answer" if made.with_answer else ""
    by = made.by if made.by == made.method else f"{made.by}, {made.method}"
    yield f"attribute, by {by}{answer}{told}: {made.party if made.suspects else 'nothing tells'}"
    for number, one in enumerate(made.suspects, 1):
        who = f" by {one.agent}" if one.agent else ""
        yield f"  {number}. step {one.step}{who}, {one.weight:.0%}: {one.reason}".removesuffix(": ")
        if one.quote:
            yield f'     "{one.quote}"'
    for tag in Tag:
        if steps := [str(n) for n, given in enumerate(made.tags, 1) if given == tag]:
            yield f"  {tag}: step{'' if len(steps) == 1 else 's'} {', '.join(steps)}"


def _pair(pair: Pair) -> Iterator[str]:
    one = pair.judged.proposal
    yield f"{pair.number}. {'accepted' if pair.judged.accepted else 'refused'}: {one.goal}"
    yield f"   answer: {one.answer}"
    steps = ", ".join(map(str, one.relevant_steps))
    yield f"   by {one.by}, confidence {one.confidence:g}, up to step {one.end_step}; steps that serve it: {steps}"
    for claim in pair.claims:
        mark = f'step {claim.step}: "{claim.quote}"' if claim.anchor else f'its words stand nowhere: "{claim.quote}"'
        yield f"   claim: {claim.text}"
        yield f"     {mark}"
    if pair.judged.why:
        yield f"   refused before any judge: {pair.judged.why}"
    for verdict in pair.judged.verdicts:
        yield from _verdict(verdict)
    if pair.left_out:
        yield f"   no row: {pair.left_out}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    rule = f" by rule {verdict.rule}" if verdict.rule else ""
    said = "consents" if verdict.valid else f"refuses{rule}"
    yield f"   {verdict.judge} {said}, confidence {verdict.confidence:g}: {verdict.reason}".removesuffix(": ")
    for point in verdict.points:
        settled = {True: "settled", False: "decided against", None: "undecided"}[point.settled]
        yield f"     doubt {point.rule}, {settled}: {point.question} {point.reason}".rstrip()
    for text, supported, step in verdict.claims:
        yield f"     {'shown' if supported else 'not shown'}{f' by step {step}' if step is not None else ''}: {text}"
    if verdict.raw:
        yield f"     raw answer: {verdict.raw}"
