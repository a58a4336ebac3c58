"""Retrieval: from a question to the passages nearest to it, by meaning and by words at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from docmind.embeddings import Embedder
from docmind.storage.catalog import Catalog

# Meaning counts three times as much as words: words alone find far fewer pages, but they alone find rare names
# and numbers. `docmind bench pages` measures it.
MEANING_WEIGHT = 0.75
USUAL_LIMIT = 10  # passages returned where nothing asks for more


class HybridRetriever(BaseRetriever):
    """A LlamaIndex retriever over the library.

    Args:
        store: Where the chunks live.
        embedder: What filled the store.
        limit: Passages to return.
        document_ids: Limits the search to these documents; None searches all.
        catalog: Tells, anew for each question, which documents may be shown; None shows whatever the store holds.
    """

    def __init__(
        self,
        store: BasePydanticVectorStore,
        embedder: Embedder,
        limit: int,
        document_ids: Sequence[str] | None = None,
        catalog: Catalog | None = None,
        **options: Any,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._limit = limit
        self._document_ids = list(document_ids) if document_ids is not None else None
        self._catalog = catalog
        super().__init__(**options)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self.search(query_bundle.query_str, self._embedder.model.get_query_embedding(query_bundle.query_str))

    def search(self, question: str, embedding: list[float]) -> list[NodeWithScore]:
        """Passages for a question that is already embedded, best first, scored by the fusion."""
        hidden = self._catalog.hidden() if self._catalog else []
        filters = (
            MetadataFilters(filters=[MetadataFilter(key="doc_id", value=hidden, operator=FilterOperator.NIN)])
            if hidden
            else None
        )
        found = self._store.query(
            VectorStoreQuery(
                query_embedding=embedding,
                query_str=question,
                similarity_top_k=self._limit,
                mode=VectorStoreQueryMode.HYBRID,
                alpha=MEANING_WEIGHT,
                doc_ids=self._document_ids,
                filters=filters,
            )
        )
        nodes, scores = found.nodes or [], found.similarities or []
        owners = {node.ref_doc_id for node in nodes if node.ref_doc_id}
        # Chunks that belong to no document, after a power cut say, are not hidden, but not searchable either.
        shown = self._catalog.searchable(owners) if self._catalog else owners
        return [
            NodeWithScore(node=node, score=score)
            for node, score in zip(nodes, scores, strict=True)
            if node.ref_doc_id in shown
        ]
