"""How many judges have to consent, and which of them are asked at all. Refusals first."""

import asyncio

import pytest
from builders import NEW_GOAL, a_run
from crews import Cast, a_verdict

from agenther.errors import AnswerError, ModelError
from agenther.pipeline import passes, process
from agenther.settings import Settings

YES = a_verdict(confidence=0.8)
NO = a_verdict(False, 1.0, reason="not shown")
SURE_NO = a_verdict(False, 0.9, reason="made up")
UNSURE = a_verdict(confidence=0.49)
SILENT = AnswerError("judge", "no JSON", "Sure!")


def ending(*verdicts, quorum="majority", **rules):
    """(result, numbers of the judges that were asked) with one verdict for each judge, the mechanical one first."""
    cast = Cast(attempts=((NEW_GOAL,), ()), verdicts=tuple((said,) for said in verdicts))
    result = asyncio.run(process(a_run(), cast.crew, Settings(quorum=quorum, **rules)))
    return result, [int(line.split()[1].rstrip(":")) for line in cast.asked if line.startswith("judge")]


@pytest.mark.parametrize(
    ("verdicts", "quorum", "asked"),
    [
        pytest.param((NO, YES, YES, YES), "majority", [0], id="the mechanical judge is never outvoted"),
        pytest.param((UNSURE, YES, YES, YES), "majority", [0], id="nor when it only doubts"),
        pytest.param((NO, YES, YES), "all", [0], id="nor where all have to consent"),
        pytest.param((NO,), "majority", [0], id="the mechanical judge alone refuses"),
        pytest.param((YES, NO), "majority", [0, 1], id="one model, and it refuses"),
        pytest.param((YES, YES, NO), "majority", [0, 1, 2], id="half is no majority"),
        pytest.param((YES, NO, YES), "majority", [0, 1, 2], id="half, the other way round"),
        pytest.param((YES, YES, YES, NO, NO), "majority", [0, 1, 2, 3, 4], id="two of four"),
        pytest.param((YES, NO, NO, YES), "majority", [0, 1, 2, 3], id="one of three"),
        pytest.param((YES, YES, UNSURE, UNSURE), "majority", [0, 1, 2, 3], id="a doubt is no vote"),
        pytest.param((YES, YES, SILENT, SILENT), "majority", [0, 1, 2, 3], id="no usable answer is no vote"),
        pytest.param((YES, YES, YES, NO), "all", [0, 1, 2, 3], id="all but one is not all"),
        pytest.param((YES, NO, YES, YES), "all", [0, 1], id="the first refusal ends it and saves the others' price"),
    ],
)
def test_refused(verdicts, quorum, asked):
    result, were_asked = ending(*verdicts, quorum=quorum)
    assert result.samples == ()
    assert were_asked == asked
    assert [len(one.verdicts) for one in result.judged] == [len(asked)]
    assert not result.judged[0].accepted
    silent = [one for one in verdicts if one not in (YES, NO, UNSURE)]
    assert result.rejection.reason == ("bad-answer" if silent else "refused")


@pytest.mark.parametrize(
    ("verdicts", "quorum"),
    [
        pytest.param((YES,), "all", id="the mechanical judge alone"),
        pytest.param((YES,), "majority", id="the mechanical judge alone, with no model to count"),
        pytest.param((YES, YES), "majority", id="one of one"),
        pytest.param((YES, YES, YES), "all", id="all"),
        pytest.param((YES, YES, NO, YES), "majority", id="two of three"),
        pytest.param((YES, NO, YES, YES), "majority", id="two of three, the first refuses"),
        pytest.param((YES, YES, YES, YES, SILENT, UNSURE), "majority", id="three of five"),
    ],
)
def test_accepted(verdicts, quorum):
    result, asked = ending(*verdicts, quorum=quorum)
    [sample] = result.samples
    assert asked == list(range(len(verdicts))), "every judge is asked, so that they can be compared"
    assert len(sample.verdicts) == len(verdicts), "those outvoted stay in the sample"
    assert result.rejection is None


@pytest.mark.parametrize("quorum", ["all", "majority"])
def test_nothing_is_accepted_that_nobody_judged(quorum):
    assert not passes([], Settings(quorum=quorum))
    assert ending(quorum=quorum)[0].samples == ()


def test_theta_counts_for_each_vote():
    assert ending(YES, YES, YES, UNSURE, theta=0.8)[0].samples
    assert not ending(YES, YES, YES, UNSURE, theta=0.81)[0].samples
    assert ending(YES, YES, UNSURE, UNSURE, theta=0.49)[0].samples


def test_who_was_outvoted_lowers_the_confidence():
    [sample] = ending(YES, YES, SURE_NO, YES)[0].samples
    assert sample.confidence == pytest.approx((0.8 + 0.8 + 0 + 0.8) / 4)


def test_a_judge_without_an_answer_stands_under_its_own_name():
    result, _ = ending(YES, YES, YES, SILENT)
    silent = result.judged[0].verdicts[3]
    assert (silent.judge, silent.valid, silent.confidence) == ("judge 3", False, 0)
    assert "no usable answer" in silent.reason


def test_the_reason_told_is_that_of_a_judge_who_refused():
    result, _ = ending(YES, YES, a_verdict(False, 0, judge="b", reason="no price"), a_verdict(judge="c"), UNSURE)
    assert result.rejection.detail == "b: no price"


def test_the_models_are_asked_at_the_same_time_and_an_error_is_raised_when_all_are_through():
    begun, ended = [], []

    def judge(number, error=None):
        async def ask(_trajectory, _proposal, _points):
            begun.append(number)
            await asyncio.sleep(0.02 / number)
            ended.append(len(begun))
            if error:
                raise error
            return YES

        return ask

    def run(error=None):
        crew = Cast().crew
        models = {str(number): judge(number, error if number == 2 else None) for number in (1, 2)}
        crew.judges.update(models)
        return asyncio.run(process(a_run(), crew, Settings(quorum="majority")))

    assert len(run().samples) == 1
    assert (begun, ended) == ([1, 2], [2, 2])
    with pytest.raises(ModelError):
        run(ModelError("2", "gone"))
    assert len(ended) == 4, "the other was not cut off"
