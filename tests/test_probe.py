"""Near-miss goals, and how they are counted. The last tests hold the mechanical judge to its targets."""

import asyncio
from pathlib import Path

import pytest
from builders import a_run, a_sample, a_step
from probe_cases import samples

from agenther.errors import AnswerError
from agenther.judges.grounded import grounded
from agenther.pipeline import Crew, process
from agenther.probe.measure import probe, proposal
from agenther.probe.report import GATE, TRUE
from agenther.probe.spots import Kind
from agenther.probe.twins import EACH, twins
from agenther.readers.reading import read
from agenther.records import Label, Trajectory, Verdict
from agenther.settings import Settings
from agenther.stages import by_rules
from agenther.tally.shares import Share

DATA = Path(__file__).parents[1] / "data"
CHECKED = (Kind.NUMBER, Kind.DATE, Kind.URL, Kind.QUOTED)

ROWS = (
    '{"rows": [{"id": "B-204", "name": "Harbour Lodge", "price": 84}, {"id": "B-311", "name": "Station Inn",'
    ' "price": 61}], "more": "https://inns.example/list?page=2", "day": "2025-06-21"}'
)
RUN = a_run(
    steps=(
        a_step(
            1, "find_inns", ROWS, arguments={"town": "Marbeck", "day": "2025-06-14", "url": "https://inns.example/a"}
        ),
        a_step(2, "open", "Harbour Lodge, clean rooms, said Ada Pell", arguments={"id": "B-204"}),
    )
)
GOAL = (
    'On 2025-06-14, find Harbour Lodge (B-204) in "Marbeck" by Oldport, https://inns.example/a, and the price of two.'
)
SAMPLE = a_sample(goal=GOAL, steps=RUN.steps)


def made(kind, **changes):
    return [twin for twin in twins(a_sample(**{"goal": GOAL, "steps": RUN.steps, **changes}), RUN) if twin.kind is kind]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_made(kind):
    found = made(kind)
    assert found
    for twin in found:
        assert twin.now in twin.goal
        assert twin.goal != GOAL


@pytest.mark.parametrize(
    ("kind", "now"),
    [
        pytest.param(Kind.NUMBER, "B-311", id="the other id of the list"),
        pytest.param(Kind.DATE, "2025-06-21", id="the other date"),
        pytest.param(Kind.NAME, "Ada", id="another name"),
        pytest.param(Kind.URL, "https://inns.example/list?page=2", id="the other address"),
        pytest.param(Kind.ITEM, "Station Inn", id="the next row"),
    ],
)
def test_hard_twins_are_made_of_words_of_the_run(kind, now):
    goals = [twin.now for twin in twins(SAMPLE, RUN, each=20) if twin.kind is kind and twin.from_run]
    assert now in goals


def test_twins_are_the_same_every_time_and_differ_by_sample():
    assert twins(SAMPLE, RUN) == twins(SAMPLE, RUN)
    assert twins(SAMPLE, RUN) != twins(SAMPLE.model_copy(update={"id": "another"}), RUN)


def test_twins_are_bounded_and_all_different():
    found = twins(SAMPLE, RUN, each=1)
    assert len({twin.goal for twin in found}) == len(found)
    assert len({(twin.kind, twin.from_run) for twin in found}) == len(found)
    assert all(len(made(kind)) <= 2 * EACH for kind in Kind)


def test_words_from_nowhere_are_nowhere_in_the_run():
    text = " ".join(text for _, text in RUN.observations())
    for twin in twins(SAMPLE, RUN):
        if not twin.from_run and twin.kind in {Kind.NAME, Kind.URL, Kind.QUOTED}:
            assert twin.now not in text


@pytest.mark.parametrize(
    "goal",
    [
        pytest.param("Cancel it.", id="nothing to change"),
        pytest.param('Say " " to 0.', id="a blank quotation"),
        pytest.param("Count ½ of ١٢ in ²", id="other digits"),
        pytest.param("http://", id="half an address"),
        pytest.param("(((" * 300, id="marks only"),
    ],
)
def test_odd_goals_do_no_harm(goal):
    assert all(twin.goal != goal for twin in twins(a_sample(goal=goal), RUN))


def test_odd_runs_do_no_harm():
    deep = "[" * 5_000 + '{"name": "Harbour Lodge"}' + "]" * 5_000
    for observation in (deep, "[1, {}, null, {'name': None}]", '[{"name": ["Harbour Lodge"]}, {"name": {}}]', ""):
        twins(SAMPLE, a_run(steps=(a_step(observation=observation, arguments={"q": [None, True, {"a": " "}]}),)))


# --- counting ------------------------------------------------------------------------------------


def judge(name, refuses=lambda goal: False, confidence=1.0):
    async def say(_trajectory, proposed, _points):
        return Verdict(judge=name, valid=not refuses(proposed.goal), confidence=confidence)

    return say


async def silent(_trajectory, _proposed, _points):
    raise AnswerError("judge", "no JSON", "hm")


def report(judges, **rules):
    return asyncio.run(probe([(SAMPLE, RUN)], judges, Settings(**rules)))


def test_the_gate_refuses_what_one_judge_refuses():
    found = report({"strict": judge("strict", lambda goal: "Oldport" not in goal), "mild": judge("mild")})
    assert found.refused("strict", Kind.NAME).part > 0
    assert found.refused(GATE, *Kind) == found.refused("strict", *Kind)
    assert found.refused("mild", *Kind) == Share(part=0, of=found.refused(GATE, *Kind).of)
    assert found.refused(GATE, TRUE) == Share(part=0, of=1)


@pytest.mark.parametrize(
    "refusing",
    [
        pytest.param(judge("j", lambda goal: True), id="a refusal"),
        pytest.param(judge("j", confidence=0.49), id="a doubt"),
        pytest.param(silent, id="no usable answer"),
    ],
)
def test_whatever_is_no_consent_is_a_refusal(refusing):
    found = report({"j": refusing})
    assert found.refused("j", TRUE) == Share(part=1, of=1)
    assert found.refused(GATE, *Kind).value == 1
    assert found.passed == ()


NO = judge("no", lambda goal: True)
YES = judge("yes")


@pytest.mark.parametrize(
    ("judges", "quorum", "through"),
    [
        pytest.param([YES, YES, YES, NO], "all", False, id="all, one refuses"),
        pytest.param([YES, YES, YES, NO], "majority", True, id="most consent"),
        pytest.param([YES, YES, NO], "majority", False, id="a tie"),
        pytest.param([YES, NO, NO, YES], "majority", False, id="most refuse"),
        pytest.param([NO, YES, YES, YES], "majority", False, id="the mechanical judge is not outvoted"),
        pytest.param([YES], "majority", True, id="the mechanical judge alone"),
        pytest.param([], "all", False, id="nobody"),
    ],
)
def test_the_gate_is_that_of_the_pipeline(judges, quorum, through):
    found = report({str(number): ask for number, ask in enumerate(judges)}, quorum=quorum)
    asked = found.through(GATE, *Kind)
    assert asked.of >= 10
    assert asked.part == (asked.of if through else 0)
    assert found.through(GATE, TRUE) == Share(part=int(through), of=1)
    assert len(found.passed) == asked.part
    for number, ask in enumerate(judges):
        assert found.through(str(number), *Kind).value == (ask is YES), "each is asked, whatever the others say"


def test_no_more_goals_are_asked_about_than_allowed():
    under_way = most = 0

    async def slow(_trajectory, proposed, _points):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return Verdict(judge="slow", valid=True, confidence=1)

    pairs = [(SAMPLE.model_copy(update={"id": f"s{number}"}), RUN) for number in range(5)]
    found = asyncio.run(probe(pairs, {"slow": slow}, at_a_time=3))
    assert most == 3
    assert found.through(GATE, TRUE) == Share(part=5, of=5), "in several windows, and none lost"
    assert found == asyncio.run(probe(pairs, {"slow": slow}, at_a_time=50))


def test_objects_for_other_programs():
    found = list(report({"a": YES, "b": NO}, quorum="all").objects())
    assert [line["judge"] for line in found] == sorted(line["judge"] for line in found), "judge by judge, then the gate"
    assert {"judge": "b", "kind": "true", "from_run": True, "through": 0, "of": 1, "low": 0.0, "high": 0.7935} in found
    mild = list(report({"a": YES}).objects())
    assert [line["twin"] for line in mild if "twin" in line] == [twin.goal for twin in twins(SAMPLE, RUN)]


def test_an_outvoted_judge_does_not_make_the_proposer_unsure():
    verdicts = tuple(Verdict(judge=name, valid=True, confidence=sure) for name, sure in (("grounded", 0.8), ("j", 0.6)))
    assert proposal(a_sample(confidence=0.3, verdicts=verdicts), RUN).confidence == 0.8


def test_what_got_through_is_told():
    found = report({"mild": judge("mild")})
    assert {one.twin for one in found.passed} == {twin.goal for twin in twins(SAMPLE, RUN)}
    assert all(one.goal == GOAL and one.sample_id == SAMPLE.id for one in found.passed)


def test_a_table_for_each_judge_and_the_gate():
    tables = report({"a": judge("a"), "b": judge("b")}).tables()
    assert [table.title.rpartition(" ")[2] for table in tables] == ["a", "b", GATE]
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert asyncio.run(probe([], {"a": judge("a")})).tables() == ()


@pytest.mark.parametrize(
    ("part", "of", "low", "high"), [(0, 0, 0, 1), (0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1)]
)
def test_an_interval_is_wilsons(part, of, low, high):
    assert Share(part=part, of=of).interval == pytest.approx((low, high), abs=5e-4)


def test_a_twin_is_judged_as_the_true_goal_was():
    proposed = proposal(a_sample(), RUN)
    assert (proposed.end_step, proposed.relevant_steps, proposed.claims) == (2, (1, 2), a_sample().claims)
    assert proposal(a_sample(steps=(), claims=()), RUN).end_step == 1


# --- the targets ---------------------------------------------------------------------------------


def made_by_rules():
    async def all_of_them():
        crew = Crew(
            {"classify": by_rules.classify, "extract": by_rules.extract}, by_rules.relabel, {"grounded": grounded}
        )
        for run in read([DATA]):
            if isinstance(run, Trajectory):
                failed = run.model_copy(update={"label": Label(success=False, source="log")})
                for sample in (await process(failed, crew, Settings())).samples:
                    yield sample, failed

    async def collected():
        return [pair async for pair in all_of_them()]

    return asyncio.run(collected())


@pytest.mark.parametrize("source", [samples, made_by_rules])
def test_the_mechanical_judge_alone_refuses_near_misses(source):
    found = asyncio.run(probe(source(), {"grounded": grounded}))
    checked = found.refused("grounded", *CHECKED)
    assert checked.of >= 50
    assert found.named(*Kind).value >= 0.9
    assert checked.value >= 0.97, [one for one in found.passed if one.kind in CHECKED]


@pytest.mark.parametrize(("sample", "trajectory"), list(samples()), ids=[sample.goal[:50] for sample, _ in samples()])
def test_a_true_goal_is_not_refused_on_proof(sample, trajectory):
    verdict = asyncio.run(grounded(trajectory, proposal(sample, trajectory)))
    assert verdict.valid, f"{verdict.rule}: {verdict.reason}"
