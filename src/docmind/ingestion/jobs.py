"""Jobs: the queue of documents is read in a thread of its own, for whoever keeps a library open for long."""

from __future__ import annotations

import logging
import threading

from docmind.errors import DocMindError, is_closing
from docmind.ingestion.ingest import drain, settle
from docmind.ingestion.recovery import describe_older, recover
from docmind.ingestion.standing import Standing, standing
from docmind.workspace import Workspace

_TICK = 0.2  # seconds between two looks whether a paused library was closed, or a document cancelled
_log = logging.getLogger(__name__)


class Ingestion:
    """Reads queued documents, one after the other, in a thread of its own.

    Attributes:
        problem: Why reading has stopped though documents wait; None where nothing is wrong.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._wake = threading.Event()
        self._wake.set()  # an earlier run may have left documents to resume
        self._going = threading.Event()
        self._going.set()
        self._done = 0
        self.problem: str | None = None
        self._recovered = False
        threading.Thread(target=self._run, name="ingestion", daemon=True).start()

    @property
    def paused(self) -> bool:
        """Whether the user has paused it."""
        return not self._going.is_set()

    def wake(self) -> None:
        """There is something to read, or the last problem was mended."""
        self._wake.set()

    def pause(self) -> None:
        """Read on only after `resume`; the document being read keeps what there is of it, hidden."""
        self._going.clear()

    def resume(self) -> None:
        """Read on after `pause`."""
        self._going.set()

    def standing(self) -> Standing | None:
        """How far the queue is; None where nothing waits."""
        catalog = self._workspace.catalog
        waiting = catalog.documents("reading", "queued")
        return standing(self._done, waiting, catalog.particulars.pace(), paused=self.paused) if waiting else None

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._drain()
                self.problem = None
            except DocMindError as error:
                # Not the document's fault (no model, no space): the queue stays, and the page says what to do.
                self.problem = str(error)
            except Exception as error:  # noqa: BLE001 - the only thread that reads: nothing may end it in silence
                if is_closing(error):
                    return
                _log.exception("Reading documents failed")
                self.problem = "Reading documents failed unexpectedly; the terminal shows the details. Try again."

    def _drain(self) -> None:
        if not self._recovered:
            recover(self._workspace)  # once: what is unfinished later is somebody's work going on
            self._recovered = True
            describe_older(self._workspace)
        self._wait()
        self._done = 0
        for _ in drain(self._workspace, self._at_a_batch):
            self._done += 1
            self._wait()
        if self._done:
            settle(self._workspace)

    def _at_a_batch(self, _name: str, _done: int, _total: int) -> None:
        self._wait(within_a_document=True)

    def _wait(self, *, within_a_document: bool = False) -> None:
        """Wait while it is paused, unless the document is cancelled meanwhile: the next step removes it."""
        workspace = self._workspace
        while not (self._going.wait(_TICK) or workspace.reader.closed):
            if within_a_document and not workspace.catalog.has("reading"):
                return
