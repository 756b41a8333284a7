"""A new stage is its record, its row in the table, and who does it: everything else derives from that."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from crews import Cast
from folders import a_job, content, done, rows, write_logs

from agenther.cli.commands.stages import command
from agenther.errors import StoreError
from agenther.jobs.again import again
from agenther.jobs.paces import assumed
from agenther.ladder import STAGES, Ask, Stage, after, before
from agenther.records import Diagnosis, Outcome, Record, Rejection
from agenther.settings import Settings
from agenther.store import run_folder


class Mood(Record):
    run_id: str
    mood: str


ROW = Stage("mood", "how the agent felt.", {"moods": Mood}, needs=("classify", "extract"), asks=(Ask("mood", 2, 40),))


@pytest.fixture
def row():
    """The table with one stage more, before the last."""
    saved = dict(STAGES)
    last = STAGES.pop("relabel")
    STAGES.update(mood=ROW, relabel=last)
    yield ROW
    STAGES.clear()
    STAGES.update(saved)


class Moody(Cast):
    """Does that stage too, as it is told to."""

    def __init__(self, mood="calm", **cast):
        super().__init__(**cast)
        self.mood = mood

    @property
    def crew(self):
        crew = super().crew
        return replace(crew, stages={**crew.stages, "mood": self.feel})

    async def feel(self, trajectory, diagnosis, outcome):
        assert isinstance(diagnosis, Diagnosis)
        assert isinstance(outcome, Outcome)
        self.asked.append("mood")
        if isinstance(self.mood, Exception):
            raise self.mood
        return Mood(run_id=trajectory.id, mood=self.mood)


@pytest.fixture
def finished(row, tmp_path):
    done(write_logs(tmp_path / "logs", range(4)), tmp_path / "out", a_job(Moody()))
    return tmp_path / "out"


def test_what_it_makes_has_a_file_of_its_own(finished):
    assert [one["mood"] for one in rows(finished / "moods.jsonl")] == ["calm"] * 4


def test_nothing_is_done_twice(finished, tmp_path):
    cast, first = Moody("angry"), content(finished)
    done(tmp_path / "logs", finished, a_job(cast))
    assert cast.asked == []
    assert content(finished) == first


def test_it_is_read_back_with_the_run(finished):
    moods = [item[1].all(Mood) for item in run_folder.stored(finished) if not isinstance(item, Rejection)]
    assert [[one.mood for one in found] for found in moods] == [["calm"]] * 4


def test_it_can_be_done_again_by_itself(finished):
    cast = Moody("angry")
    redone = again(finished, "mood", a_job(cast))
    assert cast.asked == ["mood"] * 4
    assert [one["mood"] for one in rows(finished / "moods.jsonl")] == ["angry"] * 4
    assert redone.removed == ("proposals.jsonl", "samples.jsonl", "dataset/")


def test_what_comes_after_it_waits_for_it(finished):
    (finished / "moods.jsonl").unlink()
    with pytest.raises(StoreError, match=r"has no moods\.jsonl; `agenther mood` makes it"):
        again(finished, "relabel", a_job(Moody()))


def test_a_bug_in_it_is_told_as_its_own(row, tmp_path):
    done(write_logs(tmp_path / "logs", [1]), tmp_path / "out", a_job(Moody(ValueError("oh"))))
    assert [one["stage"] for one in rows(tmp_path / "out" / "rejections.jsonl")] == ["mood"]


def test_it_is_passed_over_where_nobody_does_it(row, tmp_path):
    done(write_logs(tmp_path / "logs", [1]), tmp_path / "out", a_job(Cast()))
    assert rows(tmp_path / "out" / "moods.jsonl") == []
    assert len(rows(tmp_path / "out" / "samples.jsonl")) == 1


def test_its_command_and_its_questions_are_there(row):
    helped = CliRunner().invoke(command(3, row), ["--help"]).output
    assert "Stage 3 again on the run folder RUN: how the agent felt." in helped
    asked = Settings(model="m", judges=("j",)).questions
    assert asked == (("classify", "m"), ("extract", "m"), ("mood", "m"), ("relabel", "m"), ("judge", "j"))
    assert assumed()["mood"] == (2, 40)


def test_where_stages_stand(row):
    assert [stage.name for stage in before("mood")] == ["classify", "extract", "attribute", "keep"]
    assert [stage.name for stage in after("mood")] == ["relabel"]
