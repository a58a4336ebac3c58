"""Opposites and their contrary: which words deny one another and which mean the same, by lists out of WordNet."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache

from docmind.answering.proof.tokens import Word, forms, lines
from docmind.sentences import content_terms

# Beginnings that deny whatever they stand before. 'in', 'im', 'dis' and 'de' do not: 'information' is no opposite of
# 'formation'; those that do are in WordNet's list.
_DENYING = frozenset({"un", "il", "ir", "non", "mis"})


def opposite(first: Word, second: Word) -> bool:
    """Whether two words are opposites: 'rose' and 'fell', 'legal' and 'illegal'."""
    return bool(_denied_by(first.lower) & _stems(second.lower)) or _prefixed(first.lower, second.lower)


def alike(first: Word, second: Word) -> bool:
    """Whether two words may stand for one another: 'rose' and 'climbed'."""
    return bool(_meaning(first.lower) & _meaning(second.lower)) and not opposite(first, second)


@lru_cache(maxsize=8192)
def _meaning(word: str) -> frozenset[int]:
    known = _groups()
    return frozenset().union(*(known.get(stem, ()) for stem in {_stem(word), _stem(forms().get(word, word))}))


@cache
def _groups() -> defaultdict[str, set[int]]:
    known: defaultdict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(lines("synonyms.txt")):
        for word in line.split():
            known[_stem(word)].add(number)
    return known


@lru_cache(maxsize=8192)
def _denied_by(word: str) -> frozenset[str]:
    known = _opposites()
    return frozenset().union(*(known.get(stem, ()) for stem in _stems(word)))


def _prefixed(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and long.endswith(short) and long.removesuffix(short) in _DENYING


@lru_cache(maxsize=8192)
def _stems(word: str) -> frozenset[str]:
    return frozenset(map(_stem, {word, forms().get(word, word), *_compared(word)}))


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
