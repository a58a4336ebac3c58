"""Captions of pages: the first short lines of a page, which tell what it is, as 'Consolidated Balance Sheet' does.

They are looked at by the search beside the passages of the page (`docmind.retrieval.clues`), and are part of none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from docmind.records import Block

_DIGIT = re.compile(r"\d")
_WORDS: Final = 16  # a longer line is a sentence, and a caption that is as long is complete
_LINES: Final = 2
_CHARACTERS: Final = 200  # of a caption; a longer word is a mistake of the file's
# What stands on so many pages is furniture: a running title, the name of the company.
_FURNITURE_SHARE: Final = 0.15
_FURNITURE_PAGES: Final = 2


def page_captions(blocks: Sequence[Block]) -> Mapping[int, str]:
    """Page -> its caption; pages that begin with a table or with running text have none.

    Args:
        blocks: A document's blocks in reading order; those without a page have no caption.
    """
    pages = [
        (page, list(_first_lines(list(group))))
        for page, group in groupby(blocks, key=lambda block: block.locator.page)
        if page is not None
    ]
    seen = Counter(_alike(line) for _, lines in pages for line in set(lines))
    often = max(_FURNITURE_PAGES, _FURNITURE_SHARE * len(pages))
    captions = {page: _caption([line for line in lines if seen[_alike(line)] <= often]) for page, lines in pages}
    return {page: caption for page, caption in captions.items() if caption}


def _first_lines(blocks: Sequence[Block]) -> Iterator[str]:
    """The short lines that a page begins with."""
    for block in blocks:
        if block.kind == "table":
            return
        for line in block.text.splitlines():
            if len(line.split()) > _WORDS:
                return
            if any(character.isalpha() for character in line):
                yield " ".join(line.split())


def _alike(line: str) -> str:
    """A line as it is told from others: numbers of pages and years make no difference."""
    return _DIGIT.sub("0", line.casefold())


def _caption(lines: Sequence[str]) -> str:
    complete = bool(lines) and len(lines[0].split()) >= _WORDS
    return " ".join(lines[: 1 if complete else _LINES])[:_CHARACTERS]
