"""Stock LlamaIndex, as a new user has it: its directory reader, splitter and embedding, Qdrant in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.qdrant import QdrantVectorStore
from qdrant_client import QdrantClient
from transformers import AutoTokenizer

from benchmarks.peer import Filled, Job, Place, run

_SPECIAL_TOKENS = 2  # at the beginning and the end of what the model reads
_OVERLAP_SHARE = 5  # the splitter's own: 200 tokens of 1,024


class LlamaIndex:
    """See `Peer`."""

    def __init__(self, job: Job) -> None:
        self._embedding = HuggingFaceEmbedding(model_name=job.model)
        self._splitter = SentenceSplitter()
        if job.fitted:
            longest = self._embedding.max_length - _SPECIAL_TOKENS
            self._splitter = SentenceSplitter(
                chunk_size=longest,
                chunk_overlap=longest // _OVERLAP_SHARE,
                tokenizer=AutoTokenizer.from_pretrained(job.model).tokenize,
            )
        self._client = QdrantClient(":memory:")
        self._places: dict[str, Place] = {}

    def ingest(self, files: Sequence[Path]) -> Filled:
        """See `Peer`."""
        # Without `raise_on_error` the reader leaves out a file that it cannot read, and only prints that.
        documents = SimpleDirectoryReader(input_files=list(files), raise_on_error=True).load_data()
        # A LlamaIndex document is a page, in order; what stands on the page as its number may be 'iv' or 'F-12'.
        seen: Counter[str] = Counter()
        for document in documents:
            name = document.metadata["file_name"]
            seen[name] += 1
            self._places[document.doc_id] = (name, seen[name])
        storage = StorageContext.from_defaults(vector_store=QdrantVectorStore("peer", client=self._client))
        self._index = VectorStoreIndex.from_documents(
            documents, storage_context=storage, embed_model=self._embedding, transformations=[self._splitter]
        )
        return Filled(len(documents), self._client.count("peer").count)

    def search(self, question: str, limit: int) -> Sequence[Place]:
        """See `Peer`."""
        found = self._index.as_retriever(similarity_top_k=limit).retrieve(question)
        return [self._places[item.node.ref_doc_id or ""] for item in found]


if __name__ == "__main__":
    run(
        LlamaIndex, "llama-index-core", "llama-index-readers-file", "llama-index-embeddings-huggingface",
        "llama-index-vector-stores-qdrant", "qdrant-client", "pypdf", "sentence-transformers", "transformers", "torch",
    )  # fmt: skip
