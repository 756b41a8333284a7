"""A real Chromium, headless. It is the system's: AGENTHER_BROWSER names it where it must be there, as in CI."""

import os
import shutil
from pathlib import Path

import pytest
from processes import called

DATA = Path(__file__).parents[2] / "data"
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def chromium():
    """For one file of tests: while its driver is there, no other test of this process could run a loop of its own."""
    named = os.environ.get("AGENTHER_BROWSER")
    found = shutil.which(named or "chromium") or shutil.which("chromium-browser")
    if not found and not named:
        pytest.skip("there is no Chromium")
    assert found, f"AGENTHER_BROWSER names {named}, which is not there"
    sync_api = pytest.importorskip("playwright.sync_api") if not named else __import__("playwright.sync_api").sync_api
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Seen:
    """A page, and what went wrong in it: words on the console, errors, requests that leave this machine."""

    def __init__(self, page):
        self.page = page
        self.wrong = []
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._request(request.url))

    def _dialog(self, dialog):
        self.wrong.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url):
        if not url.startswith(("file:", "data:", "http://127.0.0.1:")):
            self.wrong.append(f"a request to {url}")


@pytest.fixture
def opened(chromium):
    """A function that opens an address in a window of its own; at the end nothing must have gone wrong in any."""
    contexts, all_seen = [], []

    def opening(address, size="wide", scheme="light"):
        context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme)
        context.set_default_timeout(10_000)
        contexts.append(context)
        seen = Seen(context.new_page())
        all_seen.append(seen)
        seen.page.goto(address)
        return seen.page

    yield opening
    for context in contexts:
        context.close()
    assert [wrong for seen in all_seen for wrong in seen.wrong] == []


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """A run folder of our sample logs, with its report and all pages."""
    out = tmp_path_factory.mktemp("browser") / "run"
    called("run", DATA, "--out", out)
    called("report", out, "--all")
    return out
