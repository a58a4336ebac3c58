"""From the command to the open app, a whole `docmind ask`, and the memory of what then waits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.app import DOCMIND, PATIENCE, browser_page, drawn, environment, served
from benchmarks.processes import in_fresh_process, memory_bytes
from docmind.answering.ask import ask
from docmind.bench.corpus import fill, library_settings, sample_questions, samples_folder
from docmind.bench.report import Figure, Report, Target, median_of
from docmind.errors import DocMindError
from docmind.settings import Settings
from docmind.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

_APP_TARGET = Target("<=", 10)
_LOADED_TARGET = Target("<=", 6)
_ASK_TARGET = Target("<=", 4.5)
_MEMORY_TARGET = Target("<=", 0.7)
_SETTLED = 3.0  # after this the memory of a process that waits does not change any more
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
        with browser_page() as page:
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
    app = _App()
    started = time.perf_counter()
    with served(DOCMIND, environment(settings)) as (url, pid):
        app.answering = time.perf_counter() - started
        if page is not None:
            page.goto(url)
            drawn(page)
            app.drawn = time.perf_counter() - started
            app.saw_loading = page.get_by_text(_LOADING).count() > 0
            # The page takes the words away by itself.
            page.get_by_text(_LOADING).wait_for(state="detached", timeout=1000 * PATIENCE)
            app.loaded = time.perf_counter() - started
        time.sleep(_SETTLED)
        app.memory = memory_bytes(pid)
        if page is not None:
            page.goto("about:blank")
    return app


def _ask_once(settings: Settings, question: str) -> float:
    command = [sys.executable, "-m", "docmind.cli.main", "ask", "--json", question]
    started = time.perf_counter()
    done = subprocess.run(command, env=environment(settings), capture_output=True, timeout=PATIENCE, check=False)
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
