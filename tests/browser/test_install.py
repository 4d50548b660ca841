"""Chromium finds the manifest without errors and could install the page."""

from __future__ import annotations

import json

from tests.browser.conftest import Open


def test_the_page_can_be_installed(open_pad: Open, server: str) -> None:
    page = open_pad().page
    cdp = page.context.new_cdp_session(page)
    found = cdp.send("Page.getAppManifest")
    assert found["url"] == f"{server}manifest.json"
    assert found["errors"] == []
    assert json.loads(found["data"])["short_name"] == "Sketchpad"
    # A context of Playwright's is private, and says so; nothing else may be wrong.
    errors = cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in errors} <= {"in-incognito"}
    icons = page.locator('link[rel~="icon"], link[rel="apple-touch-icon"]')
    statuses = icons.evaluate_all(
        "all => Promise.all(all.map(async ({ href }) => (await fetch(href)).status))"
    )
    assert statuses == [200, 200, 200]
