"""Qdrant Edge as a LlamaIndex vector store: embedded, durable, dense and BM25 search fused in the store.

Vectors are named `dense` and `bm25`, and payloads are LlamaIndex's own, so a Qdrant server can hold the same data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import qdrant_edge as qdrant
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode, MetadataMode
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

from docmind.errors import EmbedderMismatchError, LibraryError, LibraryInUseError

DENSE: Final = "dense"
BM25: Final = "bm25"
OWNER: Final = "doc_id"  # LlamaIndex's payload key for the document that a node belongs to

# Wide enough for 0.99 recall of ten at 50,000 chunks; half of it misses every neighbour of some questions, twice as
# much doubles the time. `docmind bench retrieval` measures it.
_SEARCH_BREADTH = 256
_GRAPH = qdrant.HnswIndexConfig(m=16, ef_construct=128, full_scan_threshold=10_000)
# Reciprocal rank fusion with the constant of Cormack, Clarke and Buettcher (SIGIR 2009).
_FUSION_CONSTANT = 60
_CANDIDATES_PER_RESULT = 5  # each search hands the fusion this many candidates for each result wanted


class EdgeVectorStore(BasePydanticVectorStore):
    """A folder of vectors. Reads may run in any thread, also while one thread writes."""

    stores_text: bool = True
    dimensions: int

    _shard: qdrant.EdgeShard = PrivateAttr()
    _bm25: qdrant.Bm25 = PrivateAttr()

    @classmethod
    def open(cls, folder: Path, dimensions: int) -> EdgeVectorStore:
        """Open or create the store in `folder`; see `docmind.stores.open_store` for what it raises."""
        store = cls(dimensions=dimensions)
        store._bm25 = qdrant.Bm25()
        with _errors_in_words(folder):
            # The configuration file is written last, so without it a creation was cut short and holds nothing.
            if cls.is_in(folder):
                store._shard = qdrant.EdgeShard.load(str(folder), _configuration(dimensions))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                store._shard = qdrant.EdgeShard.create(str(folder), _configuration(dimensions))
            store._shard.update(qdrant.UpdateOperation.create_field_index(OWNER, qdrant.PayloadSchemaType.Keyword))
        return store

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds a finished store."""
        return (folder / "edge_config.json").exists()

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return "EdgeVectorStore"

    @property
    def client(self) -> qdrant.EdgeShard:
        """The shard itself, for what this class does not offer."""
        return self._shard

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Write nodes that carry their embeddings. A node of the same id is overwritten. Returns the ids."""
        points = [
            qdrant.Point(
                node.node_id,
                {
                    DENSE: node.get_embedding(),
                    BM25: self._bm25.embed_document(node.get_content(MetadataMode.EMBED)),
                },
                node_to_metadata_dict(node),
            )
            for node in nodes
        ]
        if points:
            self._shard.update(qdrant.UpdateOperation.upsert_points(points))
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Remove all chunks of a document."""
        self._shard.update(qdrant.UpdateOperation.delete_points_by_filter(_owned_by([ref_doc_id])))

    def count(self, ref_doc_id: str | None = None) -> int:
        """Chunks in the store, or of one document."""
        owner = _owned_by([ref_doc_id]) if ref_doc_id is not None else None
        return self._shard.count(qdrant.CountRequest(exact=True, filter=owner))

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """Search by meaning (DEFAULT), by words (TEXT_SEARCH, SPARSE) or by both, fused (HYBRID).

        In HYBRID, `alpha` weighs meaning against words: 1 is meaning alone, 0 words alone.
        `doc_ids` limits the search to those documents; `filters` may use ==, !=, in and nin.
        """
        limit = query.hybrid_top_k or query.similarity_top_k
        scope = _scope(query)
        match query.mode:
            case VectorStoreQueryMode.DEFAULT:
                request = qdrant.QueryRequest(
                    limit=limit, query=_nearest(query), filter=scope, params=_params(), with_payload=True
                )
            case VectorStoreQueryMode.TEXT_SEARCH | VectorStoreQueryMode.SPARSE:
                request = qdrant.QueryRequest(limit=limit, query=self._words(query), filter=scope, with_payload=True)
            case VectorStoreQueryMode.HYBRID:
                candidates = limit * _CANDIDATES_PER_RESULT
                alpha = 0.5 if query.alpha is None else query.alpha
                request = qdrant.QueryRequest(
                    limit=limit,
                    prefetches=[
                        qdrant.Prefetch(limit=candidates, query=_nearest(query), filter=scope, params=_params()),
                        qdrant.Prefetch(limit=candidates, query=self._words(query), filter=scope),
                    ],
                    query=_fusion(alpha),
                    with_payload=True,
                )
            case _:
                raise ValueError(f"{query.mode} search is not offered; use DEFAULT, TEXT_SEARCH or HYBRID.")
        points = self._shard.query(request)
        return VectorStoreQueryResult(
            nodes=[metadata_dict_to_node(point.payload or {}) for point in points],
            similarities=[point.score for point in points],
            ids=[str(point.id) for point in points],
        )

    def flush(self) -> None:
        """Write everything to disk, so that a power cut loses nothing either."""
        self._shard.flush()

    def optimize(self) -> None:
        """Build the search graph over what was added and drop what was deleted. Searches go on meanwhile."""
        self._shard.optimize()

    def close(self) -> None:
        """Flush and release the folder."""
        self._shard.close()

    def _words(self, query: VectorStoreQuery) -> qdrant.Query:
        if query.query_str is None:
            raise ValueError("A search by words needs query_str.")
        return qdrant.Query.Nearest(self._bm25.embed_query(query.query_str), using=BM25)


def _configuration(dimensions: int) -> qdrant.EdgeConfig:
    return qdrant.EdgeConfig(
        vectors={DENSE: qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Cosine)},
        sparse_vectors={BM25: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
        hnsw_config=_GRAPH,
    )


def _nearest(query: VectorStoreQuery) -> qdrant.Query:
    if query.query_embedding is None:
        raise ValueError("A search by meaning needs query_embedding.")
    return qdrant.Query.Nearest(query.query_embedding, using=DENSE)


def _fusion(alpha: float) -> qdrant.Fusion:
    # The stubs nest Rrf in Fusion without making it one.
    return cast(qdrant.Fusion, qdrant.Fusion.Rrf(k=_FUSION_CONSTANT, weights=[alpha, 1.0 - alpha]))


def _params() -> qdrant.SearchParams:
    return qdrant.SearchParams(hnsw_ef=_SEARCH_BREADTH)


def _owned_by(document_ids: list[str]) -> qdrant.Filter:
    return qdrant.Filter(must=[qdrant.FieldCondition(OWNER, match=qdrant.MatchAny(document_ids))])


def _scope(query: VectorStoreQuery) -> qdrant.Filter | None:
    """What a query may see; None is everything."""
    must: list[Any] = []
    if query.doc_ids is not None:
        must.append(_owned_by(query.doc_ids))
    if query.filters is not None and query.filters.filters:
        must.append(_translate(query.filters))
    return qdrant.Filter(must=must) if must else None


def _translate(filters: MetadataFilters) -> qdrant.Filter:
    conditions: list[Any] = [
        _translate(item) if isinstance(item, MetadataFilters) else _condition(item) for item in filters.filters
    ]
    match filters.condition:
        case FilterCondition.OR:
            return qdrant.Filter(should=conditions)
        case FilterCondition.NOT:
            return qdrant.Filter(must_not=conditions)
        case _:
            return qdrant.Filter(must=conditions)


def _condition(item: MetadataFilter) -> qdrant.Filter | qdrant.FieldCondition:
    values: list[Any] = item.value if isinstance(item.value, list) else [item.value]
    inside = qdrant.FieldCondition(item.key, match=qdrant.MatchAny(values))
    match item.operator:
        case FilterOperator.EQ | FilterOperator.IN:
            return inside
        case FilterOperator.NE | FilterOperator.NIN:
            return qdrant.Filter(must_not=[inside])
        case _:
            raise ValueError(f"The filter operator {item.operator} is not offered; use ==, !=, in or nin.")


@contextmanager
def _errors_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        text = str(error)
        if "WouldBlock" in text:
            raise LibraryInUseError(
                f"Another DocMind has the library in {folder.parent} open. Close it, or use its window."
            ) from error
        if "expected vector size" in text:
            raise EmbedderMismatchError(
                "The library was filled with another embedding model, whose vectors have another length. Choose that "
                "model again with DOCMIND_EMBEDDER, or start a new library with DOCMIND_DATA_DIR."
            ) from error
        raise LibraryError(
            f"The vectors in {folder} cannot be opened ({text}). Move that folder away and add the documents again."
        ) from error
