"""Unread: documents that no search finds yet, because they wait or are being read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docmind.answering.events import Unread
from docmind.storage.catalog import Catalog


def not_read_yet(catalog: Catalog, scope: Sequence[str] | None, awaited: Collection[str] = ()) -> tuple[Unread, ...]:
    """Those that would be asked if they were read; of a scope, new versions of what is in it, and what is awaited.

    Take them right before the search: what is read before it is found by it, what is read after it is not.

    Args:
        catalog: Knows which documents wait.
        scope: Ids of the documents that are asked; None asks all.
        awaited: Ids of documents that would be in the scope if they were read.
    """
    unread = catalog.documents("queued", "reading")
    if scope is not None and (unread or awaited):
        ready = catalog.documents("ready")
        names = {document.name for document in ready if document.id in scope}
        unread = [
            *(document for document in unread if document.name in names or document.id in awaited),
            # Read since the scope was settled, and so not searched.
            *(document for document in ready if document.id in awaited and document.id not in scope),
        ]
    return tuple(Unread(document.id, document.name) for document in unread)


def with_those_read(
    catalog: Catalog, scope: tuple[str, ...] | None, awaited: Collection[str]
) -> tuple[str, ...] | None:
    """A scope, and what was awaited for it and is read by now."""
    if scope is None or not awaited:
        return scope
    return tuple(dict.fromkeys([*scope, *sorted(catalog.searchable(awaited))]))


def without(unread: Sequence[Unread], found: Collection[str | None]) -> tuple[Unread, ...]:
    """Those that were not found all the same, because they were read in the moment between; `found` are ids."""
    return tuple(document for document in unread if document.id not in found)
