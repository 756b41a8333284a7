"""read = with samples + rejected, and every file is accounted for, whatever happened to the logs."""

import asyncio
import json
import tempfile
import time
from pathlib import Path

import pytest
from builders import a_run, a_step
from crews import a_proposal
from folders import by_rules, done, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenther.jobs.settle import settle
from agenther.judges.grounded import RULES
from agenther.judges.grounded.sources import Sourced
from agenther.records import Evidence, Reason

RULED = by_rules()
DATA = Path(__file__).parents[1] / "data"
FILES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.suffix != ".md")
JSON_FILES = [path for path in FILES if path.suffix in {".json", ".jsonl"}]
NESTED = json.loads("[" * 200 + "]" * 200)
MEGABYTE = 2**20
LONG = 50_000
"""Characters; what takes time by their square takes more than `SECONDS`."""
SECONDS = 10
HOSTILE = [
    "1" + "0" * 400,
    "9" * 5000,
    "-" + "9" * 5000,
    "9" * LONG,
    "1e999",
    "-1e999",
    "1e-999",
    "NaN",
    "0." + "3" * 5000,
    "[" * 5000,
    '{"a":' * 5000,
    '"' + "x" * MEGABYTE,
    "\\" * LONG,
    "'\"" * LONG,
    "\n" * LONG,
    " " * LONG,
    "may " * LONG,
    "1,1-" * LONG,
    "\0",
    "\ufffd\u2028\u0130",
    '"\\ud800"',
    "\\\\ud83d",
    "\u017fep 5, 2024",
    "first f\u0131ve, then 1 m\u0131llion of them",
    "http://[dead",
    "https://exa\u2100mple.com/a?b=%",
    "\u0661\u0662:\u0663\u0664 pm \u00b2 \u2460",
    "99/99/0000 25:99 pm",
]
"""What broke a program before, or could: numbers, depth, length, halves of characters, letters that fold to others."""
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from([[], {}, [None], {"": None}, [[]], "\ud800", "x" * 70_000, NESTED, 10**400, -1, "null", "[1"]),
    st.sampled_from(HOSTILE),
)


@st.composite
def damaged_bytes(draw):
    """A file that was cut, overwritten, doubled, or that is not text at all."""
    path = draw(st.sampled_from(FILES))
    raw = path.read_bytes()
    at = draw(st.integers(0, len(raw)))
    how = draw(st.sampled_from(["cut", "overwritten", "inserted", "twice", "utf-16", "bom", "whole", "empty"]))
    new = draw(st.binary(max_size=12))
    made = {
        "cut": raw[:at],
        "overwritten": raw[:at] + new + raw[at + len(new) :],
        "inserted": raw[:at] + new + raw[at:],
        "twice": raw + raw,
        "utf-16": raw.decode("utf-8").encode("utf-16"),
        "bom": b"\xef\xbb\xbf" + raw,
        "whole": raw,
        "empty": b" \n",
    }
    return path, made[how]


@st.composite
def damaged_json(draw):
    """A file of good JSON in which some values are not what they should be."""
    path = draw(st.sampled_from(JSON_FILES))
    text = path.read_text("utf-8")
    records = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, len(records) - 1))
        records[number] = changed(draw, records[number])
    return path, "".join(json.dumps(record) + "\n" for record in records).encode()


def changed(draw, value):
    """The value with something odd in its place, or somewhere within it; or with a part taken away."""
    here = draw(st.integers(0, 5)) == 0
    if here or not isinstance(value, dict | list) or not value:
        return draw(ODD)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key = draw(st.sampled_from(keys))
    copy = value.copy()
    if draw(st.integers(0, 9)) == 0:
        del copy[key]
    else:
        copy[key] = changed(draw, value[key])
    return copy


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(damaged_bytes(), damaged_json()), min_size=1, max_size=3))
def test_every_log_ends_as_samples_or_as_one_rejection(damaged):
    with tempfile.TemporaryDirectory() as temporary:
        logs, out = Path(temporary) / "logs", Path(temporary) / "out"
        for number, (path, raw) in enumerate(damaged):
            target = logs / str(number) / path.relative_to(DATA)
            target.parent.mkdir(parents=True)
            target.write_bytes(raw)
        counts = done(logs, out, by_rules()).counts
        runs, rejections = rows(out / "trajectories.jsonl"), rows(out / "rejections.jsonl")
        accepted = {row["run_id"] for row in rows(out / "samples.jsonl")}
    assert "internal-error" not in counts.rejected_by_reason, rejections
    refused = [row["run_id"] for row in rejections if row["run_id"]]
    assert sorted([*accepted, *refused]) == sorted(run["id"] for run in runs), "each run once, on one side"
    unread = len(rejections) - len(refused)
    assert counts.read == len(runs) + unread == counts.with_samples + counts.rejected
    assert (counts.with_samples, counts.rejected) == (len(accepted), len(rejections))
    told = {run["source"]["path"] for run in runs} | {row["path"] for row in rejections}
    assert len(told) + counts.ignored >= len(damaged), "a file without a run is a rejection, or a side file"


OPENED = "RootWebArea 'Lamp at Dot Shop'"
SHAPES = [
    "{}",
    '{{"name": "Orbit", "rating": {}}}',
    '{{"name": "{}", "rating": 12.5}}',
    "{{'name': 'Orbit', 'rating': {}, 'stock': ",
    """{{"error": "", "response": "{{'name': 'Orbit', 'rating': {}}}"}}""",
    '["Orbit", {}]',
    '["Orbit", "{}"]',
    "RootWebArea '{0}'\n[1] columnheader 'rating'\n{0}\n[2] cell '{0}'",
]


def in_every_place(text):
    """Runs that rules find goals in, with `text` in one place."""
    good = {"arguments": {"lamp": "Orbit"}}
    for shape in SHAPES:
        yield a_run(steps=(a_step(1, "get_lamp_rating", shape.format(text), **good),))
    for value in (text, [text], {text: text}, 10**400, -(10**4200), 5e-324, NESTED[0]):
        yield a_run(steps=(a_step(1, "get_lamp_rating", '{"rating": 12.5}', arguments={"lamp": value}),))
    rating = a_step(1, "get_lamp_rating", '{"rating": 12.5}', **good)
    for change in ({"goal": text}, {"answer": text}, {"start": text}, {"system": text}, {"failure_reason": text}):
        yield a_run(**{"steps": (rating,), **change})
    for name, change in (("goto", {"arguments": {"url": text}}), ("type", {"arguments": {"text": text}, "url": text})):
        yield a_run(start="RootWebArea 'Dot Shop'", steps=(a_step(1, name, OPENED, **change),))
    yield a_run(steps=(rating.model_copy(update={"action": rating.action.model_copy(update={"name": text})}),))


def test_the_places_lead_to_goals():
    results = [asyncio.run(settle(RULED.crew, RULED.made, run)) for run in in_every_place("12.99")]
    assert sum(bool(result.samples) for result in results) > len(results) / 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_a_bug_of_the_rules(text):
    before = time.process_time()
    for run in in_every_place(text):
        result = asyncio.run(settle(RULED.crew, RULED.made, run))
        assert not result.rejection or result.rejection.reason != Reason.INTERNAL, result.rejection.raw
        for record in (*result.made, *([result.rejection] if result.rejection else [])):
            assert type(record).model_validate_json(record.model_dump_json()) == record
    assert time.process_time() - before < SECONDS


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_goal_is_a_bug_of_the_mechanical_judge(text):
    before = time.process_time()
    good = {"goal": "Get the price of the lamp Orbit.", "answer": "It is 12.5.", "quote": '"price": 12.5'}
    for change in ({"goal": f"Show me the first {text} of them."}, {"goal": text}, {"answer": text}, {"quote": text}):
        told = {**good, **change}
        claim = Evidence(text=told["goal"], step=1, quote=told.pop("quote"))
        for lamp in ("Orbit", text):
            run = a_run(
                steps=(a_step(1, "get_lamp_price", '{"price": 12.5, "currency": "EUR"}', arguments={"lamp": lamp}),)
            )
            case = Sourced(run, a_proposal(run_id=run.id, claims=(claim,), end_step=1, relevant_steps=(1,), **told))
            for rule in RULES.values():
                rule.finds(case)
    assert time.process_time() - before < SECONDS
