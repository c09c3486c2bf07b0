"""The real browser that the tests of all pages share: where it is found, and how it is started."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium: the system's, or else playwright's own. Where there is none, the test fails and says what to do."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        if found is None and not shutil.which(playwright.chromium.executable_path):
            pytest.fail(f"this needs a browser: run scripts/browser, or install one of {', '.join(NAMES)}")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()
