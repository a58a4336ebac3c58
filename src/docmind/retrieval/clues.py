"""Clues: what a question says of where its answer stands, beside what the answer says.

A document that the question names, a year in its name, the caption of a page: each lifts the passages there a little,
and leaves out none. The weights are small beside a score between 0 and 1, so that they decide among passages that are
about as near; they were set on questions about annual reports and looked at on encyclopaedia articles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from docmind.records import CAPTION
from docmind.sentences import content_terms
from docmind.stores import bm25

_NAMED: Final = 0.05
_SAME_YEAR: Final = 0.03
_CAPTIONED: Final = 0.1
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT_YEAR = re.compile(r"\b(?:fy|cy)\s?['’]?(\d\d)\b", re.IGNORECASE)
_CENTURY: Final = "20"
# What is written with a capital beyond its first letter is a name that was made: 'AMEX', 'JnJ', 'FedEx'.
_SHORT = re.compile(r"\b[A-Z][a-z]*[A-Z][A-Za-z]*\b")
_FEWEST_PARTS: Final = 2
_LONGEST_NAME: Final = 5  # words
# A word that so many of the documents found are named by ('report', '10K') names none of them.
_COMMON_SHARE: Final = 1 / 3
_FEW_DOCUMENTS: Final = 3


def gains_by_name(question: str, passages: Sequence[Mapping[str, Any]]) -> list[float]:
    """What each of the passages that were found gains because the question names its document, 0 to 0.08.

    Args:
        question: The user's words.
        passages: Metadata of those that were found.
    """
    named = _named(question, {document_of(passage) for passage in passages})
    return [named[document_of(passage)] for passage in passages]


def gains_by_caption(passages: Sequence[Mapping[str, Any]], rarities: Mapping[int, float]) -> list[float]:
    """What each of the passages that were found gains because the caption of its page matches, 0 to 0.1.

    Args:
        passages: Metadata of those that were found.
        rarities: How rare the question's words are in the library, by their indices (`docmind.stores.bm25`).
    """
    captioned = _captioned([str(passage.get(CAPTION) or "") for passage in passages], rarities)
    return [_CAPTIONED * share for share in captioned]


def document_of(passage: Mapping[str, Any]) -> str:
    """Name of the document that a passage is from, by its metadata."""
    return str(passage.get("document", ""))


def _named(question: str, names: Iterable[str]) -> dict[str, float]:
    """What the passages of each document gain by its name."""
    asked = [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(question.casefold())]
    runs = {
        "".join(asked[begin:end])
        for begin in range(len(asked))
        for end in range(begin + 1, min(len(asked), begin + _LONGEST_NAME) + 1)
    }
    short = {word.casefold() for word in _SHORT.findall(question)}
    years = {*_YEAR.findall(question), *(_CENTURY + digits for digits in _SHORT_YEAR.findall(question))}
    words = {name: _WORD.findall(PurePath(name).stem.casefold().replace("_", " ")) for name in names}
    use = Counter(word for each in words.values() for word in set(each))
    common = {
        word for word, count in use.items() if len(words) >= _FEW_DOCUMENTS and count > len(words) * _COMMON_SHARE
    }
    gains = {}
    for name, own in words.items():
        telling = [word for word in own if word not in common and not _YEAR.search(word) and content_terms(word)]
        begins = ["".join(telling[:count]) for count in range(1, len(telling) + 1)]
        named = any(begin in runs for begin in begins) or any(_abbreviates(word, telling) for word in short)
        gains[name] = _NAMED * named + _SAME_YEAR * bool(years & set(_YEAR.findall(" ".join(own))))
    return gains


def _abbreviates(short: str, words: Sequence[str], parts: int = 0) -> bool:
    """Whether a word is made of the beginnings of a name's first words, two at least: 'AmEx', 'JnJ', 'IBM'."""
    if not short:
        return parts >= _FEWEST_PARTS
    if not words:
        return False
    first, rest = words[0], words[1:]
    # An 'and' between the words, which a file's name leaves out, is an 'n' there.
    and_then = short[1:] if parts and short[0] == "n" else ""
    return any(
        said.startswith(first[:length]) and _abbreviates(said[length:], rest, parts + 1)
        for said in filter(None, (short, and_then))
        for length in range(1, min(len(first), len(said)) + 1)
    )


def _captioned(captions: Sequence[str], rarities: Mapping[int, float]) -> list[float]:
    """How well each caption matches the question by BM25, 0 to 1: the best one is 1."""
    said = [bm25.of_document(caption) if caption else bm25.NOTHING for caption in captions]
    scores = [
        sum(rarities.get(index, 0.0) * weight for index, weight in zip(words.indices, words.weights, strict=True))
        for words in said
    ]
    best = max(scores, default=0.0)
    return [score / best if best else 0.0 for score in scores]
