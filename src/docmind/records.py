"""The plain values that travel between steps. They depend on nothing and do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

AnswerStyle = Literal["write", "quote"]
AnswerLength = Literal["short", "usual", "detailed"]
BlockKind = Literal["heading", "paragraph", "list", "table", "code"]

SECTION_SEPARATOR = " > "
"""Stands between the headings of a section path."""
CAPTION = "caption"
"""The key of a passage's metadata with the caption of its page."""
SHORT_NAMES = "short_names"
"""The key of a passage's metadata with what its document calls itself for short, apart by spaces: 'ibm'."""
TABLE = "table"
"""Where a passage begins inside a table, the key of its metadata with the caption and the header of that table."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in a document something stands, in the terms of its format; a term that the format lacks is None.

    A payload keeps the terms flat among its other values, so a term is never renamed.

    Attributes:
        page: 1-based page.
        slide: 1-based slide.
        sheet: Name of the sheet.
        cells: Range of cells in it, as in 'A1:C7'.
        section: Number or name of a section that the format itself knows.
        part: Part of a message: 'body', or the name of an attachment.
        page_label: What is printed on the page as its number, where the file says so and it is another. It tells no
            two places apart: what was kept without it is the same place.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cells: str | None = None
    section: str | None = None
    part: str | None = None
    page_label: str | None = field(default=None, compare=False)

    def values(self) -> dict[str, int | str]:
        """The terms that are known, as plain values for a payload or JSON."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in known.items() if value is not None}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """The locator among the values of a payload or JSON; what is not one of its terms is passed over.

        Raises:
            TypeError, ValueError, OverflowError: a page or slide is no number.
        """
        known: dict[str, Any] = {}
        for term in fields(cls):
            if (value := values.get(term.name)) is not None:
                known[term.name] = int(value) if term.name in ("page", "slide") else str(value)
        return cls(**known)

    def words(self, document: str = "") -> str:
        """The place in words fit for people, as in 'page 3, printed 1' or 'lease.pdf, page 3'; '' if not known."""
        values = self.values()
        printed = f", printed {label}" if (label := values.pop("page_label", None)) else ""
        terms = [f"{name} {term}" if name != "cells" else str(term) for name, term in values.items()]
        return ", ".join(filter(None, (document, *terms))) + printed


NOWHERE = Locator()
"""Where nothing more than the document itself is known."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text in reading order.

    Attributes:
        text: Readable text. A paragraph has its line breaks joined; a table has one line a row,
            cells separated by ' | '.
        kind: What the text is.
        level: 1 to 6 for a heading, otherwise 0.
        locator: Where it stands.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    locator: Locator = NOWHERE


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser found in one file.

    Attributes:
        format: Short name of the format, as in the table of formats: 'pdf', 'docx'.
        blocks: Text in reading order.
        title: The document's own title, where it has a believable one.
        pages: Number of pages; None where the format has none.
        warnings: Sentences for the user about what could not be read.
    """

    format: str
    blocks: tuple[Block, ...]
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares (0 to 1) of a picture's width and height."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page drawn with a quotation marked.

    Attributes:
        png: The picture.
        page_count: Pages in the document.
        quote_top: Where the marked quotation begins, as a share of the picture's height from the top (0 to 1);
            None where it was not found on the page.
        label: What the document itself calls the page, as in 'iv' or '44'; '' where it has no name for it.
        marks: Where the quotation stands, a box a line.
        found: Where the words that were looked for stand: for each time, a box a line.
    """

    png: bytes
    page_count: int
    quote_top: float | None
    label: str = ""
    marks: tuple[Box, ...] = ()
    found: tuple[tuple[Box, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A line of a document's outline: how deep it lies (1 is the top), its words, and its 1-based page."""

    level: int
    title: str
    page: int
