"""What the README shows of a run is what a run gives."""

from pathlib import Path

from folders import by_rules, done, rows

ROOT = Path(__file__).parents[1]


def test_the_example_before_and_after(tmp_path):
    done(ROOT / "data" / "toolbench", tmp_path / "out", by_rules())
    shown = (ROOT / "README.md").read_text("utf-8").partition("## One run, before and after")[2].partition("\n## ")[0]
    [sample] = [one for one in rows(tmp_path / "out/samples.jsonl") if f"| goal | {one['goal']} |" in shown]
    assert f"the answer: {sample['answer']} |" in shown
    assert f"> {sample['original_goal']}\n" in shown
    assert f"| weight | {sample['weight']:.2f}:" in shown
