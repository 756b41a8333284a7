"""The report and the pages of runs in a real browser: by keyboard, on a phone, in the dark, and with hostile logs."""

import json

import pytest
from browser_checks import problems
from processes import called

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>x</a>"


def rows(page):
    return page.locator("table.rows tbody tr")


def test_filtered_by_words_and_by_reason(reported, opened):
    page = opened((reported / "report" / "index.html").as_uri())
    everything = rows(page).count()
    assert everything > 3
    page.get_by_label("Search").fill("harbour Skallvik")
    assert rows(page).count() == 1
    assert "Skallvik" in rows(page).first.inner_text()
    page.reload()
    assert rows(page).count() == 1, "the address holds what was chosen"
    page.locator("[data-reason]").first.click()
    assert page.get_by_label("Show").input_value() == "losses"
    assert page.get_by_label("Reason").input_value()


def test_sorted_by_keyboard_alone(reported, opened):
    page = opened((reported / "report" / "index.html").as_uri())
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "steps":
            break
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=ascending]").inner_text() == "steps ↑"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_from_the_table_to_the_run_and_to_the_words_that_prove_it(reported, opened):
    page = opened((reported / "report" / "index.html").as_uri())
    rows(page).first.locator("a").click()
    page.wait_for_load_state()
    assert "/runs/" in page.url
    claim = page.locator(".claims a").first
    quote = claim.inner_text().split("“")[1].strip("”")
    claim.click()
    marked = page.locator(":target + mark")
    assert marked.first.inner_text() in quote
    page.get_by_role("link", name="report").click()
    page.wait_for_load_state()
    assert rows(page).count() > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_page_for_everybody(reported, opened, size, scheme):
    some = sorted((reported / "report" / "runs").iterdir())
    dialogue = next(path for path in some if "tau-bench" in path.name)
    for path in (reported / "report" / "index.html", some[0], dialogue):
        page = opened(path.as_uri(), size, scheme)
        assert problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_logs_are_shown_as_text(tmp_path, opened):
    log = {
        "messages": [
            {"role": "user", "content": f"{HOSTILE} Find the ferry to Skell and book it."},
            {
                "role": "assistant",
                "content": HOSTILE,
                "tool_calls": [{"id": "a", "function": {"name": "ferry", "arguments": json.dumps({"to": HOSTILE})}}],
            },
            {"role": "tool", "tool_call_id": "a", "content": HOSTILE},
        ],
        "success": False,
    }
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_text(json.dumps(log), "utf-8")
    called("run", tmp_path / "logs", "--out", tmp_path / "run")
    called("report", tmp_path / "run", "--all")
    for path in (tmp_path / "run" / "report").rglob("*.html"):
        page = opened(path.as_uri())
        page.wait_for_timeout(200)
        assert page.locator("img, a[href^=javascript]").count() == 0
        assert page.locator("script:not([type])").count() == (path.name == "index.html")
    assert "<script>alert(1)</script>" in page.inner_text("main")
