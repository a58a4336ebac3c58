"""The one open library of the app, shared by all its windows, and the card shown when it cannot be opened."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from docmind.answering.analysis_runs import AnalysisRun
from docmind.answering.remembering import kept_answers
from docmind.answering.runs import AnswerRun
from docmind.errors import DocMindError, is_closing, panics_caught
from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.originals import stage
from docmind.ingestion.watching import Watching
from docmind.model_fetch import ModelFetch
from docmind.models import WRITER, Hardware, ModelKind, has_room_for_writer, missing
from docmind.models.embedders import embedder_to_open
from docmind.resources import app_folder
from docmind.settings import load_settings
from docmind.suggesting.suggest import Suggesting
from docmind.ui.text import plain_label
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)


class AppState:
    """The app as it is open: its library and what is going on in it.

    Attributes:
        workspace: The library, opened.
        ingestion: Reads queued documents.
        watching: Keeps folders in step.
        answers: Those being written, by chat.
        analysis: The one being made, or the last one; None where there was none yet.
        fetches: Models on their way to this machine, and those that came or did not, by name.
        suggesting: Makes questions that the documents answer.
        warm: Set once the models that were wanted last are open, or could not be opened.
        problem: Why they could not; '' where they could.
        switched: Whether the user wanted them in place of others.
        hardware: The machine as it was before a model took its memory; None for the moment it takes to look.
        missing: Kinds of model that are needed and not here, each with what to do. Asking needs both; reading the one
            that embeds. All else works without them.
    """

    def __init__(self) -> None:
        settings = load_settings()
        self.workspace = Workspace(settings)
        self.missing = self._missing()  # what is here now is not looked for again at every click
        atexit.register(self.close)
        self.ingestion = Ingestion(self.workspace)
        self.watching = Watching(self.workspace, self.ingestion.wake)
        self.answers: dict[str, AnswerRun] = {}
        self.analysis: AnalysisRun | None = None
        self.fetches: dict[str, ModelFetch] = {}
        self.suggesting = Suggesting(self.workspace, busy=lambda: bool(self.answers))
        self.hardware: Hardware | None = None
        self.warm_up()

    @property
    def loading(self) -> str:
        """What is being loaded, in words, and how long that has taken; '' where nothing is."""
        if self.warm.is_set():
            return ""
        seconds = f" … {time.monotonic() - self._began:.0f} s" if self.switched else " …"
        return self._words + seconds

    def warm_up(self) -> None:
        """Load the models before the first question asks for them."""
        self._load("Loading the models", self._look_and_warm_up, switched=False)

    def switch(self, model: str) -> None:
        """Answer with another model, or the best ('auto'), from now on; it is opened meanwhile."""
        if self.warm.is_set():  # pressed in two windows
            words = f"Opening {'the best model' if model == 'auto' else model}"
            self._load(words, lambda: self.workspace.current_engine.use(model), switched=True)

    def fetch(self, model: str) -> None:
        """Have a model fetched, prepared and used where it is the best, in the background."""
        if model not in self.fetches or self.fetches[model].ended:  # pressed in two windows
            self.fetches[model] = ModelFetch(self.workspace, model)

    def look_for_missing(self) -> None:
        """Look again for the models that are missing; once one has come, what waited for it goes on."""
        if self.missing and (still := self._missing()) != self.missing:
            self.missing = still
            self.ingestion.wake()
            if not still:
                self.warm_up()

    def _missing(self) -> dict[ModelKind, str]:
        settings = self.workspace.settings
        # No other model reads the vectors of a library that is filled.
        needed = embedder_to_open(settings, self.workspace.catalog.fact("embedder"))
        return missing(settings.model_copy(update={"embedder": needed}))

    def close(self) -> None:
        """Stop what is on its way, and close the library."""
        for fetch in self.fetches.values():
            fetch.stop()
        if self.analysis:
            self.analysis.stop()
        self.watching.close()
        self.workspace.close()

    def _look_and_warm_up(self) -> None:
        self.hardware = self.workspace.current_engine.hardware
        self.workspace.warm_up()
        if self.workspace.settings.cache:
            kept_answers(self.workspace).warm_up()
        settings = self.workspace.current_engine.settings
        if settings.fetch_writer and has_room_for_writer(settings, self.hardware):
            self.fetch(WRITER.name)

    def _load(self, words: str, work: Callable[[], object], *, switched: bool) -> None:
        """Do it in a thread of its own, because it may take a minute."""
        self._words, self.switched, self._began = words, switched, time.monotonic()
        self.problem = ""
        self.warm = threading.Event()
        threading.Thread(target=self._run, args=(work,), name="loading", daemon=True).start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            with panics_caught():
                work()
        except DocMindError as error:
            _log.warning("%s", error)
            self.problem = str(error)  # the first question meets it again; the Models page shows it before
        except Exception as error:  # noqa: BLE001 - the page waits for the end, and would wait forever
            if not is_closing(error):
                _log.exception("%s failed", self._words)
            self.problem = f"{self._words} failed unexpectedly; the terminal shows the details. Try again."
        finally:
            self.warm.set()


_opening = threading.Lock()
_early: list[AppState] = []  # opened before any page asked; the first one takes it


@st.cache_resource(show_spinner="Opening your library …")
def _open() -> AppState:
    with _opening:
        return _early.pop() if _early else AppState()


def open_early() -> None:
    """Open the library before a page asks for it; where it cannot be opened, the page meets that and says so."""
    with _opening, suppress(DocMindError):
        _early.append(AppState())


def app_state() -> AppState:
    """The app's library; where it cannot be opened, the page ends here with a card that says what to do."""
    try:
        opened = _open()
    except DocMindError as error:
        st.error(plain_label(str(error)), icon=":material/error:", title="The library could not be opened")
        st.button("Try again", icon=":material/refresh:")
        st.stop()
    return opened


def add_samples(opened: AppState) -> None:
    """Queue the sample documents."""
    for path in sorted((app_folder() / "data" / "samples").iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                stage(opened.workspace, file, path.name)
    opened.ingestion.wake()
