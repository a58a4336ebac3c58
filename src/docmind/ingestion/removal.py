"""Removal: a document leaves the catalogue, the vectors and the originals, in an order that survives a crash.

First it is marked 'removing', which hides it at once; then its chunks go, then its row, then its bytes. Whatever is cut
short is done again by `finish_removals`.
"""

from __future__ import annotations

from docmind.answering.remembering import forget_stale
from docmind.errors import LibraryError
from docmind.ingestion.originals import drop_original
from docmind.storage.catalog import Document
from docmind.workspace import Workspace


def delete(workspace: Workspace, document: Document, *, by_hand: bool = True) -> int:
    """Remove a document from the catalogue, the vectors and the originals.

    Args:
        workspace: The open library.
        document: Which one.
        by_hand: Whether the user wants it gone: files that hold it, in folders kept in step, then stay out.

    Returns:
        The chunks that were removed; afterwards the store holds none of them, or this raises.

    Raises:
        LibraryError: chunks are left.
    """
    with workspace.index.writing:  # the index may be exchanged for another otherwise
        removed = workspace.store.count(document.id) if document.chunks else 0
        if by_hand and document.state != "ready":
            workspace.catalog.folders.put_off(document.id)
        workspace.catalog.retire(document.id, leave_out=by_hand and document.state == "ready")
        remove_retired(workspace, document)
        workspace.catalog.forget_embedder()
        if workspace.catalog.fact("embedder") is None:
            workspace.index.give_up()  # an empty library takes any model by itself
    return removed


def cancel(workspace: Workspace, document: Document, *, by_hand: bool = True) -> bool:
    """Take a document out of the queue, or end its being read; an earlier version of it stays.

    Where it is being read, whoever reads it removes what there is of it: at once while it is parsed, otherwise at the
    next batch of passages.

    Args:
        workspace: The open library.
        document: Which one.
        by_hand: Whether the user wants that: a file of a folder kept in step then waits until it changes.

    Returns:
        Whether it was cancelled; False where it was through already.

    Raises:
        LibraryError: something of it is left; it stays hidden, and the end of the queue tries again.
    """
    if by_hand:
        workspace.catalog.folders.put_off(document.id)
    being_read = workspace.catalog.cancel(document.id)
    if being_read is not None:
        workspace.reader.give_up(workspace.originals / document.sha256, document.name)
    if being_read is False:
        remove_retired(workspace, document)
    return being_read is not None


def finish_removals(workspace: Workspace) -> None:
    """Remove what is hidden for good but was not removed, since a crash or an error came in between."""
    for document in workspace.catalog.documents("removing"):
        remove_retired(workspace, document)


def remove_retired(workspace: Workspace, document: Document) -> None:
    """Remove a document that no search shows any more; raises LibraryError where something of it stays."""
    forget_stale(workspace)
    remove_chunks(workspace, document.id)
    workspace.catalog.forget(document.id)
    drop_original(workspace, document.sha256)


def remove_chunks(workspace: Workspace, document_id: str) -> None:
    """Remove a document's chunks from every store; raises LibraryError where some stay."""
    if workspace.catalog.fact("dimensions") is None:
        return  # nothing was ever written
    left = 0
    with workspace.index.writing:
        workspace.catalog.index.undo(document_id)
        for store in workspace.stores:
            store.delete(document_id)
            store.flush()  # before the row goes: after a power cut nothing would hide chunks that came back
            left += store.count(document_id)
    if left:
        raise LibraryError(f"{left} passages of a removed document are still stored. Close DocMind and try again.")
