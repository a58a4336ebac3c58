"""Opposites: whether one word denies another, by a list out of WordNet and by the prefixes that deny."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache

from docmind.answering.proof.tokens import Word, forms, lines
from docmind.sentences import content_terms

_DENYING = ("un", "in", "im", "il", "ir", "non", "dis", "mis", "de")


@lru_cache(maxsize=4096)
def opposite(first: Word, second: Word) -> bool:
    """Whether two words are opposites: 'rose' and 'fell', 'legal' and 'illegal'."""
    known, theirs = _opposites(), _stems(second)
    if any(known[stem] & theirs for stem in _stems(first)):
        return True
    one, other = first.lower, second.lower
    return any(one == prefix + other or other == prefix + one for prefix in _DENYING if min(len(one), len(other)) > 3)


def _stems(word: Word) -> frozenset[str]:
    lower = word.lower
    return frozenset(map(_stem, {lower, forms().get(lower, lower), *_compared(lower)}))


def _compared(word: str) -> list[str]:
    """What 'longer', 'biggest' and 'easier' may be forms of."""
    for ending in ("er", "est"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            base = word.removesuffix(ending)
            return [base, base + "e", base[:-1] + "y" if base.endswith("i") else base[:-1]]
    return []


def _stem(word: str) -> str:
    terms = content_terms(word)
    return terms[0] if terms else word


@cache
def _opposites() -> defaultdict[str, set[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines("antonyms.txt"):
        first, second = line.split()
        one, other = _stem(first), _stem(second)
        if one != other:
            known[one].add(other)
            known[other].add(one)
    return known
