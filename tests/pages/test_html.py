"""Pages: whatever a log holds is text in them, and they name what may run."""

import re

from markupsafe import Markup

from agenther.pages.html import asset, page


def test_a_page_without_a_script_lets_none_run():
    made = page("base.html", script=None)
    assert "Content-Security-Policy" in made
    assert "script-src 'none'" in Markup(made).unescape()


def test_nothing_of_ours_fetches_anything():
    for name in ("style.css", "base.html"):
        assert not re.search(r"https?:|url\(|@import", asset(name))
