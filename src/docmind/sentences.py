"""Sentences and words: the units in which chunks are packed and answers are checked."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer
from llama_index.core.utils import globals_helper

from docmind.lean_imports import without

with without("scipy", "sklearn", "pandas"):  # nltk would load them for its statistics: a second of every start
    from nltk.stem.snowball import SnowballStemmer

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
"""The months, as alternatives of a pattern."""

_LONGEST_LINE = 20_000  # characters; a line of prose is a paragraph, and none is so long
# Punkt ships inside llama-index-core, so nothing is fetched at run time.
_split = split_by_sentence_tokenizer()


def split_sentences(text: str) -> list[str]:
    """Split text into sentences, without surrounding white space.

    A line break always ends a sentence: rows of a table and items of a list stand on lines of their own.
    """
    return [
        sentence
        for line in text.splitlines()
        if line.strip()
        for part in _bounded(line)
        for sentence in _sentences_of(part)
    ]


def _bounded(line: str) -> Iterator[str]:
    """A line in parts that are not too long for Punkt, which takes two hundred times their memory, cut at a space."""
    begin = 0
    while len(line) - begin > _LONGEST_LINE:
        end = line.rfind(" ", begin, begin + _LONGEST_LINE) + 1
        end = end if end > begin else begin + _LONGEST_LINE
        yield line[begin:end]
        begin = end
    yield line[begin:]


def _sentences_of(line: str) -> list[str]:
    sentences: list[str] = []
    for part in _split(line):
        sentence = part.strip()
        if sentences and _same_sentence(sentences[-1], sentence):
            sentences[-1] += " " + sentence
        elif sentence:
            sentences.append(sentence)
    return sentences


def _same_sentence(before: str, after: str) -> bool:
    """Whether Punkt took the full stop of 'Dr.', 'No.' or 'Inc.' for the end of a sentence."""
    return (
        after[:1].islower()
        or bool(_ABBREVIATION.search(before))
        or (after[:1].isdigit() and bool(_BEFORE_NUMBER.search(before)))
    )


def goes_on(before: str, after: str) -> bool:
    """Whether a paragraph is the rest of a sentence that the one before it began, and a layout broke in two."""
    last, first = before.rstrip().rpartition("\n")[2], after.lstrip().partition("\n")[0]
    return (
        first[:1].islower() and not is_closed(last) and not any(is_item(line) or CELL in line for line in (last, first))
    )


def is_closed(text: str) -> bool:
    """Whether a text ends as a sentence, a clause or an introduction to a list does."""
    return bool(_CLOSED.search(text))


def is_item(line: str) -> bool:
    """Whether a line is an item of a list: it begins with a bullet, a number or a letter."""
    return bool(_ITEM.match(line))


def content_terms(text: str) -> list[str]:
    """The words that carry meaning, lower-cased and stemmed, in order; numbers keep only their digits.

    Stop words are left out, so that 'the rate of interest' and 'interest rates' compare as equal.
    """
    terms = []
    for word in _WORD.findall(text.casefold()):
        if word[0].isdigit():
            terms.append(normal_number(word))
        elif word not in _stop_words():
            terms.append(_stem(word))
    return terms


def numbers(text: str) -> set[str]:
    """The numbers in a text, thousands separators removed: '1,577.00' and '1577' are one number."""
    return {normal_number(word) for word in _NUMBER.findall(text)}


def names(text: str) -> list[str]:
    """Words that name somebody or something: capitalised inside a sentence, where grammar does not ask for it."""
    return _NAME.findall(text)


def abbreviations(text: str) -> list[str]:
    """Words that were made of others, in one spelling: 'J&J' as 'jj', 'A.P.M.' as 'apm', 'PGA-3000' as 'pga3000'.

    They are told by two capitals or an '&'; 'it' is a word, and 'IT' abbreviates.
    """
    made = []
    for word in _MADE.findall(text):
        letters = "".join(filter(str.isalnum, word)).casefold()
        if ("&" in word or sum(map(str.isupper, word)) > 1) and 1 < len(letters) <= _LONGEST_ABBREVIATION:
            made.append(letters)
    return made


def normal_number(written: str) -> str:
    """One spelling for one number."""
    digits = written.rstrip(".,").replace(",", "")
    # Cents that are nought go; no other nought does, because section 4.10 is not section 4.1.
    return re.sub(r"\.00?$", "", digits)


CELL = " | "
"""Stands between the cells of a row."""
# A sentence that ends so does not go on in the next paragraph; an item of a list does not either.
_CLOSED = re.compile(r"[.!?…:;。\uff01\uff1f]\W*$")
_ITEM = re.compile(r"\s*(?:[-*•‣▪\u2013]|\(?(?:\d{1,3}|[a-z]|[ivx]+)[.)])\s+\S")

# What a sentence hardly ever ends with; those of the second kind stand before a number.
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|Rev|Gen|St|cf|vs|approx|incl|e\.g|i\.e)\.$", re.IGNORECASE)
_BEFORE_NUMBER = re.compile(r"(?:^|[\s(])(?:Nos?|Art|Sec|Figs?|Eq|Vol|pp?)\.$", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d.,]*")
# The first word of a sentence is capitalised anyway and tells nothing.
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w'’-]+")
_MADE = re.compile(r"[^\W_]+(?:[&.-][^\W_]+)*")
_LONGEST_ABBREVIATION = 10
_WORD = re.compile(r"\d[\d.,]*|[^\W\d_]+(?:['’][^\W\d_]+)?|\w+")
_stemmer = SnowballStemmer("english")
_stem = functools.lru_cache(maxsize=50_000)(_stemmer.stem)


@functools.cache
def _stop_words() -> frozenset[str]:
    # The list that ships inside llama-index-core, read on first use because it opens a file.
    return frozenset(globals_helper.stopwords)
