"""DocMind itself, as a program that is compared: the library that the environment names, ingested and searched."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peer import Filled, Job, Place, run
from docmind.errors import DocMindError
from docmind.ingestion.chunking import CHUNKING_VERSION
from docmind.ingestion.ingest import ingest
from docmind.settings import load_settings
from docmind.workspace import Workspace


class DocMind:
    """See `Peer`. Its passages always fit the model."""

    def __init__(self, _: Job) -> None:
        self._workspace = Workspace(load_settings())
        atexit.register(self._workspace.close)
        self._workspace.bind_embedder(CHUNKING_VERSION)

    def ingest(self, files: Sequence[Path]) -> Filled:
        """See `Peer`."""
        failed = [outcome.error for outcome in ingest(self._workspace, files) if outcome.status == "failed"]
        if failed:
            raise DocMindError(f"The comparison needs documents that can be read: {'; '.join(map(str, failed))}.")
        documents = self._workspace.catalog.documents("ready")
        return Filled(sum(document.pages or 0 for document in documents), self._workspace.store.count())

    def search(self, question: str, limit: int) -> Sequence[Place]:
        """See `Peer`."""
        found = self._workspace.retriever(limit=limit).retrieve(question)
        return [(item.node.metadata["document"], item.node.metadata["page"]) for item in found]


if __name__ == "__main__":
    run(DocMind, "docmind", "openvino", "qdrant-edge-py", "pypdfium2")
