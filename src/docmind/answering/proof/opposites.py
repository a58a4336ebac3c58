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
    known = _opposites()
    theirs = _stems(second)
    if any(known[stem] & theirs for stem in _stems(first)):
        return True
    one, other = first.lower, second.lower
    return any(one == prefix + other or other == prefix + one for prefix in _DENYING if min(len(one), len(other)) > 3)


def _stems(word: Word) -> frozenset[str]:
    lower = word.lower
    return frozenset(stem for form in {lower, forms().get(lower, lower)} for stem in (_stem(form),))


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
