"""What a reader of a PDF asks besides its pages: where words stand, and the outline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types

from docmind.parsing.pdf.document import open_pdf
from docmind.records import OutlineEntry

_MOST_ON_A_PAGE = 500
_MOST_ENTRIES = 2_000
_LONGEST_TITLE = 200  # characters
_DEEPEST = 6


def matches(text_page: pdfium.PdfTextPage, words: str) -> Iterator[tuple[int, int]]:
    """Where those words stand on a page, whatever their case, as first character and number of characters."""
    if not words.strip():
        return
    with closing(text_page.search(" ".join(words.split()))) as searcher:
        for _ in range(_MOST_ON_A_PAGE):
            if (found := searcher.get_next()) is None:
                return
            yield found


def count_matches(path: Path, words: str, first: int, last: int, *, name: str) -> list[tuple[int, int]]:
    """How often those words stand on each of the pages that have them: (1-based page, times).

    Args:
        path: The PDF.
        words: What to look for.
        first: 1-based page to begin with.
        last: 1-based page to end with; pages beyond the end are passed over.
        name: The name the user knows.

    Raises:
        DocumentError: one of the errors of `open_pdf`.
    """
    counted = []
    with open_pdf(path, name) as document:
        for number in range(max(1, first), min(last, len(document)) + 1):
            try:
                with closing(document[number - 1]) as sheet, closing(sheet.get_textpage()) as text_page:
                    times = sum(1 for _ in matches(text_page, words))
            except pdfium.PdfiumError:  # a page that is damaged has nothing to be found
                continue
            if times:
                counted.append((number, times))
    return counted


def outline_of(path: Path, *, name: str) -> list[OutlineEntry]:
    """The document's own outline; empty where it has none.

    Raises:
        DocumentError: one of the errors of `open_pdf`.
    """
    entries = []
    with open_pdf(path, name) as document:
        for entry in islice(document.get_toc(max_depth=_DEEPEST), _MOST_ENTRIES):
            target = entry.get_dest()
            index = target.get_index() if target else None
            title = " ".join((entry.get_title() or "").split())[:_LONGEST_TITLE]
            if index is not None and title:
                entries.append(OutlineEntry(min(_DEEPEST, entry.level + 1), title, index + 1))
    return entries
