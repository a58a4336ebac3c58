"""txtai: a hybrid index with its content beside it, over the pages that pypdf reads.

txtai's own reader needs Java or fetches layout models, so that it cannot read PDFs offline.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pypdf import PdfReader
from txtai import Embeddings
from txtai.pipeline import Segmentation

from benchmarks.peer import Filled, Job, Place, run

_SPECIAL_TOKENS = 2  # at the beginning and the end of what the model reads
_OVERLAP_SHARE = 5  # as LlamaIndex's splitter


class Txtai:
    """See `Peer`. A row is a page; fitted, a page is cut by the chunker that txtai offers."""

    def __init__(self, job: Job) -> None:
        # By itself txtai reads what the tokenizer allows, 512 tokens of MiniLM; with True what the model's files say.
        self._index = Embeddings(path=job.model, content=True, hybrid=True, maxlength=job.fitted or None)
        self._cut = Segmentation()
        if job.fitted:
            model = self._index.model.model
            longest = model.maxlength - _SPECIAL_TOKENS
            self._cut = Segmentation(
                chunker="sentence",
                tokenizer=model.tokenizer,
                chunk_size=longest,
                chunk_overlap=longest // _OVERLAP_SHARE,
            )
        self._places: list[Place] = []

    def ingest(self, files: Sequence[Path]) -> Filled:
        """See `Peer`."""
        pages = 0
        rows: list[str] = []
        for file in files:
            for number, page in enumerate(PdfReader(file).pages, start=1):
                cut = self._cut(page.extract_text())
                texts = [text for text in ([cut] if isinstance(cut, str) else cut) if text]
                rows += texts
                self._places += [(file.name, number)] * len(texts)
                pages += 1
        self._index.index(enumerate(rows))
        return Filled(pages, self._index.count())

    def search(self, question: str, limit: int) -> Sequence[Place]:
        """See `Peer`."""
        return [self._places[int(row["id"])] for row in self._index.search(question, limit)]


if __name__ == "__main__":
    run(Txtai, "txtai", "chonkie", "faiss-cpu", "pypdf", "transformers", "torch")
