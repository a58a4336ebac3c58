"""Folders kept in step: what a look at many files takes, and how soon a change is seen. No model is needed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from docmind.bench.corpus import library_settings
from docmind.bench.report import Figure, Report, Target, median_of
from docmind.ingestion.folders import add_folder, keep_in_step
from docmind.ingestion.watching import Watching
from docmind.settings import Settings
from docmind.storage.folders import Folder
from docmind.workspace import Workspace

_SEEN, _AGAIN = Target("<=", 2.0), Target("<=", 10.0)
_PER_FOLDER = 100
_PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: tiny files in the folder, and changes to it."""

    files: int = 10_000
    changes: int = 7


def bench_folders(settings: Settings, size: Size | None = None) -> Report:
    """Take a folder of tiny files in, look at it again, then change it while it is watched."""
    size = size or Size()
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "notes"
        for number in range(size.files):
            file = path / f"{number // _PER_FOLDER}" / f"note-{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"Note {number}.", encoding="utf-8")
        time.sleep(2.5)  # files that were written just now are looked into twice
        mine = library_settings(settings, Path(place) / "library")
        with Workspace(mine.model_copy(update={"engine": "extractive", "embedder": "hash"})) as workspace:
            folder = add_folder(workspace, path)
            first = _seconds(lambda: keep_in_step(workspace, folder))
            again = _seconds(lambda: keep_in_step(workspace, _same(workspace)))
            seen = _changes(workspace, path, size.changes)
    return Report(
        "folders",
        figures=(
            Figure("the first look: all are copied and queued", first, "s"),
            Figure("a look where nothing has changed", again, "s", _AGAIN),
            median_of("from a change to the document that waits", seen, "s", _SEEN, of="changes"),
        ),
        setting={"folder": f"{size.files:,} files of a few bytes, {_PER_FOLDER} in each subfolder"},
    )


def _same(workspace: Workspace) -> Folder:
    (folder,) = workspace.catalog.folders.all()
    return folder


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _changes(workspace: Workspace, path: Path, changes: int) -> list[float]:
    """Seconds from writing a file to its being in the queue, a few times, while the folder is watched."""
    watching = Watching(workspace, lambda: None)
    seconds = []
    try:
        _wait(lambda: watching.is_told(_same(workspace).id) is True and watching.looking_at is None)
        for change in range(changes):
            before = _queued(workspace)
            started = time.perf_counter()
            (path / "0" / f"new-{change}.txt").write_text(f"A new note, number {change}.", encoding="utf-8")
            _wait(partial(_is_more, workspace, before))
            seconds.append(time.perf_counter() - started)
            time.sleep(1.0)
    finally:
        watching.close()
    return seconds


def _queued(workspace: Workspace) -> int:
    return int(workspace.catalog.database.run("SELECT COUNT(*) AS number FROM document")[0]["number"])


def _is_more(workspace: Workspace, before: int) -> bool:
    return _queued(workspace) > before


def _wait(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("The change was not seen.")
        time.sleep(0.02)
