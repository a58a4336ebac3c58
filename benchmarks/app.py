"""The app as a user starts it, and a page of the system's Chromium to look at it with."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.processes import stop_tree
from docmind.environment import process_environment
from docmind.errors import DocMindError
from docmind.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 120.0
"""Seconds that anything may take."""
DOCMIND = (sys.executable, "-m", "docmind.cli.main", "--no-browser")
"""The command that starts the app, for a window that is opened by hand."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """A child's environment, in which this library and these models are named."""
    return process_environment(
        DOCMIND_DATA_DIR=str(settings.data_dir), DOCMIND_MODELS_DIR=str(settings.models_path), **more
    )


@contextmanager
def browser_page() -> Iterator[Page | None]:
    """A page of the system's Chromium, opened before anything is timed; None where there is none."""
    executable = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - comes with the `dev` extra only
    except ImportError:
        executable = None
    if executable is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        try:
            yield browser.new_page()
        finally:
            browser.close()


@contextmanager
def page_needed() -> Iterator[Page]:
    """The same for what is of no use without one.

    Raises:
        DocMindError: there is no Chromium or playwright here.
    """
    with browser_page() as page:
        if page is None:
            raise DocMindError("There is no Chromium or playwright here. Install both: docs/benchmarks/first.md.")
        page.set_default_timeout(1000 * PATIENCE)
        yield page


def settled(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=1000 * PATIENCE)


def drawn(page: Page) -> None:
    """Wait until the chat's script has run to its end."""
    settled(page)
    page.wait_for_selector("[data-testid='stChatInput']", timeout=1000 * PATIENCE)


@contextmanager
def served(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """An app of Streamlit's, DocMind or another, from when it answers; its address and its process's number.

    Args:
        command: What starts it.
        variables: Its environment, to which a free port is added.

    Raises:
        DocMindError: the process ended, or it took too long.
    """
    port = _free_port()
    process = subprocess.Popen(
        command,
        env={**variables, "DOCMIND_PORT": str(port), "STREAMLIT_SERVER_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(partial(_healthy, port), process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        stop_tree(process.pid)
        process.wait()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DocMindError("The app did not start. Run `docmind doctor`.")
        time.sleep(0.02)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().read() == b"ok"
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
