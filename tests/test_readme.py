"""What the README shows of a run is what a run gives, it is short, and its links lead somewhere."""

import re
from pathlib import Path

from folders import by_rules, done, rows

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_example_before_and_after(tmp_path):
    done(ROOT / "data" / "toolbench", tmp_path / "out", by_rules())
    shown = README.partition("## One run, before and after")[2].partition("\n## ")[0]
    [sample] = [one for one in rows(tmp_path / "out/samples.jsonl") if f"| goal | {one['goal']} |" in shown]
    assert f"the answer: {sample['answer']} |" in shown
    assert f"> {sample['original_goal']}\n" in shown
    assert f"| weight | {sample['weight']:.2f}:" in shown
    picture = re.sub(r"<[^>]+>|\s+", " ", (ROOT / "docs/images/before_after.svg").read_text("utf-8"))
    drawn = re.sub(r"\s+", " ", picture)
    assert sample["goal"] in drawn
    assert re.search(rf"weight\s+{sample['weight']:.2f}:", drawn)
    assert all(word in drawn for word in sample["answer"].split())


def test_it_is_read_in_a_few_minutes():
    assert len(README.split()) <= 900


def test_its_links_lead_somewhere():
    places = [place for place in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in place]
    assert len(places) > 20
    for place in places:
        path, _, part = place.partition("#")
        text = (ROOT / path).read_text("utf-8") if path else README
        assert not part or part in {anchor(heading) for heading in re.findall(r"(?m)^#+ (.+)$", text)}, place


def anchor(heading: str) -> str:
    """Of a heading, as GitHub and MkDocs make it."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))
