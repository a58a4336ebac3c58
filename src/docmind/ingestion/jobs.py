"""Jobs: the queue of documents is read in a thread of its own, for whoever keeps a library open for long.

Once the queue is empty the same thread takes the library to another embedding model, where one is wanted.
"""

from __future__ import annotations

import logging
import threading
import time

from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.ingestion.ingest import drain, settle
from docmind.ingestion.recovery import describe_older, recover
from docmind.ingestion.reembedding import Filling, begin, begin_if_chosen, cancel_reembedding, reembed
from docmind.ingestion.standing import Spent, Standing, standing
from docmind.workspace import Workspace

_TICK = 0.2  # seconds between two looks whether a paused library was closed, or a document cancelled
_log = logging.getLogger(__name__)


class Ingestion:
    """Reads queued documents, one after the other, in a thread of its own.

    Attributes:
        problem: Why reading has stopped though documents wait; None where nothing is wrong.
        filling: How far another embedding model's index is; None where none is filled, or nothing is known yet.
        filling_problem: Why filling it has stopped; None where nothing is wrong.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._wake = threading.Event()
        self._wake.set()  # an earlier run may have left documents to resume
        self._going = threading.Event()
        self._going.set()
        self._done = 0
        self._spent = 0.0  # seconds on the document that is being read, up to the last batch and without pauses
        self._at = time.monotonic()  # when that was
        self._name = ""  # the document's
        self.problem: str | None = None
        self.filling: Filling | None = None
        self.filling_problem: str | None = None
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

    @property
    def wanted(self) -> str | None:
        """What names the embedding model that the library is being taken to; None where it stays with its own."""
        upcoming = self._workspace.catalog.index.next
        return upcoming.wanted if upcoming else None

    def take_up(self, embedder: str) -> None:
        """Have the library embedded anew with another model; raises what `reembedding.begin` raises."""
        begin(self._workspace, embedder)
        self.filling = self.filling_problem = None
        self.wake()

    def stay(self) -> None:
        """Stay with the embedding model in use."""
        cancel_reembedding(self._workspace)
        self.filling = self.filling_problem = None

    def standing(self) -> Standing | None:
        """How far the queue is; None where nothing waits."""
        catalog = self._workspace.catalog
        waiting = catalog.documents("reading", "queued")
        if not waiting:
            return None
        spent = Spent(self._spent, time.monotonic() - self._at)
        return standing(self._done, waiting, catalog.particulars.pace(), spent, paused=self.paused)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                with panics_caught():
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
            try:
                with panics_caught():
                    self._take_up_embedder()
            except DocMindError as error:
                if self._workspace.reader.closed:
                    return
                # Cancelled, or no model, no space: the index in use goes on answering.
                self.filling_problem = str(error) if self.wanted else None
            except Exception as error:  # noqa: BLE001 - as above
                if is_closing(error) or self._workspace.reader.closed:
                    return
                _log.exception("Embedding the library anew failed")
                self.filling_problem = "It failed unexpectedly; the terminal shows the details. Try again."

    def _drain(self) -> None:
        if not self._recovered:
            recover(self._workspace)  # once: what is unfinished later is somebody's work going on
            self._recovered = True
            describe_older(self._workspace)
        self._wait()
        self._done, self._spent, self._at = 0, 0.0, time.monotonic()
        for _ in drain(self._workspace, self._at_a_batch):
            self._done += 1
            self._wait()
            self._spent, self._at = 0.0, time.monotonic()
        if self._done:
            settle(self._workspace)

    def _take_up_embedder(self) -> None:
        """Fill the index of another embedding model, where one is wanted, until documents wait or it is in use."""
        workspace = self._workspace
        if not self._recovered or workspace.reader.closed:
            return
        begin_if_chosen(workspace)
        if self.wanted is None:
            return
        self.filling_problem = None
        for self.filling in reembed(workspace):
            self._wait()
            if workspace.reader.closed:
                return
            if self.problem is None and workspace.catalog.has("queued"):
                self._wake.set()  # what is added can be asked about before this goes on
                return
        self.filling = None

    def _at_a_batch(self, name: str, _done: int, _total: int) -> None:
        before = self._spent if name == self._name else 0.0  # one that was cancelled ends without a word
        self._name, self._spent = name, before + time.monotonic() - self._at
        self._wait(within_a_document=True)
        self._at = time.monotonic()

    def _wait(self, *, within_a_document: bool = False) -> None:
        """Wait while it is paused, unless the document is cancelled meanwhile: the next step removes it."""
        workspace = self._workspace
        while not (self._going.wait(_TICK) or workspace.reader.closed):
            if within_a_document and not workspace.catalog.has("reading"):
                return
