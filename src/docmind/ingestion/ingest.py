"""Ingest: files in, searchable chunks out. This file is the whole order.

    stage     copy the bytes in, name them by their hash       -> a queued document
    parse     in a process that may be killed                  -> blocks
    chunk     to the embedder's measure                        -> nodes
    embed     in batches                                       -> vectors
    store     dense and words                                  -> chunks that no search sees yet
    describe  its first words and its language                 -> what the list of documents shows
    publish   one transaction in the catalogue                 -> searchable; a predecessor is not any more
    remove    the predecessor's chunks, row and bytes          -> nothing of it is left

A crash between any two steps leaves a queued document to resume and chunks that stay hidden until it does.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from docmind.answering.remembering import forget_stale
from docmind.errors import (
    DocMindError,
    DocumentError,
    DocumentNotFoundError,
    LibraryError,
    ParserCrashedError,
    is_closing,
    panics_caught,
)
from docmind.ingestion.chunking import CHUNKING_VERSION, embedded_text
from docmind.ingestion.describing import described
from docmind.ingestion.originals import disk_errors_in_words, drop_original, stage_file
from docmind.ingestion.reading import ReadAhead
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import finish_removals, remove_chunks, remove_retired
from docmind.ingestion.set_aside import let_go
from docmind.ingestion.sources import expand
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

Item = TypeVar("Item")
Status = Literal["ingested", "unchanged", "replaced", "failed"]
# Told the chunks embedded so far and the chunks in all.
Progress = Callable[[int, int], None]

_ATTEMPTS = 3  # to read a document that makes DocMind itself fail
_log = logging.getLogger(__name__)


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

    Raises:
        DocMindError: what is wrong is no document (no model, no space); what was queued stays queued.
    """
    recover(workspace)
    ahead = ReadAhead(workspace)
    postponed: dict[str, str] = {}
    for path, staged in _one_ahead(_staged(workspace, paths)):
        if isinstance(staged, Ingested):
            yield staged
        elif staged.attempts == 0 and (
            outcome := process(workspace, staged, path, _named(progress, staged.name), ahead)
        ):
            yield outcome
        else:
            postponed[staged.id] = path
    yield from drain(workspace, progress, postponed)
    settle(workspace)


def _staged(workspace: Workspace, paths: Sequence[Path]) -> Iterator[tuple[str, Document | Ingested]]:
    """Each file's path, and its queued document or what became of it at once."""
    for path, name in expand(paths):
        started = time.perf_counter()
        try:
            document, known = stage_file(workspace, path, name)
        except DocMindError as error:
            yield str(path), Ingested(str(path), None, "failed", None, 0, _since(started), str(error))
            continue
        yield str(path), _unchanged(str(path), document, started) if known else document


def _one_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, each once the one after it is there, so that the next file waits in the queue in time to be read."""
    waiting: deque[Item] = deque()
    for item in items:
        waiting.append(item)
        if len(waiting) > 1:
            yield waiting.popleft()
    yield from waiting


def drain(
    workspace: Workspace,
    progress: Callable[[str, int, int], None] | None = None,
    paths: Mapping[str, str] | None = None,
) -> Iterator[Ingested]:
    """Take every queued document through all steps, small ones first, until none is left.

    Args:
        workspace: The open library.
        progress: Told the document's name, chunks embedded and chunks in all.
        paths: What outcomes call documents, by id; the others are called by their names.

    Raises:
        DocMindError: what is wrong is no document (no model, no space); what is queued stays queued.
    """
    ahead = ReadAhead(workspace)
    while document := workspace.catalog.next_queued():
        path = (paths or {}).get(document.id, document.name)
        if outcome := process(workspace, document, path, _named(progress, document.name), ahead):
            yield outcome
    finish_removals(workspace)


def process(
    workspace: Workspace,
    document: Document,
    path: str,
    progress: Progress | None = None,
    ahead: ReadAhead | None = None,
) -> Ingested | None:
    """Take a queued document through all steps. What is wrong with the document is recorded and returned.

    Args:
        workspace: The open library.
        document: It waits in the queue.
        path: What the outcome calls it.
        progress: Told the chunks embedded so far and the chunks in all.
        ahead: Has read it already, perhaps, and reads the next one meanwhile.

    Returns:
        What became of it. None where it need not be read, since a later version is searchable, another thread reads
        it or it was removed; and where reading it failed for a reason that nobody foresaw: it then waits behind the
        others to be tried again.

    Raises:
        DocMindError: what is wrong is not the document (no model, no space); the document stays queued.
    """
    started = time.perf_counter()
    catalog = workspace.catalog
    if catalog.overtaken(document):
        # Interrupted before, and overtaken by a newer version since: an old one must not replace it.
        remove_retired(workspace, document)
        return None
    if known := catalog.known(document.name, document.sha256):
        # The same bytes, added under another name, were read while these waited.
        catalog.folders.held_by(document.id, known.id)
        remove_retired(workspace, document)
        return _unchanged(path, known, started)
    if document.attempts >= _ATTEMPTS:
        return _give_up(workspace, document, path, started)
    return _attempt(workspace, document, path, progress, ahead or ReadAhead(workspace), started)


def _attempt(
    workspace: Workspace,
    document: Document,
    path: str,
    progress: Progress | None,
    ahead: ReadAhead,
    started: float,
) -> Ingested | None:
    """Read a document once, and note in the catalogue how that ended; see `process`."""
    catalog = workspace.catalog
    leftovers = catalog.start(document.id)
    if leftovers is None:
        return None
    try:
        with panics_caught(), disk_errors_in_words(workspace):
            if leftovers:
                remove_chunks(workspace, document.id)
            outcome, replaced = _read(workspace, document, path, progress, ahead, started)
    except DocumentNotFoundError:  # removed while it was read, and chunks may have been written since
        remove_retired(workspace, document)
        return None
    except DocumentError as error:  # raised before the first chunk is written
        catalog.fail(document.id, str(error), may_retry=isinstance(error, ParserCrashedError))
        drop_original(workspace, document.sha256)
        return _failed(path, document, started, str(error))
    except Exception as error:
        if isinstance(error, DocMindError) or is_closing(error) or workspace.reader.closed:
            catalog.put_back(document.id)
            raise
        _log.exception("Reading %s failed", document.name)
        catalog.put_back(document.id, f"{type(error).__name__}: {error}")
        return None
    except BaseException:
        catalog.put_back(document.id)
        raise

    # Published: from here nothing puts it back.
    with suppress(OSError):  # the next start lets it go
        let_go(workspace.settings.data_dir, document.sha256)
    forget_stale(workspace)
    for predecessor in replaced:
        try:
            remove_retired(workspace, predecessor)
        except LibraryError as error:  # it stays hidden, and the end of the queue tries again
            _log.warning("An earlier version of %s could not be removed: %s", document.name, error)
    return outcome


def settle(workspace: Workspace) -> None:
    """Build the search graph over what was added; call it when the queue is empty."""
    if workspace.catalog.has("ready"):
        workspace.store.optimize()


def _read(
    workspace: Workspace,
    document: Document,
    path: str,
    progress: Progress | None,
    ahead: ReadAhead,
    started: float,
) -> tuple[Ingested, list[Document]]:
    """All steps from parsing to publishing; returns the outcome and the predecessors to remove."""
    catalog, store = workspace.catalog, workspace.store
    workspace.bind_embedder(CHUNKING_VERSION)
    embedder = workspace.embedder

    # Parse and chunk; the next document is read from here on, while this one is embedded.
    chunked = ahead.take(document)
    parsed, nodes = chunked.parsed, chunked.nodes
    if not nodes:
        raise DocumentError(f"{document.name} holds no text that could be searched. Check that it is the right file.")

    # Embed and store, a batch at a time, so that progress shows and memory stays level.
    batch = workspace.settings.embed_batch_size
    for begin in range(0, len(nodes), batch):
        part = nodes[begin : begin + batch]
        vectors, learned = embedder.embed([embedded_text(node) for node in part])
        for node, vector in zip(part, vectors, strict=True):
            node.embedding = vector
        store.add(part, learned)
        catalog.progress(document.id, begin + len(part), len(nodes))
        if progress is not None:
            progress(begin + len(part), len(nodes))
        for node in part:
            node.embedding = None

    # Describe, and publish: on disk first, then visible.
    catalog.particulars.describe(document.id, *described(parsed.blocks))
    store.flush()
    replaced = catalog.publish(
        document.id,
        format=parsed.format,
        title=chunked.title,
        pages=parsed.pages,
        chunks=len(nodes),
        seconds=_since(started),
        warnings=parsed.warnings,
    )
    status: Status = "replaced" if replaced else "ingested"
    outcome = Ingested(path, document.id, status, parsed.pages, len(nodes), _since(started), None, parsed.warnings)
    return outcome, replaced


def _give_up(workspace: Workspace, document: Document, path: str, started: float) -> Ingested:
    """A document that made DocMind itself fail or end, again and again, keeps the others waiting no longer."""
    happened = (
        f"failed {document.attempts} times ({document.error})"
        if document.error
        else (f"was ended {document.attempts} times")
    )
    reason = (
        f"{document.name} could not be read: DocMind {happened} while reading it. Add it again to try once more, or "
        "save it in another format."
    )
    remove_chunks(workspace, document.id)
    workspace.catalog.fail(document.id, reason, may_retry=True)
    drop_original(workspace, document.sha256)
    return _failed(path, document, started, reason)


def _unchanged(path: str, known: Document, started: float) -> Ingested:
    return Ingested(path, known.id, "unchanged", known.pages, known.chunks, _since(started), None)


def _failed(path: str, document: Document, started: float, reason: str) -> Ingested:
    return Ingested(path, document.id, "failed", None, 0, _since(started), reason)


def _named(progress: Callable[[str, int, int], None] | None, name: str) -> Progress | None:
    return None if progress is None else lambda done, total: progress(name, done, total)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
