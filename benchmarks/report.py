"""How large is the report of many samples, and how long does a browser take to open and to search it?

    python benchmarks/report.py [--samples 10000] [--browser /usr/bin/chromium]

The samples are those of `data/`, over and over under other ids. Time is that from the call to a table that is drawn, in
headless Chromium; of searching, from a letter to the drawn table.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from agenther.pages.counting import facts
from agenther.pages.facts import Facts
from agenther.pages.index import write

DATA = Path(__file__).parents[1] / "data"
TIMES = 5


def many(found: Facts, samples: int) -> Facts:
    made = islice(cycle(found.samples), samples)
    lost = islice(cycle(found.losses), samples)
    return found.model_copy(
        update={
            "samples": tuple(
                one.model_copy(update={"id": f"{one.id}-{n}", "goal": f"{one.goal} ({n})"})
                for n, one in enumerate(made)
            ),
            "losses": tuple(lost),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        subprocess.run([sys.executable, "-m", "agenther", "run", DATA, "--out", run], check=True, capture_output=True)
        path = write(run, "many", many(facts(run), chosen.samples), None)
        print(f"{chosen.samples} samples and as many rejections: {path.stat().st_size / 1e6:.1f} MB")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chosen.browser, args=["--no-sandbox"])
            opened, searched = zip(*(once(browser, path) for _ in range(TIMES)), strict=True)
            browser.close()
        print(f"opened in {statistics.median(opened):.2f} s, searched in {statistics.median(searched):.2f} s (medians)")


def once(browser: Browser, path: Path) -> tuple[float, float]:
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.locator("table.rows tbody tr").first.wait_for()
    opened = time.perf_counter()
    page.get_by_label("Search").fill("(4321)")
    page.locator("output", has_text="1 of").wait_for()
    done = time.perf_counter()
    page.close()
    return opened - start, done - opened


if __name__ == "__main__":
    main()
