"""The real app, windows of a real Chromium, and pictures of them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, expect

from docmind.environment import process_environment

REPOSITORY = Path(__file__).resolve().parents[2]
# What is looked at after a run; git ignores it.
SCREENSHOTS = REPOSITORY / "artifacts" / "screenshots"

_PATIENCE = 60_000  # milliseconds; a machine with two cores loads models meanwhile
expect.set_options(timeout=_PATIENCE)


@dataclass
class App:
    """A running app over a library of its own."""

    data_dir: Path
    models_dir: Path
    port: int
    options: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says on its standard error."""
        return self.data_dir.parent / "app.log"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = process_environment(
            DOCMIND_DATA_DIR=str(self.data_dir),
            DOCMIND_PORT=str(self.port),
            **{"DOCMIND_MODELS_DIR": str(self.models_dir), **self.options},
        )
        command = [sys.executable, "-m", "docmind.cli.main", "--no-browser"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, start_new_session=True, stderr=log)
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):  # noqa: S310 - our own loopback address
                    return
            except OSError:  # not open yet, or too busy to answer within the second
                time.sleep(0.1)
        raise AssertionError("the app did not start")

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)


@contextmanager
def running_apps(folder: Path, models_dir: Path) -> Iterator[Callable[..., App]]:
    """Starts apps over a library in a folder; all are stopped in the end."""
    started: list[App] = []

    def start(**options: str) -> App:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        app = App(folder / "data", models_dir, port, options)
        started.append(app)
        app.start()
        return app

    yield start
    for app in started:
        if app.process and app.process.poll() is None:
            app.stop()
        sys.stderr.write(app.log.read_text(encoding="utf-8"))  # which pytest shows where a test fails


@contextmanager
def window(browser: Browser) -> Iterator[Page]:
    """A window. When it is closed, it must have asked nobody but this machine for anything."""
    strangers: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(("http", "ws")) and not request.url.split("/")[2].startswith("127.0.0.1:"):
            strangers.append(request.url)

    context = browser.new_context(viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    opened.on("request", note)
    opened.set_default_timeout(_PATIENCE)
    yield opened
    context.close()
    assert strangers == []


def ask(page: Page, question: str) -> Locator:
    """Ask a question in the chat; its turn, which the answer's follows."""
    box = page.get_by_placeholder("Ask about your documents")
    expect(box).to_be_enabled()
    box.fill(question)
    box.press("Enter")
    turn = page.get_by_test_id("stChatMessage").filter(has_text=question).last
    expect(turn).to_be_visible()
    return turn


def take_picture(page: Page, name: str) -> Path:
    """Keep a screenshot to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(200)  # what has just arrived is drawn
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, animations="disabled")  # transitions would be caught half-way
    return path


def findings(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    page.wait_for_timeout(500)
    page.wait_for_function("!document.querySelector('[data-stale=true]')")  # what is drawn anew is faded meanwhile
    violations = Axe().run(page).response["violations"]
    return [
        f"{item['impact']} {item['id']}: {node['html'][:200]}"
        for item in violations
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]
