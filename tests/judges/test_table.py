"""A judge that runs in this process: a line in the table, a vote in the gate, no endpoint and no call."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from folders import rows

from agenther.assemble import assemble
from agenther.cli import main
from agenther.errors import ModelError
from agenther.judges.table import JUDGES, Registered
from agenther.records import Verdict
from agenther.settings import Settings


@pytest.fixture
def toy(monkeypatch):
    """Refuses the first goal that it is asked about, and no other."""
    asked = []

    async def judge(_run, proposal, points):
        asked.append(proposal.goal)
        points = tuple(point.model_copy(update={"settled": True}) for point in points)
        return Verdict(judge="toy", valid=proposal.goal != asked[0], confidence=0.9, points=points)

    monkeypatch.setitem(JUDGES, "toy", Registered("local", lambda: judge))
    return asked


@pytest.mark.parametrize("judges", [("local:none",), ("local:grounded",), ("local:",)])
def test_what_is_not_registered_as_local_is_refused(toy, judges):
    with pytest.raises(ModelError, match="no such judge; there is toy in this process"):
        assemble(Settings(judges=judges))


def test_it_sits_behind_the_mechanical_judge_and_asks_no_model(toy):
    job = assemble(Settings(judges=("local:toy",)))
    assert list(job.crew.judges) == ["grounded", "toy"]
    assert job.access is None
    assert not [question for question, _ in Settings(judges=("local:toy",)).questions if question == "judge"]


def test_its_vote_counts(toy, tmp_path):
    words = ["run", Path(__file__).parents[2] / "data", "--out", tmp_path / "out", "--judge", "local:toy"]
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == 0, result.output
    assert len(set(toy)) > 1
    refused = [row for row in rows(tmp_path / "out/proposals.jsonl") if row["verdicts"][-1]["judge"] == "toy"]
    assert {(row["proposal"]["goal"] == toy[0], row["accepted"]) for row in refused} == {(True, False), (False, True)}
    assert not (tmp_path / "out/calls.jsonl").exists()
