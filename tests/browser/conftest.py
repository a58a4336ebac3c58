"""The real app in a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from running import App, running_apps, take_picture, window

# Without these Chromium asks its maker's servers for updates at every start.
_QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
_CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture
def start_app(tmp_path: Path, models_dir: Path) -> Iterator[Callable[..., App]]:
    """Starts apps; all are stopped in the end."""
    with running_apps(tmp_path, models_dir) as start:
        yield start


# Not for the whole session: Playwright keeps an event loop running, which other tests need for themselves.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        # Run as root, as in a container, Chromium cannot make its own sandbox.
        opened = playwright.chromium.launch(executable_path=_CHROMIUM, args=_QUIET, chromium_sandbox=False)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own for each test."""
    with window(browser) as opened:
        yield opened


@pytest.fixture
def picture(page: Page) -> Callable[[str], Path]:
    """Keeps a screenshot to be looked at."""
    return partial(take_picture, page)
