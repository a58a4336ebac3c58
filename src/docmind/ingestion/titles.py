"""Titles: what a document is called, in the words that people use for it.

A file is often named without a space ('AMERICANEXPRESS_2022.pdf'), and nobody asks in such words. What the document
itself writes apart, 'American Express', its title writes apart too: it stands in front of every passage that is
searched, and names the document in a question (`docmind.retrieval.clues`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import PurePath
from typing import Final

from docmind.records import ParsedDocument

_FEWEST_LETTERS: Final = 6  # fewer are one word
_FEWEST_OF_A_PART: Final = 2
_READ: Final = 200_000  # characters of a document, which calls itself by its name early
_JOINED = re.compile(rf"[^\W\d_]{{{_FEWEST_LETTERS},}}")


def document_title(parsed: ParsedDocument, name: str) -> str:
    """The title shown to search: the file's name in words, and the document's own title where it adds to that."""
    stem = " ".join(PurePath(name).stem.replace("_", " ").split())
    own = " ".join((parsed.title or "").split())
    text = "\n".join(chain([own], beginning(parsed, _READ)))
    stem = _JOINED.sub(lambda word: taken_apart(word[0], text), stem)
    if not own or own.casefold() in stem.casefold():
        return stem
    return own if stem.casefold() in own.casefold() else f"{stem}: {own}"


def taken_apart(word: str, text: str) -> str:
    """A word as a text writes it where it stands there as a name of several words: 'BESTBUY' as 'Best Buy'."""
    apart = re.compile(r"\b" + r"\W{0,3}".join(map(re.escape, word)) + r"\b", re.IGNORECASE)
    for found in apart.finditer(text):
        parts = re.findall(r"\w+", found[0])
        if len(parts) > 1 and all(part[0].isupper() and len(part) >= _FEWEST_OF_A_PART for part in parts):
            return " ".join(found[0].split())
    return word


def beginning(parsed: ParsedDocument, characters: int) -> Iterator[str]:
    """The text with which a document begins: blocks until so many characters are read."""
    read = 0
    for block in parsed.blocks:
        if read > characters:
            return
        yield block.text[:characters]
        read += len(block.text)
