"""Clues: what a question says of where its answer stands, beside what the answer says.

A document that the question names, a year or another period in its name, the caption of a page, figures where some are
asked for: each lifts the passages there a little, and leaves out none. The weights are small beside a score between 0
and 1, so that they decide among passages that are about as near; they were set on questions about annual reports and
looked at on encyclopaedia articles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePath
from typing import Any, Final

from docmind.records import CAPTION, SHORT_NAMES
from docmind.retrieval.periods import periods, with_months
from docmind.sentences import abbreviations, content_terms
from docmind.stores import bm25

_NAMED: Final = 0.05
_SAME_YEAR: Final = 0.03
_SAME_PERIOD: Final = 0.03  # beside that of its year, where a quarter, a month or a day is asked for
_IN_TURN: Final = 0.1
_CAPTIONED: Final = 0.1
_FIGURES: Final = 0.1
# What is measured or counted, how it changed, and which is the most of it: questions of prose ask otherwise.
_ASKS_FOR_FIGURES = re.compile(
    r"\bhow (?:much|many|high|low|large|big|small|long|old|fast|far|tall|deep|heavy|often)\b"
    r"|\b(?:amount|number|ratio|rate|percent(?:age)?|proportion|share|total|average|sum|value|price|cost|balance|margin"
    r"|size|level|figure)s?\b"
    r"|\b(?:increas|decreas|chang|grow|grew|drop|rise|rose|fell|fall|improv|declin|reduc)\w*"
    r"|\b(?:highest|lowest|largest|smallest|greatest|most|least|best|worst|more than|less than)\b",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class _Named:
    """What a question says of a document.

    Attributes:
        gain: What its passages gain by that.
        said: Its name, and its year where several are asked for; '' each where the question does not say it.
    """

    gain: float
    said: tuple[str, str]


def gains_by_name(question: str, passages: Sequence[Mapping[str, Any]]) -> list[float]:
    """What each of the passages that were found gains because the question names its document, 0 to 0.11.

    Args:
        question: The user's words.
        passages: Metadata of those that were found.
    """
    named = _named(question, _called(passages))
    return [named[document_of(passage)].gain for passage in passages]


def gains_in_turn(question: str, passages: Sequence[Mapping[str, Any]], scores: Sequence[float]) -> list[float]:
    """What the best passage of each document gains where a question names several, 0 to 0.1.

    Several years count as several documents where there are such of each. The best passage of each is lifted towards
    the best of all, so that none is left unread for the others' sake.

    Args:
        question: The user's words.
        passages: Metadata of those that were found.
        scores: Their scores so far, names included.
    """
    named = _named(question, _called(passages))
    best: dict[tuple[str, str], int] = {}
    for number, passage in enumerate(passages):
        said = named[document_of(passage)].said
        if any(said) and (said not in best or scores[number] > scores[best[said]]):
            best[said] = number
    gains = [0.0] * len(passages)
    for number in best.values():
        gains[number] = min(_IN_TURN, max(scores[each] for each in best.values()) - scores[number])
    return gains


def gains_by_caption(
    question: str, passages: Sequence[Mapping[str, Any]], rarities: Mapping[int, float]
) -> list[float]:
    """What each of the passages that were found gains because the caption of its page matches, 0 to 0.13.

    Args:
        question: The user's words.
        passages: Metadata of those that were found.
        rarities: How rare the question's words are in the library, by their indices (`docmind.stores.bm25`).
    """
    captions = [str(passage.get(CAPTION) or "") for passage in passages]
    asked = periods(question)
    return [
        _CAPTIONED * share + _SAME_PERIOD * _is_of(asked, caption)
        for caption, share in zip(captions, _captioned(captions, rarities), strict=True)
    ]


def asks_for_figures(question: str) -> bool:
    """Whether a question asks for numbers or compares them."""
    return _ASKS_FOR_FIGURES.search(question) is not None


def gains_by_figures(texts: Sequence[str]) -> list[float]:
    """What each of the passages that were found gains by its numbers where some are asked for, 0 to 0.1.

    The text that tells of a table is often nearer to the question than the table, which hardly has words.

    Args:
        texts: The passages themselves.
    """
    words = [text.split() for text in texts]
    return [_FIGURES * sum(any(map(str.isdigit, word)) for word in each) / len(each) if each else 0.0 for each in words]


def document_of(passage: Mapping[str, Any]) -> str:
    """Name of the document that a passage is from, by its metadata."""
    return str(passage.get("document", ""))


def _called(passages: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, Sequence[str]]]:
    """The titles of the documents, and what they call themselves for short, by their names."""
    return {
        document_of(each): (str(each.get("title", "")), str(each.get(SHORT_NAMES) or "").split()) for each in passages
    }


def _named(question: str, called: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, _Named]:
    """What a question says of each document.

    Args:
        question: The user's words.
        called: The documents' titles, and what they call themselves for short, by their names.
    """
    asked = [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(question.casefold())]
    runs = {
        "".join(asked[begin:end])
        for begin in range(len(asked))
        for end in range(begin + 1, min(len(asked), begin + _LONGEST_NAME) + 1)
    }
    short = {word.casefold() for word in _SHORT.findall(question)}
    made = abbreviations(question)
    asked_for = periods(question)
    years = {
        *_YEAR.findall(question),
        *(_CENTURY + digits for digits in _SHORT_YEAR.findall(question)),
        *(period[:4] for period in asked_for),
    }
    words = {name: _words_of_name(name, title) for name, (title, _) in called.items()}
    use = Counter(word for name, (_, shorts) in called.items() for word in {*words[name], *shorts})
    common = {
        word for word, count in use.items() if len(words) >= _FEW_DOCUMENTS and count > len(words) * _COMMON_SHARE
    }
    said = {
        name: _said(own, common, runs, short)
        or next((word for word in made if word in called[name][1] and word not in common), "")
        for name, own in words.items()
    }
    found = {}
    for name, own in words.items():
        # 'American Express' does not name the documents of American Water, though they begin alike.
        named = bool(said[name]) and not any(
            other != said[name] and other.startswith(said[name]) for other in said.values()
        )
        own_years = years & set(_YEAR.findall(" ".join(own)))
        gain = _NAMED * named + _SAME_YEAR * bool(own_years) + _SAME_PERIOD * _is_of(asked_for, PurePath(name).stem)
        year = min(own_years, default="") if len(years) > 1 else ""
        found[name] = _Named(gain, (said[name] if named else "", year))
    return found


def _is_of(asked: set[str], text: str) -> bool:
    """Whether the name of a document, or a caption, has a period that is asked for."""
    return bool(asked) and not asked.isdisjoint(with_months(periods(text.replace("_", " "))))


def _words_of_name(name: str, title: str) -> list[str]:
    """The words of a document's name, apart where they are written together and its title has them apart."""
    words, of_title = (_WORD.findall(text.casefold().replace("_", " ")) for text in (PurePath(name).stem, title))
    begins = accumulate(of_title)  # joined
    count = next((number for number, begin in enumerate(begins, start=1) if begin == "".join(words)), 0)
    return of_title[:count] or words


def _said(name: Sequence[str], common: Set[str], runs: Set[str], short: Set[str]) -> str:
    """What a question says of a name: as many of its first words as it can, joined, or their abbreviation, or ''."""
    telling = [word for word in name if word not in common and not _YEAR.search(word) and content_terms(word)]
    begins = list(accumulate(telling))
    whole = next((begin for begin in reversed(begins) if begin in runs), "")
    return whole or next((word for word in sorted(short) if _abbreviates(word, telling)), "")


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
