"""The page to rate on, in a real browser: by keyboard alone, kept over a reload, in two tabs, and for everybody."""

import json
import shutil
import signal
import subprocess
import sys

import pytest
from browser_checks import problems


@pytest.fixture
def folder(reported, tmp_path):
    """A copy of the run folder, to be rated anew."""
    return shutil.copytree(reported, tmp_path / "run")


@pytest.fixture
def served(folder):
    """A function that serves the page for a rater, and tells where it is."""
    servers = []

    def serving(*words):
        made = [sys.executable, "-m", "agenther", "review", str(folder), *words]
        server = subprocess.Popen(made, stdout=subprocess.PIPE, text=True)
        servers.append(server)
        return server.stdout.readline().split()[-1]

    yield serving
    for server in servers:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
        server.stdout.close()


def kept(folder):
    path = folder / "ratings.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def pressed(page):
    return page.eval_on_selector_all("[aria-pressed=true]", "found => found.length")


def saved(page, key):
    page.keyboard.press(key)
    page.locator("#status", has_text="Saved").wait_for()


def test_rated_by_keyboard_and_kept_over_a_reload(folder, served, opened):
    page = opened(served("--rater", "ada"))
    saved(page, "v")
    assert pressed(page) == 1
    page.reload()
    assert pressed(page) == 1
    assert kept(folder)[-1]["valid"] == "yes"
    assert kept(folder)[-1]["rater"] == "ada"
    page.keyboard.press("m")
    page.keyboard.type("a note; i v x")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_url("**/2")
    assert kept(folder)[-1]["note"] == "a note; i v x", "letters of a note are no keys"
    saved(page, "i")
    page.keyboard.press("z")
    page.locator("[aria-pressed=true]").first.wait_for(state="detached")
    assert kept(folder)[-1]["valid"] is None, "what is taken back stays written"


def test_it_goes_on_at_the_first_that_is_not_rated(folder, served, opened):
    address = served("--rater", "ada", "--near-misses", "0")
    page = opened(address)
    for number in (2, 3):
        saved(page, "v")
        page.keyboard.press("j")
        page.wait_for_url(f"**/{number}")
    assert opened(address).url.endswith("/3")


def test_two_tabs_lose_nothing(folder, served, opened):
    address = served("--rater", "ada")
    one, other = opened(address + "1"), opened(address + "2")
    saved(one, "v")
    saved(other, "i")
    saved(one, "n")
    last = {line["item"]: line for line in kept(folder)}
    assert sorted(line["valid"] for line in last.values()) == ["no", "yes"]
    assert [line["natural"] for line in last.values() if line["valid"] == "yes"] == ["yes"]


def test_the_failed_goal_is_hidden_until_it_is_asked_for(reported, served, opened):
    page = opened(served("--near-misses", "0"))
    sample = json.loads((reported / "samples.jsonl").read_text("utf-8").splitlines()[0])
    shown = page.inner_text("main")
    old = [json.loads(line)["original_goal"] for line in (reported / "samples.jsonl").read_text("utf-8").splitlines()]
    assert sample["goal"]
    assert not any(goal in shown for goal in old)
    page.keyboard.press("h")
    page.wait_for_timeout(200)
    assert any(goal in page.inner_text("main") for goal in old)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_page_for_everybody(served, opened, size, scheme):
    page = opened(served(), size, scheme)
    assert problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_its_token_nothing_is_shown(served, opened):
    address = served()
    base = "/".join(address.split("/")[:3])
    page = opened(address)
    assert page.context.request.get(base).status in {403, 404}
    assert page.context.request.get(address).status == 200
