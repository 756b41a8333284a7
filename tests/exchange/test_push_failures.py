"""A Negative Example Dataset: what is refused, what stands in it, and that others can load it."""

import json
import stat
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest
from commands import agenther, told
from crews import Cast
from exchange.sets import a_lesson
from folders import a_log, by_rules, content, done, rows
from hypothesis import given
from hypothesis import strategies as st

from agenther.assemble import assemble
from agenther.evidence.place import quoted
from agenther.exchange.contrast import MOST, Point, chosen
from agenther.exchange.manifest import read
from agenther.exchange.records import Failed
from agenther.jobs.rounds import in_round
from agenther.lessons.records import Choices, Cited, Counts, Lesson, MadeWith
from agenther.records import Evidence
from agenther.settings import Settings

MAIL = "nora.quist@" + "mail.example.org"


class Telling(Cast):
    """Writes another goal for every run."""

    async def relabel(self, trajectory, *others):
        self.attempts = ((f"{trajectory.goal} Tell me its price.",),)
        return await super().relabel(trajectory, *others)


def refused(result, *words):
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words), result.stderr


def some_logs():
    """Failures and successes of some tasks; a mail address stands in the last step of each."""
    for number in range(24):
        has_failed = number % 3 != 0
        log = a_log(number, task_id=f"{number // 4}", success=not has_failed)
        log["trajectory_id"] = f"t{number}"
        error = json.dumps({"error": f"no lamp {number} for {MAIL}"})
        log["steps"].append({"action_name": "book", "action_input": {"id": number}, "observation": error})
        if not has_failed:
            log.pop("failure_reason")
        yield log


@pytest.fixture
def run(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "runs.jsonl").write_text("".join(json.dumps(log) + "\n" for log in some_logs()))
    done(tmp_path / "logs", tmp_path / "run", a_telling_job())
    return tmp_path / "run"


def a_telling_job():
    job = assemble(Settings(attribute="rules"))
    crew = replace(job.crew, relabel=Telling().relabel, judges=Telling().crew.judges)
    return replace(job, crew=crew, processes=1)


def some_lessons(run, folder):
    """On runs of the folder, on runs of nobody, with a quote that is private, and with one that does not stand."""
    runs = [row for row in rows(run / "trajectories.jsonl") if row["label"]["success"] is False]

    def on(run, quote, **changes):
        cited = Cited(run_id=run["id"], text="it brought an error", step=3, quote=quote)
        return a_lesson(failures=(cited,), run_ids=(run["id"],), **changes)

    lessons = [
        on(runs[0], "no lamp"),
        a_lesson(77, tool="nobody"),
        on(runs[1], MAIL, tool="mail", wrong=f"mail to {MAIL} comes back"),
        on(runs[2], "no moon", tool="forged"),
    ]
    folder.mkdir()
    lines = "".join(one.model_dump_json() + "\n" for one in lessons)
    (folder / "lessons.jsonl").write_text(lines)
    seal = MadeWith(
        version="0", choices=Choices(), folders={}, counts=Counts(), sha256=sha256(lines.encode()).hexdigest()
    )
    (folder / "lessons.json").write_text(seal.model_dump_json())
    (folder / "dropped.jsonl").write_text("")
    return folder


def published(folder, config):
    return {
        split: [row for path in sorted((folder / config).glob(f"{split}-*.jsonl")) for row in rows(path)]
        for split in ("train", "test")
    }


# --- refusals


def test_options_of_sets_want_a_set(run, tmp_path):
    assert agenther("push", run, "me/data", "--dry-run", tmp_path / "out", "--lessons", tmp_path).exit_code == 2
    assert agenther("push", run, "me/data", "--dry-run", tmp_path / "out", "--organisation", "me").exit_code == 2
    assert agenther("push", run, "me/data", "--dry-run", tmp_path / "out", "--share", "0.5").exit_code == 2


def test_a_run_without_failures_has_no_set(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "runs.jsonl").write_text(json.dumps(a_log(1, success=True, failure_reason=None)) + "\n")
    done(tmp_path / "logs", tmp_path / "run", by_rules())
    refused(
        agenther("push", tmp_path / "run", "me/data", "--dry-run", tmp_path / "out", "--failures"), "no run that failed"
    )


def test_a_key_in_what_is_published_is_refused(run, tmp_path):
    (tmp_path / "out").mkdir()
    told(agenther("key", tmp_path / "out" / "me.pem"))
    options = ("--dry-run", tmp_path / "out", "--failures", "--sign", tmp_path / "out" / "me.pem")
    refused(agenther("push", run, "me/data", *options), "must not lie in what others are given")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["me.pem"]


# --- what is published


@pytest.fixture
def out(run, tmp_path):
    lessons = some_lessons(run, tmp_path / "lessons")
    told(agenther("key", tmp_path / "me.pem"))
    options = ("--failures", "--lessons", lessons, "--sign", tmp_path / "me.pem")
    said = told(agenther("push", run, "me/data", "--dry-run", tmp_path / "out", *options))
    assert "a lesson of which no run is in this run folder or in a round before it" in said
    assert "a lesson with a quote that does not stand in its step any more" in said
    assert "a lesson that agenther does not write so, or not once it is cleaned" in said
    return tmp_path / "out"


def test_what_stands_in_a_set(run, out):
    failures = [row for split in published(out, "failures").values() for row in split]
    failed = {row["id"] for row in rows(run / "trajectories.jsonl") if row["label"]["success"] is False}
    assert {row["run_id"] for row in failures} == failed
    for row in failures:
        one = Failed.model_validate(row)
        for suspect in one.suspects:
            assert not suspect.quote or quoted(one.run(), Evidence(text="", step=suspect.step, quote=suspect.quote))
    by_id = {row["run_id"]: Failed.model_validate(row) for row in failures}
    lessons = [Lesson.model_validate(row) for split in published(out, "lessons").values() for row in split]
    assert {one.when.signature.tool for one in lessons} == {"book"}
    for lesson in lessons:
        assert all(quoted(by_id[one.run_id].run(), one) for one in lesson.failures)
    triplets = published(out, "contrast")
    assert triplets["train"]
    assert MAIL not in "".join(raw.decode() for raw in content(out).values())
    sides = {row["run_id"]: split for split, ones in published(out, "failures").items() for row in ones}
    groups = {row["group"]: split for split, ones in published(out, "failures").items() for row in ones}
    for split, ones in triplets.items():
        for row in ones:
            ids = [row[f"{place}_run_id"] for place in ("anchor", "positive", "negative")]
            assert {sides.get(one, split) for one in ids} == {split}
            kept = {groups.get(row[name], split) for name in ("group", "positive_group", "negative_group")}
            assert kept == {split}
            ends = [one in failed for one in ids]
            assert ends[0] == ends[1] != ends[2]


def test_a_later_round_publishes_what_earlier_ones_taught(run, out, tmp_path):
    (tmp_path / "logs2").mkdir()
    (tmp_path / "logs2" / "runs.jsonl").write_text(json.dumps(a_log(70)) + "\n")
    later = tmp_path / "later"
    done(tmp_path / "logs2", later, in_round(a_telling_job(), later, run))
    options = ("--failures", "--lessons", tmp_path / "lessons")
    told(agenther("push", later, "me/data", "--dry-run", tmp_path / "both", *options))
    first, both = (
        {row["run_ids"][0] for split in published(folder, "lessons").values() for row in split}
        for folder in (out, tmp_path / "both")
    )
    assert first == both != set()


def test_the_manifest_names_every_record_and_the_set_is_merged_as_it_is(out, tmp_path):
    manifest = read((out / "manifest.json").read_bytes())
    assert manifest.organisation == "me"
    assert manifest.counts == {
        config: sum(map(len, published(out, config).values())) for config in ("failures", "lessons", "contrast")
    }
    told(agenther("merge", out, "--out", tmp_path / "m", "--unsigned", "refuse"))


def test_the_same_bytes_again_and_nothing_is_left_of_it_when_it_is_not_asked_for(run, out, tmp_path):
    options = ("--failures", "--lessons", tmp_path / "lessons", "--sign", tmp_path / "me.pem")
    told(agenther("push", run, "me/data", "--dry-run", tmp_path / "again", *options))
    assert content(tmp_path / "again") == content(out)
    told(agenther("push", run, "me/data", "--dry-run", out))
    left = {name.partition("/")[0] for name in content(out)}
    assert not left & {"failures", "lessons", "contrast", "manifest.json", "manifest.sig"}


def test_the_folder_knows_its_sets_and_the_key_stays_at_home(run, out, tmp_path):
    [known] = rows(run / "sets.jsonl")
    assert (known["kind"], known["place"], known["key"]) == ("set", str(out), str(tmp_path / "me.pem"))
    assert stat.S_IMODE((tmp_path / "me.pem").stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in b"".join(content(out).values())


def test_the_card_says_what_it_is_for(out):
    card = (out / "README.md").read_text()
    for words in ("These runs are not demonstrations", "29 of 63", "tested on the same tasks", "May be used for"):
        assert words in card
    assert "manifest.sig" in card


def test_datasets_loads_every_config(out, tmp_path):
    datasets = pytest.importorskip("datasets")
    for config in ("failures", "lessons", "contrast"):
        found = datasets.load_dataset(str(out), config, cache_dir=tmp_path / "cache")
        for split, expected in published(out, config).items():
            assert [json.loads(json.dumps(row)) for row in found.get(split, ())] == expected


# --- triplets


POINTS = st.lists(
    st.tuples(
        st.sampled_from(["train", "test"]),
        st.sampled_from(["failed", "succeeded"]),
        st.sampled_from("ab"),
        st.sampled_from(["", "t", "u"]),
        st.integers(0, 12),
    ),
    max_size=40,
)


@given(POINTS, st.randoms(use_true_random=False))
def test_triplets_are_the_same_in_any_order_and_use_a_run_a_bounded_number_of_times(told, order):
    points = [
        Point(f"r{n}", f"{side}{task}", side, outcome, kind, (f"{side}{task}", task, "", "b", "all"), str(words))
        for n, (side, outcome, kind, task, words) in enumerate(told)
    ]
    made = list(chosen(points))
    assert list(chosen(order.sample(points, len(points)))) == made
    assert all(count == 1 for count in Counter(one.anchor.id for one in made).values())
    for role in ("positive", "negative"):
        assert all(count <= MOST for count in Counter(getattr(one, role).id for one in made).values())
    for one in made:
        assert len({one.anchor.side, one.positive.side, one.negative.side}) == 1
        assert one.anchor.outcome == one.positive.outcome != one.negative.outcome
        assert one.anchor.id != one.positive.id
        assert one.anchor.words not in {one.positive.words, one.negative.words}
