"""Renaming: a document is called otherwise, in the catalogue and wherever its passages say where they come from."""

from __future__ import annotations

from pathlib import PurePath

from docmind.answering.remembering import forget_stale
from docmind.errors import LibraryError
from docmind.ingestion.originals import note_names
from docmind.ingestion.sources import readable
from docmind.storage.catalog import Document
from docmind.workspace import Workspace


def rename(workspace: Workspace, document: Document, name: str) -> str:
    """Call a searchable document otherwise. Answers that were given before keep the name that they were given with.

    Returns:
        Its name from now on: the suffix stays, since it says how the document is read.

    Raises:
        LibraryError: the name is empty, or another document has it.
    """
    wanted, suffix = " ".join(readable(name).split()), PurePath(document.name).suffix
    if PurePath(wanted).suffix.lower() != suffix.lower():
        wanted += suffix
    if not wanted.removesuffix(suffix).strip("/ "):
        raise LibraryError("The name is empty. Type one.")
    if wanted == document.name:
        return wanted
    with workspace.index.writing:
        workspace.catalog.particulars.rename(document.id, wanted)
        for store in workspace.stores:
            store.relabel(document.id, document=wanted)
    forget_stale(workspace)
    note_names(workspace, document.sha256)
    return wanted
