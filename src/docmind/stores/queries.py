"""What is asked of a vector store: how a LlamaIndex query is read, so that all stores answer it alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from docmind.stores.bm25 import NOTHING, Words

OWNER: Final = "doc_id"  # LlamaIndex's payload key for the document that a node belongs to
# Of each search, so many candidates for each result wanted go into a fusion, and no fewer than so many.
_CANDIDATES_PER_RESULT = 2
_FEWEST_CANDIDATES = 50


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
class Query:
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
        return max(self.limit * _CANDIDATES_PER_RESULT, _FEWEST_CANDIDATES)


@dataclass(frozen=True, slots=True)
class Search:
    """One search, as a store makes it.

    Attributes:
        by: A vector to be near to, or words to be found by: BM25's, or learned ones.
        limit: Results at most.
        scope: What may be found; None is everything.
        words: Whether what is found brings its words and their weights in place of its payload.
    """

    by: list[float] | Words
    limit: int
    scope: Scope | None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found.

    Attributes:
        id: Its id.
        score: Higher is better.
        payload: LlamaIndex's form of the chunk, with its metadata beside it; empty where its words were wanted.
        words: Its words as BM25 weighs them; none where its payload was wanted.
    """

    id: str
    score: float
    payload: Mapping[str, Any]
    words: Words = NOTHING


def owned_by(document_ids: Sequence[str]) -> OneOf:
    """The chunks of these documents."""
    return OneOf(OWNER, tuple(document_ids))


def read_query(query: VectorStoreQuery) -> Query:
    """A LlamaIndex query as what it asks for; see `VectorStore.query`."""
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
    return Query(
        limit=query.hybrid_top_k or query.similarity_top_k,
        vector=query.query_embedding if meaning else None,
        words=query.query_str if words else None,
        scope=all_of([] if query.doc_ids is None else [owned_by(query.doc_ids)], query.filters),
        alpha=0.5 if query.alpha is None else query.alpha,
    )


def all_of(parts: Sequence[Scope], filters: MetadataFilters | None) -> Scope | None:
    """What all parts and the filters allow; None is everything."""
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
