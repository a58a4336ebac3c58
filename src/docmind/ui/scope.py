"""Which documents a chat asks: chosen one by one, or by the collections that they are in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from docmind.parsing.formats import format_by_name
from docmind.storage.catalog import Catalog, Document
from docmind.storage.scope import Limits

Told = Mapping[str, Sequence[str]]
"""What the page's address says of the documents to ask: its three names, each with what is chosen."""
SCOPE = "scope"
"""The name among them of documents and collections; also the key of the box that chooses them."""

_COLLECTION = "collection:"  # no id of a document begins so: ids are hexadecimal


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a question is put to.

    Attributes:
        documents: Their ids; none where all are asked.
        awaited: Ids of documents that are not read yet and would be asked too if they were.
        told: What the page's address says of it.
    """

    documents: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    told: Told = field(default_factory=dict)


def scope_options(catalog: Catalog, ready: Sequence[Document]) -> dict[str, str]:
    """What can be chosen, with the words for it: the collections above the documents."""
    collections = {
        collection_choice(name): _words(name, held) for name, held in catalog.collections.all().items() if held
    }
    return collections | {document.id: document.name for document in ready}


def collection_choice(name: str) -> str:
    """What stands for a collection among the choices."""
    return f"{_COLLECTION}{name}"


def documents_of(catalog: Catalog, chosen: Collection[str]) -> list[str]:
    """Ids of the documents that were chosen, each once; none where none was chosen, which asks all."""
    alone = [choice for choice in chosen if not choice.startswith(_COLLECTION)]
    return list(dict.fromkeys([*catalog.collections.documents_of(_collections(chosen)), *alone]))


def awaited_of(catalog: Catalog, chosen: Collection[str], limits: Limits) -> tuple[str, ...]:
    """Ids of the documents that wait or are being read and that the choices would take in, as far as anybody knows.

    Args:
        catalog: Knows what waits and which collections it is in.
        chosen: Documents and collections; none takes in all.
        limits: Types, which the name of a file claims until it is read, and days.
    """
    waiting = catalog.documents("queued", "reading")
    if waiting and chosen:
        wanted, held = set(_collections(chosen)), catalog.collections.by_document()
        waiting = [document for document in waiting if not wanted.isdisjoint(held.get(document.id, ()))]
    return tuple(document.id for document in waiting if _may_be_within(document, limits))


def _may_be_within(document: Document, limits: Limits) -> bool:
    claimed = format_by_name(document.name)
    if limits.types is not None and claimed is not None and claimed not in limits.types:
        return False
    if limits.added_after and document.added < limits.added_after.timestamp():
        return False
    return not (limits.added_before and document.added >= limits.added_before.timestamp())


def _collections(chosen: Collection[str]) -> list[str]:
    return [choice.removeprefix(_COLLECTION) for choice in chosen if choice.startswith(_COLLECTION)]


def _words(name: str, held: int) -> str:
    # Short, since the box beside the page shows little more than the name.
    return f"{name} ({held:,})"
