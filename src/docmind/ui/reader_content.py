"""What the reader shows: pages of a PDF as pictures, and other documents as their text, laid out in parts.

Each is made when the browser asks for it, and kept, because somebody who reads goes back and forth.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import streamlit as st

from docmind.answering.citations import Citation
from docmind.answering.export.quotations import BETWEEN_BLOCKS, locate, sections_of
from docmind.errors import DocMindError
from docmind.parsing import Reader
from docmind.records import Locator, OutlineEntry, PageImage, ParsedDocument
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

PART_CHARACTERS = 40_000  # of a text without pages; more at once would make the browser slow
MOST_MATCHES = 1_000
_AT_ONCE = 100  # pages searched between two that may be drawn
_Range = tuple[int, int]
# A page or part that the browser asks for, and which of the answer's citations is to be marked on it (-1 for none).
Wanted = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Where words stand: (page or part, times) for each that has them; `more` where there are more than are listed."""

    words: str
    counts: tuple[tuple[int, int], ...]
    more: bool = False


class Pages:
    """A PDF, a picture a page."""

    kind = "pages"

    def __init__(self, workspace: Workspace, document: Document) -> None:
        self._reader = workspace.reader
        self._path, self._name = workspace.originals / document.sha256, document.name
        self.count = document.pages or 1

    def page_of(self, citation: Citation) -> int:
        """The page that a citation points at."""
        return min(self.count, max(1, citation.locator.page or 1))

    def outline(self) -> tuple[OutlineEntry, ...]:
        """Its outline; raises DocumentError where it cannot be read."""
        return _pdf_outline(self._reader, self._path, self._name)

    def draw(self, wanted: Wanted, citations: Sequence[Citation], width: int, words: str) -> dict[str, Any]:
        """One page for the browser; what hinders that is said in it."""
        page, cited = wanted
        # On the pages after the cited one, what runs over its end would be looked for in vain.
        quote = citations[cited].quote if cited >= 0 and self.page_of(citations[cited]) == page else ""
        try:
            image = _picture(self._reader, self._path, self._name, page, quote, width, words)
        except DocMindError as error:
            return {"problem": str(error)}
        return {
            "src": f"data:image/png;base64,{base64.b64encode(image.png).decode('ascii')}",
            "label": image.label,
            "marks": image.marks,
            "found": image.found,
            "lost": bool(quote) and image.quote_top is None,
        }

    def find(self, words: str) -> Found:
        """Where words stand; raises DocumentError where it cannot be read."""
        return _pdf_matches(self._reader, self._path, self._name, self.count, words)


class Text:
    """A document without pages: its text in parts of about `PART_CHARACTERS`.

    Raises:
        DocumentError: it cannot be read.
    """

    kind = "text"

    def __init__(self, workspace: Workspace, document: Document) -> None:
        self._laid = _laid_out(workspace.reader, workspace.originals / document.sha256, document.name)
        self.count = len(self._laid.parts)

    def page_of(self, citation: Citation) -> int:
        """The part that a citation points at."""
        marks = self._laid.marks(citation)
        return self._laid.part_of(marks[0][0]) if marks else 1

    def outline(self) -> tuple[OutlineEntry, ...]:
        """Its headings."""
        headings = ((number, block) for number, block in enumerate(self._laid.parsed.blocks) if block.kind == "heading")
        return tuple(
            OutlineEntry(max(1, block.level), block.text[:200], self._laid.part_of(number))
            for number, block in islice(headings, 2_000)
        )

    def draw(self, wanted: Wanted, citations: Sequence[Citation], width: int, words: str) -> dict[str, Any]:  # noqa: ARG002 - as Pages
        """One part for the browser: its blocks, each with what is marked and what is found in it."""
        part, cited = wanted
        marks: dict[int, list[_Range]] = {}
        if cited >= 0:
            for block, start, end in self._laid.marks(citations[cited]):
                marks.setdefault(block, []).append((start, end))
        blocks = self._laid.parsed.blocks
        return {
            "blocks": [
                [
                    block.kind,
                    block.level,
                    block.text,
                    _for_browser(block.text, marks.get(number, [])),
                    _for_browser(block.text, _ranges(block.text, words)),
                ]
                for number in self._laid.parts[min(part, self.count) - 1]
                for block in (blocks[number],)
            ],
            "lost": cited >= 0 and not marks,
        }

    def find(self, words: str) -> Found:
        """Where words stand."""
        blocks = self._laid.parsed.blocks
        counted = (
            (part, sum(len(_ranges(blocks[number].text, words)) for number in numbers))
            for part, numbers in enumerate(self._laid.parts, start=1)
        )
        return _capped(words, [(part, times) for part, times in counted if times])


def content_of(workspace: Workspace, document: Document) -> Pages | Text:
    """What there is to show of a document.

    Raises:
        DocumentError: it cannot be read.
    """
    return Pages(workspace, document) if document.format == "pdf" else Text(workspace, document)


@dataclass(frozen=True)
class _LaidOut:
    """A text in parts: the numbers of its blocks, and where in the text of its place each begins."""

    parsed: ParsedDocument
    parts: tuple[range, ...]
    begins: tuple[tuple[Locator, int], ...]

    def part_of(self, block: int) -> int:
        return next(part for part, numbers in enumerate(self.parts, start=1) if block in numbers)

    def marks(self, citation: Citation) -> list[tuple[int, int, int]]:
        """What of which blocks a citation quotes: (block, start, end)."""
        sections = sections_of(self.parsed)
        found = []
        for span in locate(citation.quote, sections, citation.locator, citation.passage, inside_words=True):
            for number, (locator, begin) in enumerate(self.begins):
                start, end = span.start - begin, span.end - begin
                length = len(self.parsed.blocks[number].text)
                if locator == span.locator and start < length and end > 0:
                    found.append((number, max(0, start), min(length, end)))
        return found


@st.cache_resource(max_entries=4, show_spinner="Opening the document …")
def _laid_out(_reader: Reader, path: Path, name: str) -> _LaidOut:
    parsed = _reader.parse(path, name, at_once=True)
    parts: list[range] = []
    begins: list[tuple[Locator, int]] = []
    lengths: dict[Locator, int] = {}
    first = characters = 0
    for number, block in enumerate(parsed.blocks):
        if characters > PART_CHARACTERS or (characters > 0.8 * PART_CHARACTERS and block.kind == "heading"):
            parts.append(range(first, number))
            first, characters = number, 0
        characters += len(block.text)
        begin = lengths.get(block.locator, 0)
        begins.append((block.locator, begin))
        lengths[block.locator] = begin + len(block.text) + len(BETWEEN_BLOCKS)
    parts.append(range(first, len(parsed.blocks)))
    return _LaidOut(parsed, tuple(parts), tuple(begins))


@st.cache_data(max_entries=128, show_spinner=False)
def _picture(_reader: Reader, path: Path, name: str, page: int, quote: str, width: int, words: str) -> PageImage:
    return _reader.render_page(path, page, quote, width, words=words, name=name)


@st.cache_data(max_entries=16, show_spinner=False)
def _pdf_outline(_reader: Reader, path: Path, name: str) -> tuple[OutlineEntry, ...]:
    return _reader.outline(path, name=name)


@st.cache_data(max_entries=64, show_spinner=False)
def _pdf_matches(_reader: Reader, path: Path, name: str, pages: int, words: str) -> Found:
    counts: list[tuple[int, int]] = []
    for first in range(1, pages + 1, _AT_ONCE):
        counts += _reader.count_matches(path, words, first, first + _AT_ONCE - 1, name=name)
        if sum(times for _, times in counts) > MOST_MATCHES:
            break
    return _capped(words, counts)


def _capped(words: str, counts: list[tuple[int, int]]) -> Found:
    kept: list[tuple[int, int]] = []
    total = 0
    for page, times in counts:
        if total >= MOST_MATCHES:
            return Found(words, tuple(kept), more=True)
        kept.append((page, times))
        total += times
    return Found(words, tuple(kept))


def _ranges(text: str, words: str) -> list[_Range]:
    """Where words stand in a text, whatever their case and the spaces between them."""
    if not words.strip():
        return []
    pattern = r"\s+".join(map(re.escape, words.split()))
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]


def _for_browser(text: str, ranges: Sequence[_Range]) -> list[_Range]:
    """Ranges counted as a browser counts, to which some characters (emoji, rare ideographs) are two."""
    if not ranges or text.isascii() or max(text) <= "\uffff":
        return list(ranges)
    return [(_units(text[:start]), _units(text[:end])) for start, end in ranges]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
