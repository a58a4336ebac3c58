"""Retrieval: from a question to the passages nearest to it, by meaning and by words at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
from docmind.reranking import Reranker
from docmind.retrieval.clues import (
    asks_for_figures,
    document_of,
    gains_by_caption,
    gains_by_figures,
    gains_by_name,
    gains_in_turn,
)
from docmind.retrieval.pages import Passage, alone, one_a_page
from docmind.retrieval.reranking import Reranking, rerank
from docmind.storage.catalog import Catalog
from docmind.stores import VectorStore, bm25, node_of
from docmind.stores.queries import OWNER, Hit

# One of cosine to 0.7 of words, see `docmind.stores.fusion`: words alone find far fewer pages, but they alone find rare
# names and numbers. `docmind bench retrieval` measures it.
MEANING_WEIGHT = 1 / 1.7
_POOL = 6  # so many times the passages that are wanted are looked at for clues
USUAL_LIMIT = 10  # passages returned where nothing asks for more
# What decides an answer are the first few passages: where a name changes none of them, it changed nothing.
_FIRST = 3

Step = Literal["captions", "figures", "names", "reranking", "pages"]
"""What follows the fusion, in this order: captions of pages count, figures where some are asked for, names of documents
do, a reranker reads the best where there is one, and each page stands once."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        passages: Best first, scored by the fusion and by clues.
        looked_first: Names of documents that the question names, where that put passages of theirs among the first.
        reranked: What a reranker did to the order of the passages; None where there is none.
    """

    passages: list[NodeWithScore]
    looked_first: tuple[str, ...] = ()
    reranked: Reranking | None = None


class HybridRetriever(BaseRetriever):
    """A LlamaIndex retriever over the library.

    Args:
        store: Where the chunks live.
        embedder: What filled the store.
        limit: Passages to return.
        document_ids: Limits the search to these documents; None searches all.
        catalog: Tells, anew for each question, which documents may be shown; None shows whatever the store holds.
        reranker: Reads the best passages again; None leaves them as they were found.
        rerank_seconds: How long that may take.
    """

    def __init__(
        self,
        store: VectorStore,
        embedder: Embedder,
        limit: int,
        document_ids: Sequence[str] | None = None,
        catalog: Catalog | None = None,
        reranker: Reranker | None = None,
        rerank_seconds: float = 1.0,
        **options: Any,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._limit = limit
        self._document_ids = list(document_ids) if document_ids is not None else None
        self._catalog = catalog
        self._reranker = reranker
        self._rerank_seconds = rerank_seconds
        super().__init__(**options)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self.search(query_bundle.query_str, self._embedder.model.get_query_embedding(query_bundle.query_str))

    def search(self, question: str, embedding: list[float]) -> list[NodeWithScore]:
        """Passages for a question that is already embedded, best first, scored by the fusion and by clues."""
        return self.find(question, embedding).passages

    def find(
        self, question: str, embedding: list[float], *, without: Collection[Step] = (), share: float = 1.0
    ) -> Found:
        """Search for a question that is already embedded.

        Args:
            question: The user's words.
            embedding: Its vector.
            without: Steps that are left out; without 'names', documents that it names are searched like all others.
            share: Of the reranker's time, what this search may take, 0 to 1.
        """
        hits = self._candidates(question, embedding)
        about = [hit.payload for hit in hits]
        plain = [hit.score for hit in hits]
        if "captions" not in without:
            plain = _sums(plain, gains_by_caption(question, about, self._rarities(question)))
        if "figures" not in without and asks_for_figures(question):
            plain = _sums(plain, gains_by_figures([node_of(payload).get_content() for payload in about]))
        lifted = plain
        if "names" not in without:
            by_name = gains_by_name(question, about)
            if any(by_name):  # most questions name nothing, and need not be held against the names again
                lifted = _sums(plain, by_name)
                lifted = _sums(lifted, gains_in_turn(question, about, lifted))
        ranked = _ranked(hits, lifted)
        unmoved = {passage.best.id for passage in _passages(_ranked(hits, plain), without)[:_FIRST]}
        first = _passages(ranked, without)[:_FIRST]
        moved = {document_of(each.best.payload): None for each in first if each.best.id not in unmoved}
        reranked = None
        if self._reranker and "reranking" not in without:
            ranked, reranked = rerank(question, ranked, self._reranker, share * self._rerank_seconds)
        passages = _passages(ranked, without)[: self._limit]
        return Found([passage.node() for passage in passages], tuple(moved), reranked)

    def _candidates(self, question: str, embedding: list[float]) -> list[Hit]:
        """What the store finds, fused, as far as it may be shown."""
        hidden = self._catalog.hidden() if self._catalog else []
        filters = (
            MetadataFilters(filters=[MetadataFilter(key="doc_id", value=hidden, operator=FilterOperator.NIN)])
            if hidden
            else None
        )
        hits = self._store.hits(
            VectorStoreQuery(
                query_embedding=embedding,
                query_str=question,
                similarity_top_k=self._limit * _POOL,
                mode=VectorStoreQueryMode.HYBRID,
                alpha=MEANING_WEIGHT,
                doc_ids=self._document_ids,
                filters=filters,
            ),
            self._embedder.words_of(question),
        )
        owners = {str(owner) for hit in hits if (owner := hit.payload.get(OWNER))}
        # Chunks that belong to no document, after a power cut say, are not hidden, but not searchable either.
        shown = self._catalog.searchable(owners) if self._catalog else owners
        return [hit for hit in hits if hit.payload.get(OWNER) in shown]

    def _rarities(self, question: str) -> dict[int, float]:
        words = bm25.of_query(question).indices
        return dict(zip(words, self._store.rarities(words), strict=True))


def _sums(scores: Sequence[float], gains: Sequence[float]) -> list[float]:
    return [score + gain for score, gain in zip(scores, gains, strict=True)]


def _ranked(hits: Sequence[Hit], scores: Sequence[float]) -> list[tuple[Hit, float]]:
    """The chunks by their scores, of equal ones the lowest id first."""
    return sorted(zip(hits, scores, strict=True), key=lambda scored: (-scored[1], scored[0].id))


def _passages(ranked: Sequence[tuple[Hit, float]], without: Collection[Step]) -> list[Passage]:
    """The chunks as passages, each page once."""
    return [alone(hit, score) for hit, score in ranked] if "pages" in without else one_a_page(ranked)
