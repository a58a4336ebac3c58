"""Unread: documents that no search finds yet, because they wait or are being read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docmind.answering.events import Unread
from docmind.storage.catalog import Catalog


def not_read_yet(catalog: Catalog, scope: Sequence[str] | None) -> tuple[Unread, ...]:
    """Those that would be asked if they were read; of a scope, new versions of what is in it.

    Take them right before the search: what is read before it is found by it, what is read after it is not.

    Args:
        catalog: Knows which documents wait.
        scope: Ids of the documents that are asked; None asks all.
    """
    waiting = catalog.documents("queued", "reading")
    if waiting and scope is not None:
        names = {document.name for document in catalog.documents("ready") if document.id in scope}
        waiting = [document for document in waiting if document.name in names]
    return tuple(Unread(document.id, document.name) for document in waiting)


def without(unread: Sequence[Unread], found: Collection[str | None]) -> tuple[Unread, ...]:
    """Those that were not found all the same, because they were read in the moment between; `found` are ids."""
    return tuple(document for document in unread if document.id not in found)
