"""Read: parse and chunk a document, and the next one in the queue while this one is embedded.

Parsing waits for a child process and embedding for the processor, so the two share a machine well. At most one document
lies ready, so memory stays level.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from llama_index.core.schema import TextNode

from docmind.embeddings import Embedder
from docmind.ingestion.chunking import chunk_document
from docmind.ingestion.titles import document_title
from docmind.records import ParsedDocument
from docmind.storage.catalog import Document
from docmind.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Chunked:
    """A document as its parser found it, its title, and its chunks in reading order."""

    parsed: ParsedDocument
    title: str
    nodes: list[TextNode]


def read(workspace: Workspace, document: Document, embedder: Embedder | None = None) -> Chunked:
    """Parse a document in a process that may be killed, and chunk it to the embedder's measure.

    Args:
        workspace: The open library.
        document: Its bytes are in the library.
        embedder: Whose measure; None is the one in use.

    Raises:
        DocumentError: it cannot be read.
        DocMindError: what is wrong is not the document.
    """
    parsed = workspace.reader.parse(workspace.originals / document.sha256, document.name)
    title = document_title(parsed, document.name)
    nodes = chunk_document(parsed, document.name, title, document.id, embedder or workspace.embedder)
    return Chunked(parsed, title, nodes)


class ReadAhead:
    """Reads documents, each while the one before it is embedded.

    A document that made DocMind fail before is read alone, so that no other is blamed for it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._begun: tuple[str, Future[Chunked]] | None = None

    def take(self, document: Document) -> Chunked:
        """A document, read before or now; the next one that waits is read from here on, in a thread of its own.

        Raises:
            DocMindError: as `read`.
        """
        begun, self._begun = self._begun, None
        chunked = begun[1].result() if begun and begun[0] == document.id else read(self._workspace, document)
        following = self._workspace.catalog.next_queued()
        if following and not document.attempts and not following.attempts:
            self._begun = (following.id, self._begin(following))
        return chunked

    def _begin(self, document: Document) -> Future[Chunked]:
        future: Future[Chunked] = Future()

        def work() -> None:
            try:
                future.set_result(read(self._workspace, document))
            except BaseException as error:  # noqa: BLE001 - whoever takes the document meets it there
                future.set_exception(error)

        # A daemon, because nothing waits at the end of the program for a document that nobody will take.
        threading.Thread(target=work, name="reading ahead", daemon=True).start()
        return future
