"""Watching: folders are kept in step in a thread of its own, for whoever keeps a library open for long.

A folder is gone through when the library is opened, a moment after something in it has changed, and every few minutes,
since changes are told by the system as far as it can. One whose changes it does not tell, or that is not there, is gone
through more often.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.ingestion.folders import keep_in_step
from docmind.storage.folders import Folder
from docmind.workspace import Workspace

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

_QUIET = 0.5  # seconds without a change after which a folder is gone through: a file is seldom written in one go
_LONGEST = 5.0  # seconds that changes which never rest are waited for
_EVERY = 300.0  # seconds between two looks at a folder where nothing was told to have changed
_EVERY_UNWATCHED = 15.0  # the same where nothing is told
_WAKES = 1.0  # seconds between two calls of `wake` while a folder is gone through
_ENDING = 5.0  # seconds that closing waits for the file that is being taken in
_CHANGES = ("created", "modified", "moved", "deleted", "closed")  # that a file is read, as by us, is told too
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """What is known of a folder since it was first seen here; times are of the monotonic clock, in seconds."""

    watch: ObservedWatch | None = None  # None where its changes are not told
    inode: int | None = None  # of what is watched: another folder may have come to its place
    looked: float | None = None
    first: float | None = None  # the first and the last change since then
    last: float = 0.0
    wanted: bool = True  # to be gone through at once

    def wait(self, now: float) -> float:
        """Seconds until it is to be gone through."""
        if self.wanted or self.looked is None:
            return 0.0
        every = _EVERY if self.watch else _EVERY_UNWATCHED
        told = min(self.last + _QUIET, self.first + _LONGEST) if self.first is not None else self.looked + every
        return max(0.0, told - now)


class Watching:
    """Keeps all folders of the catalogue in step until it is closed.

    Attributes:
        looking_at: The number of the folder that is being gone through; None where none is.
    """

    def __init__(self, workspace: Workspace, wake: Callable[[], None]) -> None:
        """Begin.

        Args:
            workspace: The open library.
            wake: Called when there is something to read.
        """
        self._workspace = workspace
        self._wake = wake
        self._told = threading.Condition()
        self._watched: dict[int, _Watched] = {}
        self._closed = False
        self._asked = False  # to look for folders that are new
        self._observer: BaseObserver | None = None
        self._woken = 0.0
        self.looking_at: int | None = None
        self._thread = threading.Thread(target=self._run, name="folders", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Go through all folders at once, those among them that were just added."""
        with self._told:
            self._asked = True
            for watched in self._watched.values():
                watched.wanted = True
            self._told.notify()

    def is_told(self, folder_id: int) -> bool | None:
        """Whether the system tells what changes in a folder; None as long as that was not tried."""
        watched = self._watched.get(folder_id)
        return None if watched is None or watched.looked is None else watched.watch is not None

    def close(self) -> None:
        """Watch no longer; a look under way ends with the file that it is at."""
        with self._told:
            self._closed = True
            self._told.notify()
        if self._observer:
            self._observer.stop()
        self._thread.join(_ENDING)

    def _run(self) -> None:
        while not self._closed:
            try:
                with panics_caught():
                    self._round()
            except DocMindError as error:
                if self._closed or self._workspace.reader.closed:
                    return
                _log.warning("Folders could not be kept in step: %s", error)  # tried again by the next look
            except Exception as error:  # noqa: BLE001 - the only thread that does so: nothing may end it in silence
                if is_closing(error) or self._closed:
                    return
                _log.exception("Folders could not be kept in step")
            with self._told:
                now = time.monotonic()
                waits = [watched.wait(now) for watched in self._watched.values()]
                if not self._closed and not self._asked:
                    # That a folder itself was moved away is not told.
                    self._told.wait(max(0.05, min(_EVERY_UNWATCHED, *waits)) if waits else None)

    def _round(self) -> None:
        """Go through every folder whose time has come."""
        self._asked = False
        folders = self._workspace.catalog.folders.all()
        for folder_id in self._watched.keys() - {folder.id for folder in folders}:
            with self._told:
                removed = self._watched.pop(folder_id)
            self._let_go(removed)
        for folder in folders:
            with self._told:
                watched = self._watched.setdefault(folder.id, _Watched())
                watched.wanted = watched.wanted or (watched.watch is not None and watched.inode != _inode(folder))
                due = watched.wait(time.monotonic()) == 0.0
                if due:  # what is told from here on is another change
                    watched.wanted, watched.looked, watched.first = False, time.monotonic(), None
            if due and not self._closed:
                self._watch(folder, watched)  # before it is gone through, so that nothing changes in between
                self._go_through(folder, watched)

    def _go_through(self, folder: Folder, watched: _Watched) -> None:
        self.looking_at = folder.id
        try:
            looked = keep_in_step(self._workspace, folder, lambda: self._goes_on(folder))
            if looked.done:
                self._wake()
            if looked.again:
                self._tell(watched)
        finally:
            self.looking_at = None

    def _goes_on(self, folder: Folder) -> bool:
        if time.monotonic() - self._woken >= _WAKES and self._workspace.catalog.has("queued"):
            self._woken = time.monotonic()
            self._wake()  # what is queued already is read meanwhile
        return not self._closed and self._workspace.catalog.folders.is_kept(folder.id)

    def _watch(self, folder: Folder, watched: _Watched) -> None:
        """Have the system tell what changes in a folder, unless it does."""
        inode = _inode(folder)
        if watched.watch and watched.inode == inode:
            return
        self._let_go(watched)
        try:
            from watchdog.observers import Observer  # noqa: PLC0415 - takes a tenth of a second, and few have folders

            if self._observer is None:
                self._observer = Observer()
                self._observer.start()
            watched.watch = self._observer.schedule(_telling(self._tell, watched), str(folder.path), recursive=True)
            watched.inode = inode
        except OSError as error:
            _log.info("What changes in %s is not told (%s).", folder.path, error)

    def _let_go(self, watched: _Watched) -> None:
        # Called without `_told`: whoever tells of a change holds a lock of the observer's, which this waits for.
        if watched.watch and self._observer:
            self._observer.unschedule(watched.watch)
        watched.watch = None

    def _tell(self, watched: _Watched) -> None:
        with self._told:
            watched.last = time.monotonic()
            watched.first = watched.first or watched.last
            self._told.notify()


def _inode(folder: Folder) -> int | None:
    """Which folder it is that is at its place; None where none is."""
    try:
        return folder.path.stat().st_ino
    except OSError:
        return None


def _telling(tell: Callable[[_Watched], None], watched: _Watched) -> Any:
    """What the system's word of a change is passed on by."""
    from watchdog.events import FileSystemEventHandler  # noqa: PLC0415 - as above

    class Telling(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in _CHANGES:
                tell(watched)

    return Telling()
