"""What every vector store promises."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode, MetadataMode, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

from docmind.errors import LIBRARY_CLOSED, LibraryError
from docmind.stores import bm25
from docmind.stores.bm25 import LearnedWords, Words
from docmind.stores.fusion import fuse
from docmind.stores.queries import Hit, Ids, Scope, Search, all_of, owned_by, read_query

DENSE: Final = "dense"
BM25: Final = "bm25"
LEARNED: Final = "learned"  # words as the embedding model weighs them; only in stores that were made for them
ORDINAL: Final = "ordinal"  # a chunk's number in its document, in reading order
FORM: Final = "1"  # of vectors and payloads as they are stored; part of `docmind.fingerprint`
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
# Graphs are searched over vectors of one byte a number, which are a quarter as large; of so many times the results that
# are wanted, what is found is put in order by the vectors themselves. Chunks that lie in no graph yet are compared by
# the vectors themselves, too. `docmind bench scale` measures it; docs/benchmarks/scale.md says what was tried.
SEARCH_BREADTH: Final = 512
OVERSAMPLING: Final = 2.0
QUANTILE: Final = 0.99  # of the numbers; those beyond are as good as the last ones within


class VectorStore(BasePydanticVectorStore):
    """Vectors and payloads of chunks. Reads and writes may come from any thread, also all at once.

    Every method raises LibraryError where the store is damaged, closed, out of space or does not answer.

    Attributes:
        dimensions: Length of the dense vectors.
        learned: Whether chunks carry learned words beside those of BM25.
        leaves_machine: Whether text goes to another machine.
    """

    stores_text: bool = True
    dimensions: int
    learned: bool = False
    leaves_machine: bool = False

    _closed: bool = PrivateAttr(default=False)
    # What is known of words until the next write: their rarities, by their indices.
    _rarities: dict[int, float] = PrivateAttr(default_factory=dict)

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return cls.__name__

    @abstractmethod
    def search(self, searches: Sequence[Search]) -> list[list[Hit]]:
        """What each search finds, the best first; all of them in one go."""

    @abstractmethod
    def scores(self, searches: Sequence[Search]) -> list[dict[str, float]]:
        """As `search`, the best first, but ids and scores alone, in half of the time."""

    @abstractmethod
    def scroll(self, scope: Scope | None, fields: Sequence[str] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Id and payload of every chunk in the scope, read a page at a time, in no order to rely on.

        Args:
            scope: What to read; None is everything.
            fields: Keys of the payload to read; None is all of them.
        """

    @abstractmethod
    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Payloads of a few chunks by their ids; what is not there is left out."""

    @abstractmethod
    def add(self, nodes: Sequence[BaseNode], learned: Sequence[LearnedWords] | None = None, **_: Any) -> list[str]:
        """Write nodes that carry their embeddings. A node of the same id is overwritten. Returns the ids.

        Args:
            nodes: The chunks.
            learned: Their learned words, one for each; for a store that keeps such, and for no other.

        Raises:
            ValueError: it keeps learned words and is given none, or the other way round.
        """

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
        """Flush and release what is held open. Calls under way return what they found or LIBRARY_CLOSED."""

    @abstractmethod
    def _errors_in_words(self) -> AbstractContextManager[None]:
        """Raises errors of the store's library as errors of DocMind's."""

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Around each call: none begins once the store is being closed, and what closing does to one is called that."""
        if self._closed:
            raise LibraryError(LIBRARY_CLOSED)
        try:
            with self._errors_in_words():
                yield
        except LibraryError as error:
            if self._closed:
                raise LibraryError(LIBRARY_CLOSED) from error
            raise

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """Search by meaning (DEFAULT), by words (TEXT_SEARCH, SPARSE) or by both, fused (HYBRID).

        In HYBRID, `alpha` weighs meaning against words: 1 is meaning alone, 0 words alone.
        `doc_ids` limits the search to those documents; `filters` may use ==, !=, in and nin.

        Raises:
            ValueError: the query lacks what its mode needs, or asks for what is not offered.
        """
        hits = self.hits(query)
        return VectorStoreQueryResult(
            nodes=[node_of(hit.payload) for hit in hits],
            similarities=[hit.score for hit in hits],
            ids=[hit.id for hit in hits],
        )

    def hits(self, query: VectorStoreQuery, learned: LearnedWords | None = None) -> list[Hit]:
        """What `query` finds, best first, for whoever needs the metadata of many and the nodes of a few (`node_of`).

        Args:
            query: As in `query`.
            learned: The question's learned words, which a fusion then takes in place of BM25's.

        Raises:
            ValueError: as `query`, or the store keeps no learned words.
        """
        if learned is not None and not self.learned:
            raise ValueError("This store keeps no learned words.")
        asked = read_query(query)
        if asked.vector is not None and asked.words is not None:
            return fuse(self, asked, learned)
        by = bm25.of_query(asked.words) if asked.words is not None else asked.vector
        assert by is not None  # noqa: S101 - a query has one or the other
        (hits,) = self.search([Search(by, asked.limit, asked.scope)])
        return hits

    def rarities(self, words: Sequence[int]) -> list[float]:
        """How rare words are among all chunks (idf, as the store weighs them); 0 for what no chunk holds.

        Args:
            words: Indices of words, as `docmind.stores.bm25` gives them.
        """
        known = self._rarities
        unknown = [word for word in words if word not in known]
        searches = [Search(bm25.Words((word,), (1.0,)), 1, None, words=True) for word in unknown]
        best = self.search(searches) if searches else []
        known.update((word, _rarity(word, hits)) for word, hits in zip(unknown, best, strict=True))
        return [known[word] for word in words]

    def _vectors(
        self, nodes: Sequence[BaseNode], learned: Sequence[LearnedWords] | None
    ) -> list[dict[str, list[float] | Words]]:
        """The vectors of each node by their names; arguments and errors as in `add`."""
        if nodes and (learned is not None) != self.learned:
            raise ValueError("Chunks must have learned words where the store keeps them, and only there.")
        plain = [(node.get_embedding(), bm25.of_document(node.get_content(MetadataMode.EMBED))) for node in nodes]
        if learned is None:
            return [{DENSE: dense, BM25: words} for dense, words in plain]
        return [{DENSE: dense, BM25: words, LEARNED: more} for (dense, words), more in zip(plain, learned, strict=True)]

    def _has_changed(self) -> None:
        """Forget what was known of the words; for whatever adds or removes chunks."""
        self._rarities = {}

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """Chunks with these ids, in their order, and with this metadata; None of both is everything.

        Raises:
            ValueError: a filter asks for what is not offered; see `query`.
        """
        parts = [] if node_ids is None else [Ids(tuple(node_ids))]
        found = dict(self.scroll(all_of(parts, filters)))
        ids = found if node_ids is None else [node_id for node_id in node_ids if node_id in found]
        return [node_of(found[node_id]) for node_id in ids]

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


def vector_name(by: list[float] | Words) -> str:
    """Under which name chunks keep the vector that is compared with this one."""
    match by:
        case LearnedWords():
            return LEARNED
        case Words():
            return BM25
        case _:
            return DENSE


def node_of(payload: Mapping[str, Any]) -> BaseNode:
    """The node that a chunk's payload holds, as LlamaIndex writes it there."""
    if payload.get("_node_type") == TextNode.class_name():
        # What `metadata_dict_to_node` makes of it, in two thirds of the time: some 20 us, of 30 nodes a search.
        return TextNode.model_validate_json(payload["_node_content"])
    return metadata_dict_to_node(dict(payload))


def _rarity(word: int, hits: Sequence[Hit]) -> float:
    """A word's idf: the score of a passage that was searched for by it alone, over the word's weight in there."""
    if not hits:
        return 0.0
    said = hits[0].words
    weights = dict(zip(said.indices, said.weights, strict=True))
    return hits[0].score / weights[word] if weights.get(word) else 0.0
