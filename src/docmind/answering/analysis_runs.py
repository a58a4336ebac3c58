"""Analysis runs: an analysis is made in a thread of its own, which the app's pages watch, and is kept when finished."""

from __future__ import annotations

import logging
import threading
import time

from docmind.answering.analyse import analyse
from docmind.answering.whole.analysis import Analysis, Planned, Progress, Stopped
from docmind.answering.whole.request import Request
from docmind.answering.whole.stored import to_stored
from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)
_UNEXPECTED = "The analysis failed unexpectedly; the terminal shows the details. Try again."


class AnalysisRun:
    """One analysis being made.

    Attributes:
        request: What was asked.
        began: When, by `time.monotonic`.
        planned: How the documents are read and how long that takes; None until that is known.
        progress: What is being done.
        problem: Why it failed; '' where it did not.
        result: The id under which the finished analysis is kept; None until then.
        shown: Whether a page has opened it.
        ended: Set once it is finished, failed or stopped.
    """

    def __init__(self, workspace: Workspace, request: Request) -> None:
        self._workspace = workspace
        self._stop = threading.Event()
        self.request = request
        self.began = time.monotonic()
        self.planned: Planned | None = None
        self.progress = Progress("Reading the documents", 0, 1)
        self.problem = ""
        self.result: str | None = None
        self.shown = False
        self.ended = threading.Event()
        threading.Thread(target=self._run, name="analysis", daemon=True).start()

    @property
    def stopping(self) -> bool:
        """Whether the user has ended it; it may take another moment."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End it; what was written until then is kept for the next run."""
        self._stop.set()

    def _run(self) -> None:
        try:
            with panics_caught():
                for event in analyse(self._workspace, self.request, self._stop.is_set):
                    match event:
                        case Planned():
                            self.planned = event
                        case Progress():
                            self.progress = event
                        case Analysis():
                            self._keep(event)
                        case Stopped():
                            pass
        except DocMindError as error:
            self.problem = str(error)
        except Exception as error:  # noqa: BLE001 - the page waits for the end, and would wait forever
            if not is_closing(error):
                _log.exception("The analysis failed")
            self.problem = _UNEXPECTED
        finally:
            self.ended.set()

    def _keep(self, analysis: Analysis) -> None:
        ids = [document.id for document in analysis.documents]
        kept = self._workspace.catalog.analyses.add(analysis.title, to_stored(analysis), ids)
        if kept is None:
            self.problem = "A document was removed or replaced meanwhile. Choose the documents again."
        else:
            self.result = kept.id
