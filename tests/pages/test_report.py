"""The report of a run: counts that add up, and text of logs that stays text."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from agenther.cli import main
from agenther.pages.counting import facts
from agenther.pages.spread import spread
from agenther.store.views import REPORT

DATA = Path(__file__).parents[2] / "data"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def called(*words):
    return CliRunner().invoke(main, [*map(str, words)])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("shown") / "run"
    assert called("run", DATA, "--out", out).exit_code == 0
    return out


def test_no_run_no_report(tmp_path):
    result = called("report", tmp_path)
    assert result.exit_code == 1
    assert "holds no finished run" in result.stderr
    assert not list(tmp_path.iterdir())


def test_the_funnel_loses_nothing(run):
    found = facts(run)
    counts = found.run.counts
    assert found.funnel[0].left == counts.read
    assert found.funnel[-1].left == counts.with_samples
    for wide, narrow in zip(found.funnel, found.funnel[1:], strict=False):
        assert wide.left - narrow.left == sum(logs for _, logs in narrow.lost)
    assert len(found.samples) == counts.samples == sum(found.weight) == sum(found.steps)
    assert len(found.losses) == counts.rejected
    assert sum(found.confidence[0]) == counts.samples


def test_page_tables_and_figures(run, tmp_path):
    result = called("report", run, "--svg", tmp_path / "figures")
    assert result.exit_code == 0, result.output
    shown = (run / REPORT).read_text("utf-8")
    assert "From logs to samples" in shown
    rows = json.loads(re.search(r'id="data">(.*?)</script>', shown, re.DOTALL)[1])
    assert len(rows["samples"]["goal"]) == facts(run).run.counts.samples
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        "funnel.svg",
        "confidence.svg",
        "weight.svg",
        "steps.svg",
    }
    assert "Goal types" in result.stdout


def test_what_a_log_says_is_never_markup(tmp_path):
    log = {
        "messages": [
            {"role": "user", "content": f"{HOSTILE} Find the ferry to Skell and book it."},
            {
                "role": "assistant",
                "tool_calls": [{"id": "a", "function": {"name": f"ferry{HOSTILE}", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "a", "content": HOSTILE},
        ],
        "success": False,
    }
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / f"a{HOSTILE.replace('/', '')}.json").write_text(json.dumps(log), "utf-8")
    assert called("run", tmp_path / "logs", "--out", tmp_path / "run").exit_code == 0
    assert called("report", tmp_path / "run").exit_code == 0
    shown = (tmp_path / "run" / REPORT).read_text("utf-8")
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert shown.count("<script") == shown.count("</script>") == 2


def test_goals_that_say_nothing_have_no_spread():
    assert spread([], []) is None
    assert spread(["?"] * 8, ["!"] * 8) is None
    assert spread(["find a lamp"], ["find a lamp"]) is None


def test_the_same_goals_are_spread_the_same():
    goals = [f"{act} the {thing}" for act in ("find", "order", "cancel") for thing in ("lamp", "ferry", "book", "room")]
    same = spread(goals, goals)
    assert same.divergence == 0
    assert same.covered == same.of_old
    other = spread(goals, ["play some music"] * 12)
    assert other.divergence > 0.5
    assert other.new_entropy < other.old_entropy
