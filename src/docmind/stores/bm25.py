"""Words as BM25 weighs them, by Qdrant's own encoder, so that every store ranks alike.

A passage's weight for a word is tf * (k + 1) / (tf + k * (1 - b + b * length / 256)) with k = 1.2 and b = 0.75; the
store multiplies it with the word's rarity in the library (idf).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import qdrant_edge as qdrant

# What the weight of a word in a passage comes near to as the word is repeated: k + 1.
HIGHEST_WEIGHT: Final = 2.2


@dataclass(frozen=True, slots=True)
class Words:
    """A sparse vector: the indices of words, ascending, and the weight of each."""

    indices: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LearnedWords(Words):
    """Words as an embedding model weighs them, in passages and questions alike; kept beside those of BM25.

    What a passage scores is the sum, over the words that both have, of the products of their weights.
    """


NOTHING: Final = Words((), ())
"""No words."""


def of_document(text: str) -> Words:
    """A passage: its words, without stop words and endings, and their weights."""
    return _words(_encoder().embed_document(text))


def of_query(text: str) -> Words:
    """A question: its words, each of which weighs 1."""
    return _words(_encoder().embed_query(text))


@cache
def _encoder() -> qdrant.Bm25:
    return qdrant.Bm25()


def _words(vector: qdrant.SparseVector) -> Words:
    return Words(tuple(vector.indices), tuple(vector.values))
