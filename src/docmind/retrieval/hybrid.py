"""Retrieval: from a question to the passages nearest to it, by meaning and by words at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import (
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from docmind.embeddings import Embedder
from docmind.retrieval.clues import document_of, gains_by_caption, gains_by_name
from docmind.storage.catalog import Catalog
from docmind.stores import VectorStore, bm25

# One of cosine to 0.7 of words, see `docmind.stores.fusion`: words alone find far fewer pages, but they alone find rare
# names and numbers. `docmind bench pages` measures it.
MEANING_WEIGHT = 1 / 1.7
_POOL = 3  # so many times the passages that are wanted are looked at for clues
USUAL_LIMIT = 10  # passages returned where nothing asks for more


# What decides an answer are the first few passages: where a name changes none of them, it changed nothing.
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        passages: Best first, scored by the fusion and by clues.
        looked_first: Names of documents that the question names, where that put passages of theirs among the first.
    """

    passages: list[NodeWithScore]
    looked_first: tuple[str, ...] = ()


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
        store: VectorStore,
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
        """Passages for a question that is already embedded, best first, scored by the fusion and by clues."""
        return self.find(question, embedding).passages

    def find(self, question: str, embedding: list[float], *, evenly: bool = False) -> Found:
        """Search for a question that is already embedded.

        Args:
            question: The user's words.
            embedding: Its vector.
            evenly: Whether documents that it names are searched like all others.
        """
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
                similarity_top_k=self._limit * _POOL,
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
        by_caption = gains_by_caption(nodes, self._rarities(question))
        by_name = [0.0] * len(nodes) if evenly else gains_by_name(question, nodes)
        places = [place for place, node in enumerate(nodes) if node.ref_doc_id in shown]
        plain = {place: scores[place] + by_caption[place] for place in places}
        lifted = {place: score + by_name[place] for place, score in plain.items()}
        order = sorted(places, key=lambda place: (-lifted[place], nodes[place].node_id))
        first = sorted(places, key=lambda place: (-plain[place], nodes[place].node_id))[:_FIRST]
        looked_first = {document_of(nodes[place]): None for place in order[:_FIRST] if place not in first}
        passages = [NodeWithScore(node=nodes[place], score=lifted[place]) for place in order[: self._limit]]
        return Found(passages, tuple(looked_first))

    def _rarities(self, question: str) -> dict[int, float]:
        words = bm25.of_query(question).indices
        return dict(zip(words, self._store.rarities(words), strict=True))
