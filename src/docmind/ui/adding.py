"""Files that were dropped into a page: queued, and a note for each that is not."""

from __future__ import annotations

from collections.abc import Iterable

from streamlit.typing import UploadedFile

from docmind.errors import DocMindError
from docmind.ingestion.originals import stage
from docmind.ui.app_state import AppState


def add_files(opened: AppState, files: Iterable[UploadedFile]) -> list[str]:
    """Queue files; returns what there is to say of those that are in the library already or cannot be taken."""
    notes = []
    for file in files:
        # A browser may send a path; only its last part is the document's name.
        name = file.name.replace("\\", "/").rsplit("/", 1)[-1]
        try:
            document, known = stage(opened.workspace, file, name)
            if known:
                notes.append(f"{name} is in the library already, as {document.name}.")
            elif (same := opened.workspace.catalog.waiting(document.sha256)) and same[0].id != document.id:
                notes.append(f"{name} holds the same as {same[0].name}, which is read once for both.")
        except DocMindError as error:
            notes.append(str(error))
    opened.ingestion.wake()
    return notes
