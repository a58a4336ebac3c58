"""What every vector store promises, and how a LlamaIndex query is read, so that all stores answer it alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
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
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

DENSE: Final = "dense"
BM25: Final = "bm25"
OWNER: Final = "doc_id"  # LlamaIndex's payload key for the document that a node belongs to
ORDINAL: Final = "ordinal"  # a chunk's number in its document, in reading order
PAGE: Final = 1000  # chunks that are read at a time, some 3 MB
OTHER_EMBEDDER: Final = (
    "The library was filled with another embedding model, whose vectors have another length. Choose that model again "
    "with DOCMIND_EMBEDDER, or start a new library with DOCMIND_DATA_DIR."
)

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
class Ids:
    """The chunk's own id is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """All (must), some (should) or none (must not) of the parts hold, in Qdrant's words."""

    how: Literal["must", "should", "must_not"]
    parts: tuple[Scope, ...]


Scope = OneOf | Ids | Combined


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
    """Vectors and payloads of chunks. Reads and writes may come from any thread, also all at once.

    Every method raises LibraryError where the store is damaged, closed, out of space or does not answer.

    Attributes:
        dimensions: Length of the dense vectors.
        leaves_machine: Whether text goes to another machine.
    """

    stores_text: bool = True
    dimensions: int
    leaves_machine: bool = False

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return cls.__name__

    @abstractmethod
    def search(self, search: Search) -> list[Hit]:
        """What is found, the best first."""

    @abstractmethod
    def scroll(self, scope: Scope | None, fields: Sequence[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Id and payload of every chunk in the scope, read a page at a time, in no order to rely on.

        Args:
            scope: What to read; None is everything.
            fields: Keys of the payload to read; None is all of them.
        """

    @abstractmethod
    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Write nodes that carry their embeddings. A node of the same id is overwritten. Returns the ids."""

    @abstractmethod
    def overwrite(self, payloads: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Write other values into the payloads of chunks, given by their ids; their vectors stay."""

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

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """Chunks with these ids, in their order, and with this metadata; None of both is everything.

        Raises:
            ValueError: a filter asks for what is not offered; see `query`.
        """
        parts = [] if node_ids is None else [Ids(tuple(node_ids))]
        found = dict(self.scroll(_all_of(parts, filters)))
        ids = found if node_ids is None else [node_id for node_id in node_ids if node_id in found]
        return [metadata_dict_to_node(found[node_id]) for node_id in ids]

    def relabel(self, document_id: str, **metadata: str) -> None:
        """Change metadata of a document's chunks that no search looks at, such as the name that people are shown."""
        payloads = []
        for node in self.chunks_of(document_id):
            node.metadata.update(metadata)
            payloads.append((node.node_id, node_to_metadata_dict(node)))
        for begin in range(0, len(payloads), PAGE):
            self.overwrite(payloads[begin : begin + PAGE])
        self.flush()

    def chunks_of(self, document_id: str) -> Iterator[BaseNode]:
        """A document's chunks in reading order, read a page at a time, so that its length does not matter."""
        numbers = self.scroll(owned_by([document_id]), [ORDINAL])
        ids = [node_id for _, node_id in sorted((payload.get(ORDINAL, 0), node_id) for node_id, payload in numbers)]
        for begin in range(0, len(ids), PAGE):
            yield from self.get_nodes(ids[begin : begin + PAGE])


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
        scope=_all_of([] if query.doc_ids is None else [owned_by(query.doc_ids)], query.filters),
        alpha=0.5 if query.alpha is None else query.alpha,
    )


def _all_of(parts: Sequence[Scope], filters: MetadataFilters | None) -> Scope | None:
    if filters is not None and filters.filters:
        parts = [*parts, _combined(filters)]
    return Combined("must", tuple(parts)) if parts else None


def _combined(filters: MetadataFilters) -> Scope:
    parts = tuple(_combined(item) if isinstance(item, MetadataFilters) else _one(item) for item in filters.filters)
    match filters.condition:
        case FilterCondition.OR:
            return Combined("should", parts)
        case FilterCondition.NOT:
            return Combined("must_not", parts)
        case _:
            return Combined("must", parts)


def _one(item: MetadataFilter) -> Scope:
    inside = OneOf(item.key, tuple(item.value) if isinstance(item.value, list) else (item.value,))
    match item.operator:
        case FilterOperator.EQ | FilterOperator.IN:
            return inside
        case FilterOperator.NE | FilterOperator.NIN:
            return Combined("must_not", (inside,))
        case _:
            raise ValueError(f"The filter operator {item.operator} is not offered; use ==, !=, in or nin.")
