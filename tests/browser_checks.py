"""What axe-core finds wrong with a page."""

import pytest


def problems(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = axe.run(page, options=rules).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]
