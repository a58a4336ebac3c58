"""Vector stores: where chunks live and how dense and BM25 search meet. One door, one file a backend."""

from __future__ import annotations

import shutil
from pathlib import Path

from docmind.settings import Settings
from docmind.stores.base import VectorStore, node_of
from docmind.stores.edge import EdgeVectorStore

__all__ = ["EdgeVectorStore", "VectorStore", "node_of", "open_store", "remove_store"]


def open_store(
    folder: Path, dimensions: int, settings: Settings | None = None, *, learned: bool = False
) -> VectorStore:
    """Open a library's store, making it when there is none.

    Args:
        folder: Where it lives; it belongs to the store alone. Of a store on a server only its name is noted beside it.
        dimensions: Length of the dense vectors.
        settings: Say whether a server keeps the vectors; None is the folder.
        learned: Whether chunks carry learned words beside BM25's; as it was when the store was made.

    Raises:
        LibraryInUseError: another process has it open.
        EmbedderMismatchError: it holds vectors of another length.
        LibraryError: it is damaged, or its server does not answer.
        SettingsError: its server is not allowed, or refuses the key.
    """
    match settings:
        case Settings(qdrant_url=str()):
            from docmind.stores.server import ServerVectorStore  # noqa: PLC0415 - a second, and only where it is used

            return ServerVectorStore.open(_marker(folder), dimensions, settings, learned=learned)
        case _:
            return EdgeVectorStore.open(folder, dimensions, learned=learned)


def remove_store(folder: Path, settings: Settings | None = None) -> None:
    """Delete a library's store, where there is one; it must not be open. Arguments and errors as in `open_store`."""
    match settings:
        case Settings(qdrant_url=str()):
            from docmind.stores.server import ServerVectorStore  # noqa: PLC0415 - as above

            ServerVectorStore.remove(_marker(folder), settings)
        case _ if EdgeVectorStore.is_in(folder):
            shutil.rmtree(folder)


def _marker(folder: Path) -> Path:
    """The file that names the library's collection on a server."""
    return folder.with_name(f"{folder.name}.server")
