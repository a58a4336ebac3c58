"""Recover: at the start of a library, put in order what a crash or somebody's hand left behind."""

from __future__ import annotations

import logging
from itertools import islice

from docmind.answering.remembering import forget_stale
from docmind.errors import LibraryError
from docmind.ingestion.describing import first_words
from docmind.ingestion.originals import sweep
from docmind.ingestion.removal import finish_removals, remove_chunks
from docmind.languages import language_of
from docmind.storage.catalog import Document
from docmind.stores.queries import OWNER
from docmind.workspace import Workspace

_PASSAGES = 3  # from which a document's first words are taken
_log = logging.getLogger(__name__)


def recover(workspace: Workspace) -> None:
    """Clean up after a crash: finish removals, queue again what was being read or has lost vectors, drop bytes."""
    catalog = workspace.catalog
    try:
        workspace.index.remove_left_over()
        finish_removals(workspace)
    except LibraryError as error:  # it stays hidden, keeps nobody from adding, and the end of the queue tries again
        _log.warning("%s", error)
    for document_id in catalog.interrupted():
        remove_chunks(workspace, document_id)
        catalog.requeue(document_id)
    for document in _without_vectors(workspace):
        remove_chunks(workspace, document.id)
        catalog.requeue(document.id)
    _remove_orphans(workspace)
    forget_stale(workspace)
    sweep(workspace)


def describe_older(workspace: Workspace) -> None:
    """Note the first words of documents that were read before DocMind noted them, from their first passages."""
    particulars = workspace.catalog.particulars
    for document_id in particulars.undescribed():
        passages = [node.get_content() for node in islice(workspace.store.chunks_of(document_id), _PASSAGES)]
        words = first_words(line for passage in passages for line in passage.splitlines() if line.strip())
        particulars.describe(document_id, words or "…", language_of("\n".join(passages)))


def _remove_orphans(workspace: Workspace) -> None:
    """Remove passages of documents that the catalogue does not know: no search shows them, and they take the places of
    others. A backup that took the catalogue's place leaves such, or a power cut."""
    catalog = workspace.catalog
    if catalog.fact("dimensions") is None or workspace.store.count() <= catalog.ready_chunks():
        return
    with workspace.index.writing:
        known = {document.id for document in catalog.documents()}
        for store in workspace.stores:
            owners = {str(payload.get(OWNER)) for _, payload in store.scroll(None, [OWNER])}
            for owner in owners - known:
                store.delete(owner)
            store.flush()


def _without_vectors(workspace: Workspace) -> list[Document]:
    """Searchable documents whose chunks are not all stored: somebody moved a damaged folder of vectors away."""
    catalog = workspace.catalog
    if not catalog.has("ready") or (store := workspace.store).count() == catalog.ready_chunks():
        return []
    return [document for document in catalog.documents("ready") if store.count(document.id) != document.chunks]
