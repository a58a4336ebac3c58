"""Qdrant Edge as a LlamaIndex vector store: embedded, durable, dense and BM25 search fused in the store.

Vectors are named `dense` and `bm25`, and payloads are LlamaIndex's own, so a Qdrant server can hold the same data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import qdrant_edge as qdrant
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.utils import node_to_metadata_dict

from docmind.errors import EmbedderMismatchError, LibraryError, LibraryInUseError, is_panic
from docmind.storage.troubles import cannot_be_written, disk_is_full
from docmind.stores import base, bm25
from docmind.stores.base import BM25, DENSE, LEARNED, VectorStore, vector_name
from docmind.stores.bm25 import LearnedWords, Words
from docmind.stores.edge_shard import close_shard
from docmind.stores.queries import OWNER, Combined, Hit, Ids, OneOf, Scope, Search, owned_by

_GRAPH = qdrant.HnswIndexConfig(
    m=base.GRAPH_LINKS, ef_construct=base.GRAPH_BREADTH, full_scan_threshold=base.GRAPH_THRESHOLD
)
_BYTES = qdrant.ScalarQuantizationConfig(
    type=qdrant.ScalarType.Int8, quantile=base.QUANTILE, memory=qdrant.Memory.Pinned
)
_SEARCHING = qdrant.SearchParams(
    hnsw_ef=base.SEARCH_BREADTH,
    quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=base.OVERSAMPLING),
)


class EdgeVectorStore(VectorStore):
    """A folder of vectors.

    Edge itself takes writes one at a time, holding its log from the first byte to the last change, and goes on taking
    them while it optimises; so several threads may write, and no lock is needed here.
    """

    folder: Path

    _shard: qdrant.EdgeShard = PrivateAttr()

    @classmethod
    def open(cls, folder: Path, dimensions: int, *, learned: bool = False) -> EdgeVectorStore:
        """Open or create the store in `folder`; arguments and errors as in `docmind.stores.open_store`."""
        store = cls(dimensions=dimensions, learned=learned, folder=folder)
        configuration = _configuration(dimensions, learned=learned)
        with _errors_in_words(folder):
            # The configuration file is written last, so without it a creation was cut short and holds nothing.
            if cls.is_in(folder):
                store._shard = qdrant.EdgeShard.load(str(folder), configuration)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                store._shard = qdrant.EdgeShard.create(str(folder), configuration)
            store._shard.update(qdrant.UpdateOperation.create_field_index(OWNER, qdrant.PayloadSchemaType.Keyword))
        return store

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds a finished store."""
        return (folder / "edge_config.json").exists()

    @property
    def client(self) -> qdrant.EdgeShard:
        """The shard itself, for what this class does not offer."""
        return self._shard

    def add(self, nodes: Sequence[BaseNode], learned: Sequence[LearnedWords] | None = None, **_: Any) -> list[str]:
        """See `VectorStore`."""
        points = [
            qdrant.Point(
                node.node_id, {name: _vector(each) for name, each in vectors.items()}, node_to_metadata_dict(node)
            )
            for node, vectors in zip(nodes, self._vectors(nodes, learned), strict=True)
        ]
        if points:
            self._update(qdrant.UpdateOperation.upsert_points(points))
            self._has_changed()
        return [node.node_id for node in nodes]

    def overwrite(self, payloads: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """See `VectorStore`."""
        for node_id, payload in payloads:
            self._update(qdrant.UpdateOperation.set_payload([node_id], dict(payload)))

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """See `VectorStore`."""
        self._update(qdrant.UpdateOperation.delete_points_by_filter(_filter(owned_by([ref_doc_id]))))
        self._has_changed()

    def count(self, ref_doc_id: str | None = None) -> int:
        """See `VectorStore`."""
        owner = _filter(owned_by([ref_doc_id])) if ref_doc_id is not None else None
        with self._in_use():
            return self._shard.count(qdrant.CountRequest(exact=True, filter=owner))

    def scroll(self, scope: Scope | None, fields: Sequence[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `VectorStore`."""
        condition = _filter(scope) if scope is not None else None
        start: qdrant.PointId | None = None
        while True:
            request = qdrant.ScrollRequest(
                start, base.PAGE, condition, with_payload=True if fields is None else list(fields)
            )
            with self._in_use():
                page, start = self._shard.scroll(request)
            yield from ((str(record.id), record.payload or {}) for record in page)
            if start is None:
                return

    def search(self, searches: Sequence[Search]) -> list[list[Hit]]:
        """See `VectorStore`."""
        return [
            [Hit(str(point.id), point.score, point.payload or {}, _words_of(point.vector)) for point in found]
            for found in self._answers(searches, bare=False)
        ]

    def scores(self, searches: Sequence[Search]) -> list[dict[str, float]]:
        """See `VectorStore`."""
        return [{str(point.id): point.score for point in found} for found in self._answers(searches, bare=True)]

    def _answers(self, searches: Sequence[Search], *, bare: bool) -> list[list[qdrant.ScoredPoint]]:
        # A long list of documents is made into a filter once, for all searches that share it.
        scopes = {id(search.scope): search.scope for search in searches if search.scope is not None}
        filters = {key: _filter(scope) for key, scope in scopes.items()}
        requests = [
            qdrant.QueryRequest(
                limit=search.limit,
                query=_nearest(search.by),
                filter=filters.get(id(search.scope)),
                params=_SEARCHING,
                with_payload=not (bare or search.words),
                with_vector=[BM25] if search.words else False,
            )
            for search in searches
        ]
        with self._in_use():
            return self._shard.query_batch(qdrant.QueryBatchRequest(requests))

    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """See `VectorStore`."""
        with self._in_use():
            return {str(record.id): record.payload or {} for record in self._shard.retrieve(list(ids), True, False)}

    def flush(self) -> None:
        """See `VectorStore`."""
        with self._in_use():
            self._shard.flush()

    def optimize(self) -> None:
        """See `VectorStore`."""
        with self._in_use():
            self._shard.optimize()
        self._has_changed()

    def close(self) -> None:
        """See `VectorStore`."""
        self._closed = True
        with self._errors_in_words():
            close_shard(self._shard)

    def _errors_in_words(self) -> AbstractContextManager[None]:
        return _errors_in_words(self.folder)

    def _update(self, operation: qdrant.UpdateOperation) -> None:
        with self._in_use():
            self._shard.update(operation)


def _configuration(dimensions: int, *, learned: bool) -> qdrant.EdgeConfig:
    """How a store is kept; one that was kept otherwise is searched as it is and changed by the next `optimize`."""
    dense = qdrant.EdgeVectorParams(
        size=dimensions,
        distance=qdrant.Distance.Cosine,
        quantization_config=_BYTES,
        memory=qdrant.Memory.Cold,  # read from disk where a search needs them
    )
    words = {BM25: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)}
    if learned:
        words[LEARNED] = qdrant.EdgeSparseVectorParams()  # rarity is part of what a model has learned
    return qdrant.EdgeConfig(
        vectors={DENSE: dense},
        sparse_vectors=words,
        hnsw_config=_GRAPH,
    )


def _nearest(by: list[float] | Words) -> qdrant.Query:
    return qdrant.Query.Nearest(_vector(by), using=vector_name(by))


def _vector(by: list[float] | Words) -> list[float] | qdrant.SparseVector:
    return qdrant.SparseVector(list(by.indices), list(by.weights)) if isinstance(by, Words) else by


def _words_of(vectors: Any) -> Words:
    """The words among the vectors that a chunk brings; none where it brings none."""
    said = vectors.get(BM25) if vectors else None
    return Words(tuple(said.indices), tuple(said.values)) if said else bm25.NOTHING


def _filter(scope: Scope) -> qdrant.Filter:
    match scope:
        case OneOf(key, values):
            return qdrant.Filter(must=[qdrant.FieldCondition(key, match=qdrant.MatchAny(list(values)))])
        case Ids(ids):
            return qdrant.Filter(must=[qdrant.HasIdCondition(set(ids))])
        case Combined(how, parts):
            conditions: dict[str, Any] = {how: [_filter(part) for part in parts]}
            return qdrant.Filter(**conditions)


@contextmanager
def _errors_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # Where Edge meets damage that it does not expect it panics, and a panic in Rust is no Exception in Python.
        if not (isinstance(error, Exception) or is_panic(error)):
            raise
        text = str(error)
        if "WouldBlock" in text:
            raise LibraryInUseError(
                f"Another DocMind has the library in {folder.parent} open. Close it, or use its window."
            ) from error
        if "expected vector size" in text or "Vector dimension error" in text:
            raise EmbedderMismatchError(base.OTHER_EMBEDDER) from error
        if "No space left on device" in text:
            raise disk_is_full(folder.parent) from error
        if "Permission denied" in text or "Read-only file system" in text:
            raise cannot_be_written(f"folder of vectors {folder}", text) from error
        raise LibraryError(
            f"The vectors in {folder} cannot be used ({text}). Close DocMind, move that folder away and open it again; "
            "it then reads the documents again from its own copies."
        ) from error
