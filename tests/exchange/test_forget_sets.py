"""Forgetting reaches sets, merged sets and lessons, and says what it cannot reach."""

import json
import shutil
from contextlib import suppress

import pytest
from exchange.sets import a_failure, a_lesson, a_set, a_triplet
from exchange.test_merge import POOL
from exchange.test_push_failures import agenther, run, some_lessons, told  # noqa: F401 - `run` is a fixture
from folders import content, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_forget import dying_after

from agenther.errors import StoreError
from agenther.exchange import keys
from agenther.exchange.forget import take_out
from agenther.exchange.keys import Policy
from agenther.exchange.merge import merge
from agenther.exchange.reading import pile
from agenther.exchange.records import id_of
from agenther.lessons.forget import without
from agenther.lessons.records import Lesson

GONE = "openai-chat-0000000000000001"


@pytest.fixture
def signing(tmp_path):
    for name in ("acme", "beta", "me"):
        keys.make(tmp_path / f"{name}.pem")
    return lambda name: tmp_path / f"{name}.pem"


@pytest.fixture
def merged(tmp_path, signing):
    shared = a_lesson(1, 2)
    one = a_set(tmp_path / "a", "acme", [a_failure(1), a_failure(2), shared, a_lesson(1, tool="x")], signing("acme"))
    two = a_set(tmp_path / "b", "beta", [a_failure(3), a_triplet(3, 2, 1), a_lesson(3)], signing("beta"))
    done = agenther("merge", one, two, "--out", tmp_path / "m", "--sign", signing("me"))
    assert done.exit_code == 0, done.output
    return tmp_path / "m"


def trace(folder, *words):
    return [name for name, raw in content(folder).items() if any(word.encode() in raw for word in words)]


# --- refusals


def test_an_unknown_run_changes_nothing(merged):
    before = content(merged)
    done = agenther("forget", merged, GONE, "openai-chat-00000000000000ff")
    assert done.exit_code == 1
    assert "holds nothing about a run openai-chat-00000000000000ff" in done.stderr
    assert content(merged) == before


def test_a_set_that_was_changed_is_not_changed_further(merged):
    (merged / "failures.jsonl").write_bytes(b"")
    done = agenther("forget", merged, GONE)
    assert done.exit_code == 1
    assert "was changed since it was written" in done.stderr


# --- what is left


@pytest.mark.parametrize(
    ("key", "lost"), [(None, "acme, beta, the merged set"), ("acme", "beta, the merged set"), ("me", "acme, beta")]
)
def test_nothing_is_left_in_a_merged_set_and_it_is_signed_where_the_key_is_there(merged, signing, key, lost):
    digests = {line["record"] for line in rows(merged / "provenance.jsonl") if line["id"] == GONE}
    said = told(agenther("forget", merged, GONE, *(["--sign", signing(key)] if key else [])))
    assert "3 records are gone, and 1 lessons stand on fewer runs" in said
    assert f"no longer signed, for want of the key: {lost} ->" in said
    assert trace(merged, GONE, *digests) == []
    assert (merged / "manifest.sig").exists() is (key == "me")
    found = pile(merged, Policy())
    assert len(found.records) == 4
    assert {line["id"][:6] for line in rows(merged / "provenance.jsonl") if "unsigned" not in line["marks"]} == (
        {"openai", "lesson"} if key == "acme" else set()
    )
    left = [one["run_ids"] for one in rows(merged / "lessons.jsonl")]
    assert sorted(left) == [["openai-chat-0000000000000002"], ["openai-chat-0000000000000003"]]


def test_it_is_a_set_like_any_other_afterwards(merged, tmp_path):
    told(agenther("forget", merged, GONE))
    told(agenther("merge", merged, "--out", tmp_path / "again"))
    assert content(tmp_path / "again") == content(merged)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.sampled_from(["acme", "beta"]), st.sets(st.integers(0, len(POOL) - 1), min_size=1), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    is_moved=st.booleans(),
)
def test_forgetting_before_merging_is_forgetting_after_it(tmp_path, signing, told, is_moved):
    """Of signed sets and others, and of one with a record on another side than its manifest says."""
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    sets = []
    for number, (organisation, chosen, is_signed) in enumerate(told):
        records = {(type(POOL[n]), id_of(POOL[n])): POOL[n] for n in sorted(chosen)}.values()
        sets.append(a_set(tmp_path / f"work/{number}", organisation, records, signing("acme") if is_signed else None))
    if is_moved:
        path = min(sets[0].glob("*/*.jsonl"))
        path.rename(path.with_name("test-00000-of-00001.jsonl"))
    merge(sets, tmp_path / "work/before", Policy(unsigned="mark"))
    for folder in (*sets, tmp_path / "work/before"):
        if trace(folder, GONE):
            take_out(folder, frozenset({GONE}), signing("acme"))
    merge(sets, tmp_path / "work/after", Policy(unsigned="mark"))
    assert content(tmp_path / "work/before") == content(tmp_path / "work/after")
    assert trace(tmp_path / "work/before", GONE) == []


def test_a_set_of_one_organisation_forgets_too(tmp_path, signing):
    folder = a_set(tmp_path / "a", "acme", [a_failure(1), a_failure(2), a_triplet(2, 3, 1)], signing("acme"))
    told(agenther("forget", folder, GONE, "--sign", signing("acme")))
    assert trace(folder, GONE) == []
    trust = {keys.public(signing("acme")): frozenset({"acme"})}
    assert len(pile(folder, Policy(trust)).records) == 1


def test_a_set_that_cannot_be_written_anew_stays_and_is_named(run, tmp_path, signing):  # noqa: F811
    """No set without its failures, signed by nobody, is put in its place."""
    told(agenther("push", run, "me/data", "--dry-run", tmp_path / "out", "--failures", "--sign", signing("me")))
    before = content(tmp_path / "out")
    signing("me").chmod(0o644)
    failed = next(row["id"] for row in rows(run / "trajectories.jsonl") if row["label"]["success"] is False)
    done = agenther("forget", run, failed)
    assert f"{tmp_path / 'out'} may hold it still: " in done.stderr
    assert "others can read this key" in done.stderr
    assert content(tmp_path / "out") == before


def test_a_disk_that_fails_while_a_set_forgets_changes_nothing(tmp_path, monkeypatch):
    folder = a_set(tmp_path / "a", "acme", [a_failure(1), a_failure(2), a_triplet(2, 3, 1), a_lesson(2)])
    before = content(folder)

    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agenther.files.os.fsync", full)
    done = agenther("forget", folder, GONE)
    assert "No space left on device" in done.stderr
    monkeypatch.undo()
    assert {name: raw for name, raw in content(folder).items() if not name.endswith(".part")} == before
    told(agenther("forget", folder, GONE))
    assert trace(folder, GONE) == []


@pytest.mark.parametrize("is_merged", [True, False])
def test_death_between_any_two_renames_leaves_a_set_that_is_whole(tmp_path, signing, monkeypatch, is_merged):
    """As it was, or without what is forgotten, for whoever reads it next; what others put beside it stays."""
    records = [a_failure(1), a_failure(2), a_triplet(2, 3, 1), a_lesson(2)]
    one = a_set(tmp_path / "one", "acme", records, signing("acme"), test=records[1:2])
    merge([one], tmp_path / "merged", Policy())
    before = tmp_path / ("merged" if is_merged else "one")
    (before / "mine.txt").write_text("mine")
    wanted = tmp_path / "wanted"
    shutil.copytree(before, wanted)
    take_out(wanted, frozenset({GONE}))
    seen = []
    for survive in range(20):
        copy = tmp_path / f"copy{survive}"
        shutil.copytree(before, copy)
        with dying_after(survive, monkeypatch), suppress(KeyboardInterrupt):
            take_out(copy, frozenset({GONE}))
        pile(copy, Policy())
        seen.append(content(copy))
        assert seen[-1] in (content(before), content(wanted))
    assert seen[0] == content(before)
    assert seen[1] == seen[-1] == content(wanted)
    assert (wanted / "mine.txt").exists()
    assert not [*tmp_path.glob("copy[1-9]*.part")]


def test_a_merge_that_dies_leaves_nothing_or_a_set(tmp_path, monkeypatch):
    one = a_set(tmp_path / "one", "acme", [a_failure(1)])
    with dying_after(0, monkeypatch), suppress(KeyboardInterrupt):
        merge([one], tmp_path / "merged", Policy())
    assert not (tmp_path / "merged").exists()
    merge([one], tmp_path / "merged", Policy())
    assert len(pile(tmp_path / "merged", Policy()).records) == 1
    assert not (tmp_path / "merged.part").exists()


@pytest.mark.parametrize("note", ["{", '{"new": ["../one"], "gone": []}', '{"new": [], "gone": ["README.md"]}'])
def test_a_draft_that_somebody_else_wrote_puts_nothing_elsewhere(tmp_path, note):
    one = a_set(tmp_path / "one", "acme", [a_failure(1)])
    before = content(one)
    (tmp_path / "one.part").mkdir()
    (tmp_path / "one.part/whole.json").write_text(note)
    with pytest.raises(StoreError, match="was not written by this program"):
        pile(one, Policy())
    assert content(one) == before


def test_lessons_lose_what_is_forgotten(tmp_path):
    lesson = a_lesson(1, 2)
    assert without(lesson, frozenset({GONE})).runs == 1
    assert without(a_lesson(1), frozenset({GONE})) is None
    assert without(lesson, frozenset({"another"})) == lesson


def test_a_run_folder_reaches_what_was_made_of_it(run, tmp_path, signing):  # noqa: F811
    lessons = some_lessons(run, tmp_path / "lessons")
    (run / "sets.jsonl").write_text(json.dumps({"kind": "lessons", "place": str(lessons)}) + "\n")
    options = ("--failures", "--lessons", lessons, "--sign", signing("me"))
    for name in ("out", "moved"):
        told(agenther("push", run, "me/data", "--dry-run", tmp_path / name, *options))
    (tmp_path / "moved").rename(tmp_path / "elsewhere")
    cited = rows(lessons / "lessons.jsonl")[0]["run_ids"][0]
    assert trace(tmp_path / "out", cited)
    done = agenther("forget", run, cited)
    assert done.exit_code == 0, done.output
    assert f"{tmp_path / 'moved'} is not there any more, and may hold it somewhere else" in done.stderr
    assert "1 lessons stood on it alone and are gone" in done.stderr
    assert f"{tmp_path / 'out'} was written anew; sets that were merged from it" in done.stderr
    assert trace(tmp_path / "out", cited) == []
    assert trace(lessons, cited) == []
    trust = {keys.public(signing("me")): frozenset({"me"})}
    pile(tmp_path / "out", Policy(trust))
    assert [Lesson.model_validate(row).when.signature.tool for row in rows(lessons / "lessons.jsonl")] != []


def test_a_set_of_which_every_failure_is_forgotten_is_none_any_more(run, tmp_path):  # noqa: F811
    told(agenther("push", run, "me/data", "--dry-run", tmp_path / "out", "--failures"))
    failed = [row["id"] for row in rows(run / "trajectories.jsonl") if row["label"]["success"] is False]
    done = agenther("forget", run, *failed)
    assert done.exit_code == 0, done.output
    assert trace(tmp_path / "out", *failed) == []
