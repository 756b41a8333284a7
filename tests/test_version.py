"""The version stands in `agenther/__init__.py`; what else tells it, tells the same."""

import re
from pathlib import Path

import yaml

import agenther

ROOT = Path(__file__).parents[1]


def test_it_is_the_newest_of_the_changelog_and_what_is_cited():
    [version, date] = re.findall(r"(?m)^## \[(\d.*?)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))[0]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert (version, date) == (agenther.__version__, str(cited["date-released"]))
    assert cited["version"] == version
