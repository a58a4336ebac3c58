"""What every vector store promises, and how a LlamaIndex query is read, so that all stores answer it alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node

DENSE: Final = "dense"
BM25: Final = "bm25"
OWNER: Final = "doc_id"  # LlamaIndex's payload key for the document that a node belongs to

# The graph that searches by meaning walk: links of a node, breadth while it is built, and the kilobytes of vectors
# below which all of them are compared instead.
GRAPH_LINKS: Final = 16
GRAPH_BREADTH: Final = 128
GRAPH_THRESHOLD: Final = 10_000
# Wide enough for 0.99 recall of ten at 50,000 chunks; half of it misses every neighbour of some questions, twice as
# much doubles the time. `docmind bench retrieval` measures it.
SEARCH_BREADTH: Final = 256
# Reciprocal rank fusion with the constant of Cormack, Clarke and Buettcher (SIGIR 2009).
FUSION_CONSTANT: Final = 60
_CANDIDATES_PER_RESULT = 5  # each search hands the fusion this many candidates for each result wanted


@dataclass(frozen=True, slots=True)
class OneOf:
    """The payload's value under a key is one of these."""

    key: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """All, some or none of the parts hold."""

    how: Literal["all", "some", "none"]
    parts: tuple[Scope, ...]


Scope = OneOf | Combined


@dataclass(frozen=True, slots=True)
class Search:
    """A query, checked: by meaning where there is a vector, by words where there are words, fused where both are.

    Attributes:
        limit: Results at most.
        vector: What to be near to.
        words: What to look for by BM25.
        scope: What may be found; None is everything.
        alpha: Weight of meaning against words in the fusion: 1 is meaning alone, 0 words alone.
    """

    limit: int
    vector: list[float] | None
    words: str | None
    scope: Scope | None
    alpha: float

    @property
    def candidates(self) -> int:
        """How many results each search hands the fusion."""
        return self.limit * _CANDIDATES_PER_RESULT

    @property
    def weights(self) -> list[float]:
        """What the rank in each search counts, meaning first."""
        return [self.alpha, 1.0 - self.alpha]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found: its id, its score (higher is better) and its payload."""

    id: str
    score: float
    payload: Mapping[str, Any]


class VectorStore(BasePydanticVectorStore):
    """Vectors and payloads of chunks. Reads may run in any thread, also while one thread writes.

    Attributes:
        dimensions: Length of the dense vectors.
        leaves_machine: Whether text goes to another machine.
    """

    stores_text: bool = True
    dimensions: int
    leaves_machine: bool = False

    @abstractmethod
    def search(self, search: Search) -> list[Hit]:
        """What is found, the best first."""

    @abstractmethod
    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Write nodes that carry their embeddings. A node of the same id is overwritten. Returns the ids."""

    @abstractmethod
    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Remove all chunks of a document."""

    @abstractmethod
    def count(self, ref_doc_id: str | None = None) -> int:
        """Chunks in the store, or of one document."""

    @abstractmethod
    def flush(self) -> None:
        """Write everything to disk, so that a power cut loses nothing either."""

    @abstractmethod
    def optimize(self) -> None:
        """Build the search graph over what was added and drop what was deleted. Searches go on meanwhile."""

    @abstractmethod
    def close(self) -> None:
        """Flush and release what is held open."""

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """Search by meaning (DEFAULT), by words (TEXT_SEARCH, SPARSE) or by both, fused (HYBRID).

        In HYBRID, `alpha` weighs meaning against words: 1 is meaning alone, 0 words alone.
        `doc_ids` limits the search to those documents; `filters` may use ==, !=, in and nin.

        Raises:
            ValueError: the query lacks what its mode needs, or asks for what is not offered.
        """
        hits = self.search(read_query(query))
        return VectorStoreQueryResult(
            nodes=[metadata_dict_to_node(dict(hit.payload)) for hit in hits],
            similarities=[hit.score for hit in hits],
            ids=[hit.id for hit in hits],
        )


def owned_by(document_ids: Sequence[str]) -> OneOf:
    """The chunks of these documents."""
    return OneOf(OWNER, tuple(document_ids))


def read_query(query: VectorStoreQuery) -> Search:
    """A LlamaIndex query as the search it means; see `VectorStore.query`."""
    match query.mode:
        case VectorStoreQueryMode.DEFAULT:
            meaning, words = True, False
        case VectorStoreQueryMode.TEXT_SEARCH | VectorStoreQueryMode.SPARSE:
            meaning, words = False, True
        case VectorStoreQueryMode.HYBRID:
            meaning, words = True, True
        case _:
            raise ValueError(f"{query.mode} search is not offered; use DEFAULT, TEXT_SEARCH or HYBRID.")
    if meaning and query.query_embedding is None:
        raise ValueError("A search by meaning needs query_embedding.")
    if words and query.query_str is None:
        raise ValueError("A search by words needs query_str.")
    return Search(
        limit=query.hybrid_top_k or query.similarity_top_k,
        vector=query.query_embedding if meaning else None,
        words=query.query_str if words else None,
        scope=_scope(query),
        alpha=0.5 if query.alpha is None else query.alpha,
    )


def _scope(query: VectorStoreQuery) -> Scope | None:
    parts: list[Scope] = []
    if query.doc_ids is not None:
        parts.append(owned_by(query.doc_ids))
    if query.filters is not None and query.filters.filters:
        parts.append(_combined(query.filters))
    return Combined("all", tuple(parts)) if parts else None


def _combined(filters: MetadataFilters) -> Scope:
    parts = tuple(_combined(item) if isinstance(item, MetadataFilters) else _one(item) for item in filters.filters)
    match filters.condition:
        case FilterCondition.OR:
            return Combined("some", parts)
        case FilterCondition.NOT:
            return Combined("none", parts)
        case _:
            return Combined("all", parts)


def _one(item: MetadataFilter) -> Scope:
    inside = OneOf(item.key, tuple(item.value) if isinstance(item.value, list) else (item.value,))
    match item.operator:
        case FilterOperator.EQ | FilterOperator.IN:
            return inside
        case FilterOperator.NE | FilterOperator.NIN:
            return Combined("none", (inside,))
        case _:
            raise ValueError(f"The filter operator {item.operator} is not offered; use ==, !=, in or nin.")
