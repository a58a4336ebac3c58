"""Which documents a chat asks: chosen one by one, or by the collections that they are in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docmind.storage.catalog import Catalog, Document

_COLLECTION = "collection:"  # no id of a document begins so: ids are hexadecimal


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
    names = [choice.removeprefix(_COLLECTION) for choice in chosen if choice.startswith(_COLLECTION)]
    alone = [choice for choice in chosen if not choice.startswith(_COLLECTION)]
    return list(dict.fromkeys([*catalog.collections.documents_of(names), *alone]))


def _words(name: str, held: int) -> str:
    # Short, since the box beside the page shows little more than the name.
    return f"{name} ({held:,})"
