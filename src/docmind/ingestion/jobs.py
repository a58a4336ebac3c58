"""Jobs: the queue of documents is read in a thread of its own, for whoever keeps a library open for long."""

from __future__ import annotations

import logging
import threading

from docmind.errors import DocMindError, is_closing
from docmind.ingestion.ingest import drain, settle
from docmind.ingestion.recovery import recover
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)


class Ingestion:
    """Reads queued documents, one after the other, in a thread of its own."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._wake = threading.Event()
        self._wake.set()  # an earlier run may have left documents to resume
        self.problem: str | None = None
        self._recovered = False
        threading.Thread(target=self._run, name="ingestion", daemon=True).start()

    def wake(self) -> None:
        """There is something to read, or the last problem was mended."""
        self._wake.set()

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
        if list(drain(self._workspace)):
            settle(self._workspace)
