"""Words of a sentence with their places: stems, names, and numbers with their values and units."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from docmind.answering.proof.numbers import numbered, with_ranges
from docmind.answering.proof.tokens import Word, pieces


@lru_cache(maxsize=8192)
def read(sentence: str) -> tuple[Word, ...]:
    """The words of a sentence, in order; a number takes its currency, scale and unit along."""
    return tuple(with_ranges(list(numbered(sentence, list(pieces(sentence))))))


def keys(words: Sequence[Word]) -> frozenset[str]:
    """What telling words are compared by."""
    return frozenset(key for word in words if word.telling for key in word.keys)
