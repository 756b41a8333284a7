"""A run folder takes in other logs: what was made of those of before stays, and the order of coming plays no part."""

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from crews import Cast
from folders import a_job, by_rules, content, done, rows, write_logs

from agenther.errors import AnswerError, ModelError
from agenther.jobs import loop, spread
from agenther.jobs.again import again, finished
from agenther.jobs.forget import forget
from agenther.packagers.base import SPLITS

BAD = '{"trajectory_id": "x", "original_prompt": "Go.", "steps": 7}\n'


@pytest.fixture
def first(tmp_path):
    """Logs of all kinds; `second` has some of the same names."""
    return mixed(tmp_path / "first", range(5), range(20, 24))


@pytest.fixture
def second(tmp_path):
    return mixed(tmp_path / "second", range(40, 47), range(60, 62))


def mixed(folder, numbers, others):
    write_logs(folder, numbers)
    write_logs(folder / "b", others, f"{others[0]}.jsonl")
    with (folder / "b" / f"{others[0]}.jsonl").open("a", encoding="utf-8") as file:
        file.write(BAD)
    (folder / "empty.json").write_text("", "utf-8")
    (folder / "notes.md").write_text("not a log", "utf-8")
    return folder


def counts(out):
    found = finished(out).counts
    assert found.read == found.with_samples + found.rejected
    assert found.read == len(rows(out / "trajectories.jsonl")) + sum(
        row["run_id"] is None for row in rows(out / "rejections.jsonl")
    )
    return found


def one_start(tmp_path, *logs):
    done(logs, tmp_path / "one start")
    return content(tmp_path / "one start")


@pytest.mark.parametrize("processes", [1, 3])
def test_one_after_the_other_is_both_at_once(tmp_path, first, second, processes, monkeypatch):
    monkeypatch.setattr(loop, "SMALL", 0)
    monkeypatch.setattr(spread, "BATCH_BYTES", 500)
    out = tmp_path / "out"
    job = by_rules(processes)
    done((first, second), tmp_path / "one start", by_rules())
    wanted = content(tmp_path / "one start")
    done(first, out, job)
    assert done(second, out, job).kept == 9
    assert content(out) == wanted
    found = counts(out)
    assert (found.read, found.ignored) == (9 + 9 + 4, 2)
    assert (found.rejected_by_reason["empty"], found.rejected_by_reason["malformed"]) == (2, 2)
    for logs in (second, first, (second, first), first, (first, second)):
        assert done(logs, out, job).gone == 0
        assert content(out) == wanted, "whichever is read again"


def test_nobody_is_asked_twice(tmp_path, first, second):
    done(first, tmp_path / "out")
    cast = Cast()
    done(second, tmp_path / "out", a_job(cast))
    assert cast.asked.count("classify") == 9


def test_the_order_of_coming_plays_a_part_only_among_logs_of_one_name(tmp_path, first, second):
    for name in ("runs.jsonl", "empty.json", "notes.md"):
        (second / name).rename(second / f"2{name}")
    wanted = one_start(tmp_path, first, second)
    done(second, tmp_path / "out")
    done(first, tmp_path / "out")
    assert content(tmp_path / "out") == wanted
    paths = dict.fromkeys(row["path"] for row in rows(tmp_path / "out/inputs.jsonl"))
    assert " ".join(paths) == ("b/20.jsonl b/60.jsonl empty.json notes.md runs.jsonl 2empty.json 2notes.md 2runs.jsonl")


def test_the_datasets_are_made_of_all(tmp_path, first, second):
    done(first, tmp_path / "out", a_job(formats=("sft",)))
    done(second, tmp_path / "out", a_job(formats=("sft",)))
    packed = [row for split in SPLITS for row in packed_rows(tmp_path / "out", split)]
    left_out = rows(tmp_path / "out/dataset/left_out.jsonl")
    assert len(packed) + len(left_out) == counts(tmp_path / "out").samples == 18


def packed_rows(out, split):
    path = out / f"dataset/sft/{split}.jsonl"
    return rows(path) if path.exists() else []


def test_the_same_log_under_another_root_is_no_other_log(tmp_path, first):
    wanted = one_start(tmp_path, first)
    out = tmp_path / "out"
    done(first / "b", out)
    done(first, out)
    assert content(out) == wanted
    done(first / "b/20.jsonl", out)
    assert counts(out).read == counts(tmp_path / "one start").read
    done(first, out)
    assert content(out) == wanted
    (tmp_path / "link").symlink_to(first)
    done(tmp_path / "link", out)
    assert content(out) == wanted


def test_a_log_that_was_moved_is_no_other_log(tmp_path, first):
    (first / "empty.json").unlink()
    write_logs(first / "b", range(20, 24), "20.jsonl")
    done(first, tmp_path / "out")
    before = content(tmp_path / "out")
    done(first.rename(tmp_path / "elsewhere"), tmp_path / "out")
    after = content(tmp_path / "out")
    assert {name for name in after if after[name] != before[name]} == {"inputs.jsonl", "report.md", "run.json"}
    assert counts(tmp_path / "out").ignored == 2, "what holds no run cannot be known again"


def test_a_run_that_both_hold_is_a_duplicate_in_the_second(tmp_path, first):
    copy = write_logs(tmp_path / "copy", [0, 40, 2])
    wanted = one_start(tmp_path, first, copy)
    out = tmp_path / "out"
    for logs in (first, copy, copy, first, (first, copy), copy):
        done(logs, out)
    assert content(out) == wanted
    assert counts(out).rejected_by_reason["duplicate"] == 2


def test_a_duplicate_takes_the_place_of_a_run_whose_log_has_changed(tmp_path, first):
    copy = write_logs(tmp_path / "copy", [0, 40])
    out = tmp_path / "out"
    done((first, copy), out)
    write_logs(first, [99])
    finished_again = done(first, out)
    assert finished_again.gone == 4
    assert counts(out).rejected_by_reason.get("duplicate", 0) == 0
    done((first, copy), tmp_path / "fresh")
    assert content(out)["samples.jsonl"].count(b"lamp 0 ") == content(tmp_path / "fresh")["samples.jsonl"].count(
        b"lamp 0 "
    )
    assert counts(out) == counts(tmp_path / "fresh")


def test_what_a_log_held_before_it_changed_is_left_out(tmp_path, first, second):
    out = tmp_path / "out"
    done(first, out)
    done(second, out)
    write_logs(first, [0, 1, 70])
    assert done(first, out).gone == 3
    assert content(out) == one_start(tmp_path, first, second)


def test_logs_that_are_not_there_any_more_stay(tmp_path, first, second):
    wanted = one_start(tmp_path, first, second)
    done((first, second), tmp_path / "out")
    shutil.rmtree(second / "b")
    (second / "empty.json").unlink()
    assert done((first, second), tmp_path / "out").kept == 2
    assert content(tmp_path / "out") == wanted


def test_what_could_not_be_read_and_was_mended_stands_there_once(tmp_path, first, second):
    out = tmp_path / "out"
    done((first, second), out)
    write_logs(first, [80], "empty.json")
    done(first, out)
    assert content(out) == one_start(tmp_path, first, second)
    assert counts(out).rejected_by_reason["empty"] == 1, "that of the other root"
    (first / "empty.json").write_text("", "utf-8")
    done(first, out)
    assert counts(out).rejected_by_reason["empty"] == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_could_not_be_listed_and_now_can(tmp_path, first):
    (first / "b").chmod(0)
    done(first, tmp_path / "out")
    assert counts(tmp_path / "out").rejected_by_reason["unreadable"] == 1
    (first / "b").chmod(0o700)
    done(first, tmp_path / "out")
    assert content(tmp_path / "out") == one_start(tmp_path, first)


def test_on_request_the_folder_holds_these_logs_alone(tmp_path, first, second):
    out = tmp_path / "out"
    done(first, out)
    idle = Cast()
    assert done((first, second), out).kept == 0
    assert done(first, out, replace(a_job(idle), replace=True)).gone == 9
    assert idle.asked == []
    assert content(out) == one_start(tmp_path, first)


# --- stopped, spoilt, forgotten ------------------------------------------------------------------


def test_a_start_that_is_stopped_takes_nothing_away(tmp_path, first, second):
    out = tmp_path / "out"
    done(first, out)
    cast = Cast()
    classify, left = cast.classify, iter(range(4))

    async def failing(trajectory):
        if next(left, None) is None:
            raise ModelError("m", "the key is not accepted")
        return await classify(trajectory)

    cast.classify = failing
    with pytest.raises(ModelError):
        done(second, out, a_job(cast, concurrency=1))
    shutil.copytree(out, tmp_path / "same")
    third = write_logs(tmp_path / "third", [90])
    done(second, tmp_path / "same", a_job(carrying_on := Cast()))
    assert carrying_on.asked.count("classify") == 5
    assert content(tmp_path / "same") == one_start(tmp_path, first, second)
    done(third, out)
    done((first, third), tmp_path / "other")
    assert content(out) == content(tmp_path / "other"), "that of a start which never ended is not there"


@pytest.mark.parametrize("others", [(), ("second", "third", "first")], ids=["carried on", "other logs first"])
def test_death_between_any_two_renames_is_made_good(tmp_path, first, second, others, monkeypatch):
    done(first, tmp_path / "start")
    done(second, tmp_path / "start")
    write_logs(first, [0, 70])
    third = write_logs(tmp_path / "third", [90], "z.jsonl")
    wanted = one_start(tmp_path, first, second, third)
    replace_file = Path.replace
    for survive in range(100):
        left = iter(range(survive))

        def dying(path, target, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return replace_file(path, target)

        out = tmp_path / f"out{survive}"
        shutil.copytree(tmp_path / "start", out)
        died = True
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(Path, "replace", dying)
            done((first, third), out)
            died = False
        for logs in [tmp_path / name for name in others] or [(first, third)]:
            done(logs, out)
        assert content(out) == wanted
        if not died:
            break
    assert survive >= 10


def test_what_stays_and_was_spoilt_is_done_again_on_request(tmp_path, first, second):
    out = tmp_path / "out"
    done(first, out, a_job(Cast(achieved=AnswerError("extract", "no JSON", "Hm."))))
    assert counts(out).rejected_by_reason["bad-answer"] == 9
    done(second, out)
    assert counts(out).rejected_by_reason["bad-answer"] == 9
    done(second, out, replace(a_job(), again=frozenset({"bad-answer"})))
    assert content(out) == one_start(tmp_path, first, second)


def test_what_stays_and_waits_for_the_next_stage_is_done(tmp_path, first, second):
    out = tmp_path / "out"
    done(first, out)
    again(out, "classify", a_job(Cast({"weight": 0.4})))
    done(second, out, a_job(cast := Cast()))
    assert cast.asked.count("extract") == 18
    assert counts(out).with_samples == 18


def test_what_is_forgotten_stays_so_under_every_root(tmp_path, first, second):
    out = tmp_path / "out"
    done((first, second), out)
    run_id = next(row["id"] for row in rows(out / "trajectories.jsonl") if "lamp 21 " in row["goal"])
    forget(out, frozenset({run_id, "runs.jsonl"}))
    before = content(out)
    assert counts(out).forgotten == 2
    for logs in (first, second, first / "b", first / "b/20.jsonl", first / "runs.jsonl", (first, second)):
        done(logs, out)
        assert b"lamp 21 " not in b"".join(content(out).values())
        assert b"lamp 3 " not in b"".join(content(out).values())
    assert content(out) == before


def test_a_duplicate_elsewhere_is_forgotten_with_its_run(tmp_path, first):
    copy = write_logs(tmp_path / "copy", [0, 40])
    out = tmp_path / "out"
    done(first, out)
    done(copy, out)
    run_id = rows(out / "rejections.jsonl")[-1]["detail"].split()[4].rstrip(",")
    forget(out, frozenset({run_id}))
    everything = {name: raw for name, raw in content(out).items() if name != "forgotten.jsonl"}
    assert run_id.encode() not in b"".join(everything.values())
    before = content(out)
    done(copy, out)
    done(first, out)
    assert content(out) == before


def test_a_folder_that_does_not_tell_its_logs_is_added_to(tmp_path, first, second):
    """As it was made before that was written down."""
    out = tmp_path / "out"
    done(first, out)
    (out / "inputs.jsonl").unlink()
    done(second, out)
    assert counts(out).with_samples == 18
    done(first, out)
    assert (counts(out).read, counts(out).with_samples) == (24, 18), "what holds no run is not known again"


@pytest.mark.parametrize("text", ["{\n", '{"file": 1}\n', "\xff\n"])
def test_damaged_inputs_are_told(tmp_path, first, second, text):
    done(first, tmp_path / "out")
    (tmp_path / "out/inputs.jsonl").write_text(text, "utf-8")
    with pytest.raises(Exception, match=r"inputs\.jsonl: is damaged"):
        done(second, tmp_path / "out")


def test_no_place_on_this_machine_is_told(tmp_path, first):
    done(first, tmp_path / "out")
    assert str(tmp_path).encode() not in b"".join(content(tmp_path / "out").values())
