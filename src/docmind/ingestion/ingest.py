"""Ingest: files in, searchable chunks out. This file is the whole order.

    stage     copy the bytes in, name them by their hash       -> a queued document
    parse     in a process that may be killed                  -> blocks
    chunk     to the embedder's measure                        -> nodes
    embed     in batches                                       -> vectors
    store     dense and BM25                                   -> chunks that no search sees yet
    publish   one transaction in the catalogue                 -> searchable; a predecessor is not any more

A crash between any two steps leaves a queued document to resume and chunks that stay hidden until it does.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from docmind.errors import DocMindError, DocumentError, DocumentTooLargeError, LibraryError
from docmind.ingestion.chunking import chunk_document, document_title, embedded_text
from docmind.ingestion.sources import expand
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

Status = Literal["ingested", "unchanged", "replaced", "failed"]
# Told the chunks embedded so far and the chunks in all.
Progress = Callable[[int, int], None]

_COPY_BYTES = 1024 * 1024
_OURS = re.compile(r"[0-9a-f]{64}|\.staging-.*")  # names of originals and of copies under way


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file. `seconds` is how long it took; `error` says why it failed."""

    path: str
    document_id: str | None
    status: Status
    pages: int | None
    chunks: int
    seconds: float
    error: str | None
    warnings: tuple[str, ...] = ()


def ingest(
    workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int, int], None] | None = None
) -> Iterator[Ingested]:
    """Ingest files and folders, one outcome a file. A file that cannot be read fails alone.

    Documents that an earlier run left unfinished are resumed as well.

    Args:
        workspace: The open library.
        paths: Files, and folders whose supported files are taken, subfolders included.
        progress: Told the file's name, chunks embedded and chunks in all.
    """
    recover(workspace)
    for path, name in expand(paths):
        started = time.perf_counter()
        try:
            document, known = _stage_path(workspace, path, name)
        except DocMindError as error:
            yield Ingested(str(path), None, "failed", None, 0, _since(started), str(error))
            continue
        if known:
            yield Ingested(str(path), document.id, "unchanged", document.pages, document.chunks, _since(started), None)
            continue
        yield process(workspace, document, str(path), _named(progress, name))
    yield from drain(workspace, progress)
    settle(workspace)


def drain(workspace: Workspace, progress: Callable[[str, int, int], None] | None = None) -> Iterator[Ingested]:
    """Take every queued document through all steps, oldest first, until none is left."""
    while queue := workspace.catalog.documents("queued"):
        document = queue[0]
        newer = workspace.catalog.ready_by_name(document.name)
        if newer is not None and newer.added > document.added:
            # Interrupted before, and overtaken by a newer version since: an old one must not replace it.
            _remove_retired(workspace, document)
            continue
        yield process(workspace, document, document.name, _named(progress, document.name))


def stage(workspace: Workspace, source: BinaryIO, name: str) -> tuple[Document, bool]:
    """Copy a document's bytes into the library and queue it.

    Returns:
        The document, and whether its bytes are searchable already, under this or another name.

    Raises:
        DocumentTooLargeError: it is over the limit of the settings.
        LibraryError: the disk is full or cannot be written.
    """
    folder = workspace.originals
    limit = workspace.settings.max_file_mib * 1024 * 1024
    digest, size = hashlib.sha256(), 0
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".staging-", delete=False) as copy:
            try:
                while block := source.read(_COPY_BYTES):
                    size += len(block)
                    if size > limit:
                        raise DocumentTooLargeError(
                            f"{name} is larger than {workspace.settings.max_file_mib} MiB. Raise "
                            "DOCMIND_MAX_FILE_MIB or split it."
                        )
                    digest.update(block)
                    copy.write(block)
                copy.flush()
                os.fsync(copy.fileno())
                with workspace.originals_lock:
                    return _own(workspace, Path(copy.name), name, digest.hexdigest(), size)
            finally:
                Path(copy.name).unlink(missing_ok=True)
    except OSError as error:
        raise LibraryError(_disk_words(workspace, error)) from error


def _own(workspace: Workspace, copy: Path, name: str, sha256: str, size: int) -> tuple[Document, bool]:
    """Name the copied bytes and queue them; nobody may drop them in between."""
    known = workspace.catalog.ready_by_bytes(sha256)
    original = workspace.originals / sha256
    # Known bytes are put back when their copy was lost: pages are drawn from it.
    if known is None or not original.exists():
        copy.replace(original)
    if known is not None:
        return known, True
    for waiting in workspace.catalog.documents("queued", "reading"):
        if (waiting.name, waiting.sha256) == (name, sha256):
            return waiting, False
    return workspace.catalog.enqueue(name, sha256, size), False


def process(workspace: Workspace, document: Document, path: str, progress: Progress | None = None) -> Ingested:
    """Take a queued document through all steps. What is wrong with the document is recorded and returned.

    Raises:
        DocMindError: what is wrong is not the document (no model, no space); the document stays queued.
    """
    started = time.perf_counter()
    catalog = workspace.catalog
    catalog.start(document.id)
    try:
        return _process(workspace, document, path, progress, started)
    except DocumentError as error:
        _remove_chunks(workspace, document.id)
        catalog.fail(document.id, str(error))
        _drop_original(workspace, document.sha256)
        return Ingested(path, document.id, "failed", None, 0, _since(started), str(error))
    except OSError as error:
        catalog.requeue(document.id)
        raise LibraryError(_disk_words(workspace, error)) from error
    except BaseException:
        catalog.requeue(document.id)
        raise


def delete(workspace: Workspace, document: Document) -> int:
    """Remove a document from the catalogue, the vectors and the originals.

    Returns:
        The chunks that were removed; afterwards the store holds none of them, or this raises.

    Raises:
        LibraryError: chunks are left.
    """
    removed = workspace.store.count(document.id) if document.chunks else 0
    workspace.catalog.retire(document.id)
    _remove_retired(workspace, document)
    workspace.catalog.forget_embedder()
    return removed


def recover(workspace: Workspace) -> None:
    """Clean up after a crash: finish removals, queue again what was being read or has lost vectors, drop bytes."""
    catalog = workspace.catalog
    for document in catalog.documents("removing"):
        _remove_retired(workspace, document)
    for document in catalog.documents("reading"):
        _remove_chunks(workspace, document.id)
        catalog.requeue(document.id)
    for document in _without_vectors(workspace):
        _remove_chunks(workspace, document.id)
        catalog.requeue(document.id)
    with workspace.originals_lock:
        owned = {document.sha256 for document in catalog.documents("queued", "ready")}
        for original in workspace.originals.iterdir():
            # Only what we put there ourselves: the folder may hold files of the user's own.
            if _OURS.fullmatch(original.name) and original.name not in owned and original.is_file():
                original.unlink()


def settle(workspace: Workspace) -> None:
    """Build the search graph over what was added; call it when the queue is empty."""
    if workspace.catalog.documents("ready"):
        workspace.store.optimize()


def _process(
    workspace: Workspace, document: Document, path: str, progress: Progress | None, started: float
) -> Ingested:
    catalog, store = workspace.catalog, workspace.store
    workspace.bind_embedder()
    embedder = workspace.embedder

    # Parse.
    parsed = workspace.reader.parse(workspace.originals / document.sha256, document.name)

    # Chunk.
    nodes = chunk_document(parsed, document.name, document.id, embedder)
    if not nodes:
        raise DocumentError(f"{document.name} holds no text that could be searched. Check that it is the right file.")

    # Embed and store, a batch at a time, so that progress shows and memory stays level.
    batch = workspace.settings.embed_batch_size
    for begin in range(0, len(nodes), batch):
        part = nodes[begin : begin + batch]
        vectors = embedder.model.get_text_embedding_batch([embedded_text(node) for node in part])
        for node, vector in zip(part, vectors, strict=True):
            node.embedding = vector
        store.add(part)
        catalog.progress(document.id, begin + len(part), len(nodes))
        if progress is not None:
            progress(begin + len(part), len(nodes))
        for node in part:
            node.embedding = None

    # Publish: on disk first, then visible.
    store.flush()
    replaced = catalog.publish(
        document.id,
        format=parsed.format,
        title=document_title(parsed, document.name),
        pages=parsed.pages,
        chunks=len(nodes),
        seconds=_since(started),
        warnings=parsed.warnings,
    )
    for predecessor in replaced:
        _remove_retired(workspace, predecessor)
    status: Status = "replaced" if replaced else "ingested"
    return Ingested(path, document.id, status, parsed.pages, len(nodes), _since(started), None, parsed.warnings)


def _without_vectors(workspace: Workspace) -> list[Document]:
    """Searchable documents whose chunks are not all stored: somebody moved a damaged folder of vectors away."""
    ready = workspace.catalog.documents("ready")
    if not ready or workspace.store.count() == sum(document.chunks for document in ready):
        return []
    return [document for document in ready if workspace.store.count(document.id) != document.chunks]


def _stage_path(workspace: Workspace, path: Path, name: str) -> tuple[Document, bool]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # A pipe would be waited for without end, a device read until the limit.
            raise DocumentError(f"{path} is no file. Name a file or a folder.")
        with path.open("rb") as source:
            return stage(workspace, source, name)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read ({error.strerror}). Check its name and its permissions.") from error


def _remove_retired(workspace: Workspace, document: Document) -> None:
    _remove_chunks(workspace, document.id)
    workspace.catalog.forget(document.id)
    _drop_original(workspace, document.sha256)


def _remove_chunks(workspace: Workspace, document_id: str) -> None:
    if workspace.catalog.fact("dimensions") is None:
        return  # nothing was ever written
    workspace.store.delete(document_id)
    workspace.store.flush()  # before the row goes: after a power cut nothing would hide chunks that came back
    left = workspace.store.count(document_id)
    if left:
        raise LibraryError(f"{left} chunks of a removed document are still stored. Close DocMind and try again.")


def _drop_original(workspace: Workspace, sha256: str) -> None:
    with workspace.originals_lock:
        in_use = workspace.catalog.documents("queued", "reading", "ready")
        if all(document.sha256 != sha256 for document in in_use):
            (workspace.originals / sha256).unlink(missing_ok=True)


def _disk_words(workspace: Workspace, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        free = shutil.disk_usage(workspace.settings.data_dir).free // 1024**2
        return f"The disk is full ({free} MiB free). Make room in {workspace.settings.data_dir} and try again."
    return f"The library in {workspace.settings.data_dir} cannot be written ({error.strerror}). Check its permissions."


def _named(progress: Callable[[str, int, int], None] | None, name: str) -> Progress | None:
    return None if progress is None else lambda done, total: progress(name, done, total)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
