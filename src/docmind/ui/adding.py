"""Files that were dropped into a page: queued, a note for each that is not, and in the chat what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from docmind.errors import DocMindError
from docmind.ingestion.originals import stage
from docmind.storage.catalog import Document
from docmind.ui.app_state import AppState
from docmind.ui.document_row import show_failed
from docmind.ui.text import count, plain_label

_NOTES, _ADDED = "notes", "added-in-chat"
_SHOWN = 3  # files that were not read, above the box for the question; the rest is folded
_LOOKED = 1.0  # seconds between two looks what became of them


def add_files(opened: AppState, files: Iterable[UploadedFile]) -> list[str]:
    """Queue files; returns what there is to say of those that are in the library already or cannot be taken."""
    return _add(opened, files)[1]


def add_in_chat(opened: AppState, files: Iterable[UploadedFile]) -> None:
    """Queue files; `show_added` says what there is to say of them."""
    queued, st.session_state[_NOTES] = _add(opened, files)
    st.session_state[_ADDED] = [*st.session_state.get(_ADDED, ()), *queued]


def show_added(opened: AppState) -> None:
    """Say of the files that were dropped into the chat which cannot be read and why, until they are dismissed.

    It stands above the box for the question: the beginning of a long chat is out of view.
    """
    added = _still_here(opened)
    failed = [document for document in added if document.state == "failed"]
    with st.bottom:
        for note in st.session_state.pop(_NOTES, []):
            st.info(plain_label(note), icon=":material/info:")
        for document in failed[:_SHOWN]:
            show_failed(opened, document)
        if more := failed[_SHOWN:]:
            with st.expander(f"{count(len(more), 'more file')} not read", icon=":material/error:"):
                for document in more:
                    show_failed(opened, document)
        if len(failed) < len(added):
            _watch(opened, len(failed))


@st.fragment(run_every=_LOOKED)
def _watch(opened: AppState, shown: int) -> None:
    """Draws the page anew once another one of them could not be read."""
    if sum(document.state == "failed" for document in _still_here(opened)) != shown:
        st.rerun()


def _still_here(opened: AppState) -> Sequence[Document]:
    """Those that wait or could not be read; the others are forgotten."""
    wanted = st.session_state.get(_ADDED, ())
    found = opened.workspace.catalog.documents("queued", "reading", "failed") if wanted else []
    added = [document for document in found if document.id in wanted]
    st.session_state[_ADDED] = [document.id for document in added]
    return added


def _add(opened: AppState, files: Iterable[UploadedFile]) -> tuple[list[str], list[str]]:
    """Queue files; returns the ids of those that wait now, and what there is to say of the others."""
    queued, notes = [], []
    for file in files:
        # A browser may send a path; only its last part is the document's name.
        name = file.name.replace("\\", "/").rsplit("/", 1)[-1]
        try:
            document, known = stage(opened.workspace, file, name)
            queued.append(document.id)
            if known:
                notes.append(f"{name} is in the library already, as {document.name}.")
            elif (same := opened.workspace.catalog.waiting(document.sha256)) and same[0].id != document.id:
                notes.append(f"{name} holds the same as {same[0].name}, which is read once for both.")
        except DocMindError as error:
            notes.append(str(error))
    opened.ingestion.wake()
    return queued, notes
