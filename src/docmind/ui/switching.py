"""Opening another model, in a thread that the pages watch."""

from __future__ import annotations

import logging
import threading
import time

from docmind.errors import DocMindError, is_closing
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)


class Switching:
    """Opening another model, in a thread of its own, because it may take a minute.

    Args:
        workspace: The open library.
        model: The model to answer with from now on.
    """

    def __init__(self, workspace: Workspace, model: str) -> None:
        self._workspace = workspace
        self.model = model
        self.problem = ""
        self._began = time.monotonic()
        self._done = threading.Event()
        threading.Thread(target=self._run, name="switching", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it is open, or failed: then `problem` says why."""
        return self._done.is_set()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    def _run(self) -> None:
        try:
            self._workspace.current_engine.use(self.model)
        except DocMindError as error:
            self.problem = str(error)
        except Exception as error:  # noqa: BLE001 - the page waits for the end, and would wait forever
            if not is_closing(error):
                _log.exception("Opening %s failed", self.model)
            self.problem = f"Opening {self.model} failed unexpectedly; the terminal shows the details. Try again."
        finally:
            self._done.set()
