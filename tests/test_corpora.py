"""Real logs, held against an independent count of their runs, steps and labels. Skipped where they are absent."""

import json
from collections import Counter
from pathlib import Path

import pytest

from agenther.readers.find import Ignored, files, read
from agenther.records import Reason, Rejection, Trajectory

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora beside the repository")

OTHER_PATH = {
    "toolbench_official/data_example/answer/G1_answer/69_ChatGPT_DFS_woFilter_w2.json": 3,
    "toolbench_official/data_example/answer/G2_answer/10_ChatGPT_DFS_woFilter_w2.json": 4,
    "toolbench_official/data_example/answer/G2_answer/119_ChatGPT_DFS_woFilter_w2.json": 3,
    "toolbench_official/data_example/answer/G3_answer/8_ChatGPT_DFS_woFilter_w2.json": 6,
}
"""DFS trees without an answer, of which the count took another leaf.

The two of G2 name their path themselves (`train_messages`); for the others we take the last give-up, else the longest
path, as the reader's specification says.
"""

ALL_IN_THE_FILES = ("toolbench_chatgpt_cot/", "tau2_bench/", "who_and_when/", "notte_open_operator_evals/")


@pytest.fixture(scope="module")
def found():
    """What each file of the corpora came to: its runs, or the reasons of its rejections."""
    runs: dict[str, list[Trajectory]] = {}
    rejected: dict[str, list[str]] = {}
    for log in files([CORPORA]):
        for item in [log] if isinstance(log, Rejection | Ignored) else read(log):
            if isinstance(item, Trajectory):
                runs.setdefault(item.source.path, []).append(item)
            elif isinstance(item, Rejection):
                rejected.setdefault(item.path, []).append(item.reason)
    return runs, rejected


@pytest.fixture(scope="module")
def counts():
    return json.loads((CORPORA / "COUNTS.json").read_text())


def test_every_counted_file_is_read_or_rejected_with_a_reason(found, counts):
    runs, rejected = found
    assert [path for path in counts if path not in runs and path not in rejected] == []
    assert not set(runs) & {path for path, why in rejected.items() if Reason.UNKNOWN_FORMAT in why}


def test_runs_and_steps_are_those_counted(found, counts):
    """A step of open-operator-evals may hold several acts; they share a turn."""
    runs, _ = found
    for path, count in counts.items():
        if path in runs:
            acted = [run for run in runs[path] if run.steps]
            steps = sum(run.steps[-1].turn if run.source.format == "open-operator" else len(run.steps) for run in acted)
            assert (len(runs[path]), steps) == (count["runs"], OTHER_PATH.get(path, count["steps"])), path


def test_labels_never_contradict_the_count(found, counts):
    """We may know more (offline scoring, pass-rate files, win=false, crashes), but nothing else."""
    runs, _ = found
    for path, count in counts.items():
        labels = Counter(run.label.success for run in runs.get(path, ()))
        if path in runs:
            assert labels[True] >= count["success"], path
            assert labels[False] >= count["failed"], path
            assert all(run.label.source != "none" for run in runs[path] if run.label.success is not None), path


def test_where_labels_stand_in_the_files_they_are_the_same(found, counts):
    runs, _ = found
    for path in (
        "tau_bench/historical_trajectories/gpt-4o-airline.json",
        *[p for p in counts if p.startswith(ALL_IN_THE_FILES)],
    ):
        labels = Counter(run.label.success for run in runs[path])
        count = counts[path]
        assert (labels[True], labels[False], labels[None]) == (count["success"], count["failed"], count["unknown"])


def test_ids_are_unique_and_quotable(found):
    runs, _ = found
    ids = [run.id for group in runs.values() for run in group]
    assert len(set(ids)) == len(ids)
    assert all(run.goal.strip() for group in runs.values() for run in group)


@pytest.mark.parametrize(
    ("folder", "runs", "steps", "rejected"),
    [
        pytest.param("webvoyager", 15, 90, [], id="WebVoyager: a step for each message of the agent"),
        pytest.param("agentlab_browsergym", 4, 7, [Reason.NO_STEPS] * 2, id="AgentLab: two experiments without steps"),
    ],
)
def test_folders_that_were_not_counted(found, folder, runs, steps, rejected):
    """Counted by hand: assistant messages, and steps with an action."""
    read_as, refused = found
    mine = [run for path, group in read_as.items() if path.startswith(f"{folder}/") for run in group]
    assert (len(mine), sum(len(run.steps) for run in mine)) == (runs, steps)
    assert {run.label.success for run in mine} == ({True} if folder.startswith("agentlab") else {None})
    reasons = [why for path, group in refused.items() if path.startswith(f"{folder}/tests") for why in group]
    assert reasons == rejected


REWARDED = "/traces/tau2_telecom_service_issueairplane_mode_on_break_apn_settings_u_a7b11b63.json"
"""Its evaluation tells a reward of 0 and no `success`, which alone was counted."""


def test_general_agent_bench_is_as_counted(found):
    """Read by a map; calls of tools are counted there, and verdicts stand in other files."""
    runs, _ = found
    for count in json.loads((CORPORA / "general_agent_bench/COUNTS.json").read_text()):
        (run,) = runs[count["path"]]
        calls = sum(step.action.name != "respond" for step in run.steps)
        success = False if count["path"].endswith(REWARDED) else count["success"]
        assert (run.label.success, calls) == (success, count["tool_calls"]), count["path"]
