"""From the command to the open app, a whole `docmind ask`, and the memory of what then waits."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.processes import in_fresh_process, memory_bytes, stop_tree
from docmind.answering.ask import ask
from docmind.bench.corpus import fill, library_settings, sample_questions, samples_folder
from docmind.bench.report import Figure, Report, Target, median_of
from docmind.errors import DocMindError
from docmind.settings import Settings, process_environment
from docmind.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

_APP_TARGET = Target("<=", 10)
_LOADED_TARGET = Target("<=", 6)
_ASK_TARGET = Target("<=", 4.5)
_MEMORY_TARGET = Target("<=", 0.7)
_PATIENCE = 120.0
_SETTLED = 3.0  # after this the memory of a process that waits does not change any more
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LOADING = "Loading the models"  # what the chat page says until they are loaded
_GIB = 2**30


def bench_start(settings: Settings, rounds: int = 3) -> Report:
    """Start the app and `docmind ask` as a user does, some times each, on a library that exists already.

    Raises:
        DocMindError: a process ended early or took more than two minutes.
    """
    with tempfile.TemporaryDirectory() as folder:
        mine = library_settings(settings, Path(folder))
        with Workspace(mine) as workspace:
            chunks = fill(workspace, samples_folder())
        question = sample_questions()[0]
        with _browser_page() as page:
            apps = [_start_app(mine, page) for _ in range(rounds)]
        asks = [_ask_once(mine, question) for _ in range(rounds)]
        open_library = in_fresh_process(_memory_after_an_answer, mine, question)
    alone = "" if page else "no Chromium or playwright here: the app without a window, so without models"
    loaded = [app.loaded for app in apps if app.loaded is not None]
    unseen = "" if all(app.saw_loading for app in apps) else "the page never said that models were loading"
    return Report(
        "start",
        figures=(
            median_of("docmind to the app answering", [app.answering for app in apps], "s", _APP_TARGET),
            median_of(
                "docmind to the first page drawn", [app.drawn for app in apps if app.drawn is not None], "s",
                _APP_TARGET, note=alone,
            ),
            median_of("docmind to the models loaded", loaded, "s", _LOADED_TARGET, note=alone or unseen),
            median_of("docmind ask --json, whole process", asks, "s", _ASK_TARGET),
            median_of(
                "memory of the waiting app", [app.memory / _GIB for app in apps], "GiB", _MEMORY_TARGET, note=alone
            ),
            Figure("memory of an open library after one answer", open_library / _GIB, "GiB", _MEMORY_TARGET),
        ),
        setting={
            "library": f"the samples, {chunks} chunks",
            "memory": "the process and its children; pages they share count once where the system tells (PSS)",
        },
    )  # fmt: skip


class _App:
    """What one start of the app showed, in seconds from the command; None where no browser could look."""

    def __init__(self) -> None:
        self.answering = 0.0
        self.drawn: float | None = None
        self.loaded: float | None = None
        self.saw_loading = False
        self.memory = 0


def _start_app(settings: Settings, page: Page | None) -> _App:
    port = _free_port()
    environment = _environment(settings, DOCMIND_PORT=str(port))
    app = _App()
    started = time.perf_counter()
    command = [sys.executable, "-m", "docmind.cli.main", "--no-browser"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: _healthy(port), process)
        app.answering = time.perf_counter() - started
        if page is not None:
            page.goto(f"http://127.0.0.1:{port}")
            _drawn(page)
            app.drawn = time.perf_counter() - started
            app.saw_loading = page.get_by_text(_LOADING).count() > 0
            # The page takes the words away by itself.
            page.get_by_text(_LOADING).wait_for(state="detached", timeout=1000 * _PATIENCE)
            app.loaded = time.perf_counter() - started
        time.sleep(_SETTLED)
        app.memory = memory_bytes(process.pid)
        if page is not None:
            page.goto("about:blank")
    finally:
        stop_tree(process.pid)
        process.wait()
    return app


def _drawn(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=1000 * _PATIENCE)
    page.wait_for_selector("[data-testid='stChatInput']", timeout=1000 * _PATIENCE)


@contextmanager
def _browser_page() -> Iterator[Page | None]:
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


def _environment(settings: Settings, **more: str) -> dict[str, str]:
    """A child's environment, in which this library and these models are named."""
    return process_environment(
        DOCMIND_DATA_DIR=str(settings.data_dir), DOCMIND_MODELS_DIR=str(settings.models_path), **more
    )


def _ask_once(settings: Settings, question: str) -> float:
    command = [sys.executable, "-m", "docmind.cli.main", "ask", "--json", question]
    started = time.perf_counter()
    done = subprocess.run(command, env=_environment(settings), capture_output=True, timeout=_PATIENCE, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise DocMindError(f"`docmind ask` failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return seconds


def _memory_after_an_answer(settings: Settings, question: str) -> int:
    """The memory of this process once a library is open with every model loaded and one question answered."""
    with Workspace(settings) as workspace:
        workspace.warm_up()
        for _ in ask(workspace, question):
            pass
        time.sleep(_SETTLED)
        return memory_bytes(os.getpid())


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
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
