"""A Qdrant server as a LlamaIndex vector store, for libraries that outgrow one machine.

The collection has the schema of `docmind.stores.edge`, words are weighed by the same BM25, and a query is read by the
same code, so that both rank alike. Graphs are built by the server itself.
"""

from __future__ import annotations

import re
import ssl
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.utils import node_to_metadata_dict
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from docmind.errors import EmbedderMismatchError, LibraryError, SettingsError
from docmind.network import Address, require_local
from docmind.settings import Settings
from docmind.stores import base, bm25
from docmind.stores.base import BM25, DENSE, LEARNED, VectorStore, vector_name
from docmind.stores.bm25 import LearnedWords, Words
from docmind.stores.queries import OWNER, Combined, Hit, Ids, OneOf, Scope, Search, owned_by

_SECONDS = 60  # for one request; the client's own default of 5 is too short for a batch on a busy server
_POINTS_A_REQUEST = 256  # of 1,024 dimensions and a passage each: some 6 MB of the 32 MB that a server accepts
_OLDEST_SERVER = (1, 19)  # Qdrant keeps its client at most one minor release ahead of a server
_SEARCHING = models.SearchParams(
    hnsw_ef=base.SEARCH_BREADTH,
    quantization=models.QuantizationSearchParams(rescore=True, oversampling=base.OVERSAMPLING),
)
_NAME = re.compile(r"docmind-[0-9a-f]{32}")


class ServerVectorStore(VectorStore):
    """One collection on a Qdrant server, which orders what several threads write."""

    collection: str

    _client: QdrantClient = PrivateAttr()

    @classmethod
    def open(cls, marker: Path, dimensions: int, settings: Settings, *, learned: bool = False) -> ServerVectorStore:
        """Open or create this library's collection on the server that the settings name.

        Args:
            marker: File that holds the name of the library's collection; made when there is none, so that libraries
                share a server without sharing chunks.
            dimensions: Length of the dense vectors.
            settings: Name the server and its key.
            learned: Whether chunks carry learned words.

        Raises:
            SettingsError: the server's address is not allowed, or it refuses the key.
            LibraryError: it does not answer, is too old, or the marker cannot be used.
            EmbedderMismatchError: the collection holds vectors of another length.
        """
        address = _allowed_address(settings)
        client = _connect(address, settings)
        try:
            name, leaves = _collection(marker), address.leaves_machine
            store = cls(dimensions=dimensions, learned=learned, collection=name, leaves_machine=leaves)
            store._client = client
            store._find_or_create()
            return store
        except BaseException:
            client.close()
            raise

    def _find_or_create(self) -> None:
        words = {BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)}
        if self.learned:
            words[LEARNED] = models.SparseVectorParams()  # rarity is part of what a model has learned
        client, collection = self._client, self.collection
        with _errors_in_words():
            if client.collection_exists(collection):
                _check_vectors(client, collection, self.dimensions, words)
            else:
                client.create_collection(
                    collection,
                    vectors_config={DENSE: _dense(self.dimensions)},
                    sparse_vectors_config=words,
                    hnsw_config=models.HnswConfigDiff(
                        m=base.GRAPH_LINKS,
                        ef_construct=base.GRAPH_BREADTH,
                        full_scan_threshold=base.GRAPH_THRESHOLD,
                    ),
                )
            # Also where the collection exists: whoever made it may have been killed before this line.
            client.create_payload_index(collection, OWNER, models.PayloadSchemaType.KEYWORD, wait=True)

    @staticmethod
    def remove(marker: Path, settings: Settings) -> None:
        """Delete this library's collection and the marker, where there are any; raises what `open` raises."""
        if not marker.exists():
            return
        client = _connect(_allowed_address(settings), settings)
        try:
            with _errors_in_words():
                client.delete_collection(_collection(marker))
        finally:
            client.close()
        marker.unlink()

    @property
    def client(self) -> QdrantClient:
        """The client itself, for what this class does not offer."""
        return self._client

    def add(self, nodes: Sequence[BaseNode], learned: Sequence[LearnedWords] | None = None, **_: Any) -> list[str]:
        """See `VectorStore`."""
        for begin in range(0, len(nodes), _POINTS_A_REQUEST):
            part = slice(begin, begin + _POINTS_A_REQUEST)
            vectors = self._vectors(nodes[part], None if learned is None else learned[part])
            points = [_point(node, each) for node, each in zip(nodes[part], vectors, strict=True)]
            with self._in_use():
                self._client.upsert(self.collection, points, wait=True)
            self._has_changed()
        return [node.node_id for node in nodes]

    def overwrite(self, payloads: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """See `VectorStore`."""
        changes = [
            models.SetPayloadOperation(set_payload=models.SetPayload(payload=dict(payload), points=[node_id]))
            for node_id, payload in payloads
        ]
        with self._in_use():
            self._client.batch_update_points(self.collection, changes, wait=True)

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """See `VectorStore`."""
        owned = models.FilterSelector(filter=_filter(owned_by([ref_doc_id])))
        with self._in_use():
            self._client.delete(self.collection, owned, wait=True)
        self._has_changed()

    def count(self, ref_doc_id: str | None = None) -> int:
        """See `VectorStore`."""
        owner = _filter(owned_by([ref_doc_id])) if ref_doc_id is not None else None
        with self._in_use():
            return self._client.count(self.collection, count_filter=owner, exact=True).count

    def scroll(self, scope: Scope | None, fields: Sequence[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `VectorStore`."""
        condition = _filter(scope) if scope is not None else None
        start: models.ExtendedPointId | None = None
        while True:
            with self._in_use():
                page, start = self._client.scroll(
                    self.collection,
                    scroll_filter=condition,
                    limit=base.PAGE,
                    offset=start,
                    with_payload=True if fields is None else list(fields),
                )
            yield from ((str(record.id), record.payload or {}) for record in page)
            if start is None:
                return

    def search(self, searches: Sequence[Search]) -> list[list[Hit]]:
        """See `VectorStore`."""
        return [
            [Hit(str(point.id), point.score, point.payload or {}, _words_of(point.vector)) for point in found.points]
            for found in self._answers(searches, bare=False)
        ]

    def scores(self, searches: Sequence[Search]) -> list[dict[str, float]]:
        """See `VectorStore`."""
        return [{str(point.id): point.score for point in found.points} for found in self._answers(searches, bare=True)]

    def _answers(self, searches: Sequence[Search], *, bare: bool) -> list[models.QueryResponse]:
        # A long list of documents is made into a filter once, for all searches that share it.
        scopes = {id(search.scope): search.scope for search in searches if search.scope is not None}
        filters = {key: _filter(scope) for key, scope in scopes.items()}
        requests = [
            models.QueryRequest(
                query=_vector(search.by),
                using=vector_name(search.by),
                filter=filters.get(id(search.scope)),
                params=_SEARCHING,
                limit=search.limit,
                with_payload=not (bare or search.words),
                with_vector=[BM25] if search.words else False,
            )
            for search in searches
        ]
        with self._in_use():
            return self._client.query_batch_points(self.collection, requests)

    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """See `VectorStore`."""
        with self._in_use():
            return {
                str(record.id): record.payload or {} for record in self._client.retrieve(self.collection, list(ids))
            }

    def flush(self) -> None:
        """Nothing to do: every write waited until the server had it in its own log."""

    def optimize(self) -> None:
        """Nothing to do: the server builds its graphs by itself, as chunks come and go."""

    def close(self) -> None:
        """See `VectorStore`."""
        self._closed = True
        self._client.close()

    def _errors_in_words(self) -> AbstractContextManager[None]:
        return _errors_in_words()


def _allowed_address(settings: Settings) -> Address:
    allowed = settings.allow_remote_server
    return require_local(settings.qdrant_url or "", allowed=allowed, setting="DOCMIND_QDRANT_URL")


def _connect(address: Address, settings: Settings) -> QdrantClient:
    url = httpx.URL(address.url)
    secure = url.scheme == "https"
    key = settings.qdrant_key.get_secret_value() if settings.qdrant_key else ""
    if key and address.leaves_machine and not secure:
        raise SettingsError(
            "DOCMIND_QDRANT_KEY would travel readable to all on the way. Let the server speak TLS and write https:// "
            "in DOCMIND_QDRANT_URL."
        )
    # A certificate proves the name by itself; without one the checked address is what must be reached.
    host = url.host if secure else address.listening() or url.host
    client = QdrantClient(
        host=f"[{host}]" if ":" in host else host,
        port=url.port or (443 if secure else 80),
        https=secure,
        prefix=url.path.rstrip("/") or None,
        headers={"api-key": key} if key else None,
        timeout=_SECONDS,
        check_compatibility=False,  # it asks from a thread of its own, through proxies; done below
        trust_env=False,
        # The machine's own certificates, so that a company's server with a certificate of its own is reached too.
        verify=ssl.create_default_context() if secure else False,
    )
    try:
        with _errors_in_words():
            version = client.info().version
        numbers = re.match(r"(\d+)\.(\d+)", version)
        if numbers is None or (int(numbers[1]), int(numbers[2])) < _OLDEST_SERVER:
            oldest = ".".join(map(str, _OLDEST_SERVER))
            raise LibraryError(f"The Qdrant {address.words} is version {version}; DocMind needs {oldest} or later.")
    except BaseException:
        client.close()
        raise
    return client


def _collection(marker: Path) -> str:
    """The name in the marker, made up where there is none."""
    try:
        if not marker.exists():
            marker.parent.mkdir(parents=True, exist_ok=True)
            begun = marker.with_name(f"{marker.name}.begun")
            begun.write_text(f"docmind-{uuid.uuid4().hex}\n", encoding="utf-8")
            begun.replace(marker)
        name = marker.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"{marker} cannot be used ({error}). Check its permissions, or remove it.") from error
    if not _NAME.fullmatch(name):
        raise LibraryError(
            f"{marker} does not hold the name of this library's collection. Remove it; DocMind then reads the "
            "documents again into a new collection."
        )
    return name


def _dense(dimensions: int) -> models.VectorParams:
    """As the embedded store keeps them. A collection that was made without the bytes stays so."""
    scalar = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=base.QUANTILE, always_ram=True)
    return models.VectorParams(
        size=dimensions,
        distance=models.Distance.COSINE,
        quantization_config=models.ScalarQuantization(scalar=scalar),
        on_disk=True,
    )


def _check_vectors(client: QdrantClient, collection: str, dimensions: int, words: Mapping[str, Any]) -> None:
    found = client.get_collection(collection).config.params
    dense = found.vectors.get(DENSE) if isinstance(found.vectors, dict) else None
    if dense is None or not words.keys() <= (found.sparse_vectors or {}).keys():
        raise LibraryError(
            f"The collection {collection} on the Qdrant server was not made by DocMind. Start a new library with "
            "DOCMIND_DATA_DIR."
        )
    if dense.size != dimensions:
        raise EmbedderMismatchError(base.OTHER_EMBEDDER)


def _point(node: BaseNode, vectors: Mapping[str, list[float] | Words]) -> models.PointStruct:
    named = {name: _vector(each) for name, each in vectors.items()}
    return models.PointStruct(id=node.node_id, vector=named, payload=node_to_metadata_dict(node))


def _vector(by: list[float] | Words) -> list[float] | models.SparseVector:
    return models.SparseVector(indices=list(by.indices), values=list(by.weights)) if isinstance(by, Words) else by


def _words_of(vectors: models.VectorStructOutput | None) -> Words:
    """The words among the vectors that a chunk brings; none where it brings none."""
    said = vectors.get(BM25) if isinstance(vectors, dict) else None
    return Words(tuple(said.indices), tuple(said.values)) if isinstance(said, models.SparseVector) else bm25.NOTHING


def _filter(scope: Scope) -> models.Filter:
    match scope:
        case OneOf(key, values):
            return models.Filter(must=[models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))])
        case Ids(ids):
            return models.Filter(must=[models.HasIdCondition(has_id=list(ids))])
        case Combined(how, parts):
            conditions: dict[str, Any] = {how: [_filter(part) for part in parts]}
            return models.Filter(**conditions)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except ResponseHandlingException as error:
        raise LibraryError(
            f"The Qdrant server does not answer as expected ({error.source}). Start it, check DOCMIND_QDRANT_URL (with "
            "its port, as in http://127.0.0.1:6333), or remove that setting to keep vectors in the library's folder."
        ) from error
    except UnexpectedResponse as error:
        if error.status_code in {401, 403}:
            raise SettingsError(
                "The Qdrant server refuses the key. Set DOCMIND_QDRANT_KEY to one that it knows."
            ) from error
        raise LibraryError(
            f"The Qdrant server refused a request ({error.status_code} {error.reason_phrase}). Its own log says why; "
            "where the collection is gone, close DocMind and open it again, and it reads the documents again."
        ) from error
    except ResourceExhaustedResponse as error:
        raise LibraryError(f"The Qdrant server is too busy. Try again in {error.retry_after_s} s.") from error
