"""Watching folders: what changes in them is told by the system, and found without it too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docmind.ingestion import watching as watching_module
from docmind.ingestion.folders import add_folder
from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.watching import Watching
from docmind.workspace import Workspace

PATIENCE = 30  # seconds


@pytest.fixture
def watching(plain_workspace: Workspace) -> Iterator[Watching]:
    """With a thread that reads what it queues."""
    started = Watching(plain_workspace, Ingestion(plain_workspace).wake)
    yield started
    started.close()


def names(workspace: Workspace) -> set[str]:
    return {document.name for document in workspace.catalog.documents("ready")}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_what_happens_in_a_folder_is_so_in_the_library_without_a_word(
    plain_workspace: Workspace, watching: Watching, tmp_path: Path
) -> None:
    flats = tmp_path / "Flats"
    flats.mkdir()
    (flats / "lease.txt").write_text("The rent is 900 pounds.", encoding="utf-8")
    folder = add_folder(plain_workspace, flats)
    watching.look()
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt"})
    assert watching.is_told(folder.id)
    (flats / "rules").mkdir()
    (flats / "rules" / "dogs.txt").write_text("Dogs are not allowed.", encoding="utf-8")
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt", "Flats/rules/dogs.txt"})
    (flats / "rules" / "dogs.txt").rename(flats / "dogs.txt")
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt", "Flats/dogs.txt"})
    (flats / "lease.txt").unlink()
    wait_until(lambda: names(plain_workspace) == {"Flats/dogs.txt"})

    # Looking reads the files, which must not be told as a change: it would look without end.
    time.sleep(1.5)  # what was told late
    looked = plain_workspace.catalog.folders.all()[0].looked
    time.sleep(1.5)
    assert plain_workspace.catalog.folders.all()[0].looked == looked

    plain_workspace.catalog.folders.remove(folder.id)
    watching.look()
    wait_until(lambda: not watching.is_told(folder.id))
    (flats / "late.txt").write_text("Too late.", encoding="utf-8")
    time.sleep(1.5)
    assert names(plain_workspace) == {"Flats/dogs.txt"}


def test_a_folder_that_comes_back_is_watched_again(
    plain_workspace: Workspace, watching: Watching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching_module, "_EVERY_UNWATCHED", 0.3)
    flats = tmp_path / "Flats"
    flats.mkdir()
    (flats / "lease.txt").write_text("The rent is 900 pounds.", encoding="utf-8")
    folder = add_folder(plain_workspace, flats)
    watching.look()
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt"})
    assert watching.is_told(folder.id)
    flats.rename(tmp_path / "away")
    wait_until(lambda: plain_workspace.catalog.folders.all()[0].problem is not None)
    assert not watching.is_told(folder.id)
    assert names(plain_workspace) == {"Flats/lease.txt"}
    (tmp_path / "away").rename(flats)
    wait_until(lambda: watching.is_told(folder.id) and plain_workspace.catalog.folders.all()[0].problem is None)
    (flats / "dogs.txt").write_text("Dogs are not allowed.", encoding="utf-8")
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt", "Flats/dogs.txt"})


def test_a_folder_whose_changes_are_not_told_is_looked_at_now_and_then(
    plain_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.Observer.schedule", refused)
    monkeypatch.setattr(watching_module, "_EVERY_UNWATCHED", 0.3)
    flats = tmp_path / "Flats"
    flats.mkdir()
    folder = add_folder(plain_workspace, flats)
    watching = Watching(plain_workspace, Ingestion(plain_workspace).wake)
    (flats / "lease.txt").write_text("The rent is 900 pounds.", encoding="utf-8")
    wait_until(lambda: names(plain_workspace) == {"Flats/lease.txt"})
    assert not watching.is_told(folder.id)
    watching.close()
