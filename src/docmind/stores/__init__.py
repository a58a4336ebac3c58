"""Vector stores: where chunks live and how dense and BM25 search meet. One door, one file a backend."""

from __future__ import annotations

from pathlib import Path

from docmind.stores.edge import EdgeVectorStore

__all__ = ["EdgeVectorStore", "is_store", "open_store"]


def is_store(folder: Path) -> bool:
    """Whether a folder holds a store of ours."""
    return EdgeVectorStore.is_in(folder)


def open_store(folder: Path, dimensions: int) -> EdgeVectorStore:
    """Open the store in a folder, making it when there is none.

    Args:
        folder: Where it lives; it belongs to the store alone.
        dimensions: Length of the dense vectors.

    Raises:
        LibraryInUseError: another process has it open.
        EmbedderMismatchError: it holds vectors of another length.
    """
    return EdgeVectorStore.open(folder, dimensions)
