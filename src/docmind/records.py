"""The plain values that travel between steps. They depend on nothing and do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text in reading order.

    Attributes:
        text: Readable text. A paragraph has its line breaks joined; a table has one line a row,
            cells separated by ' | '.
        kind: What the text is.
        level: 1 to 6 for a heading, otherwise 0.
        page: 1-based page it stands on; None where the format has no pages.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser found in one file.

    Attributes:
        format: Short name of the format: 'pdf', 'docx', 'txt', 'md', 'html'.
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


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page drawn with a quotation marked.

    Attributes:
        png: The picture.
        page_count: Pages in the document.
        quote_top: Where the marked quotation begins, as a share of the picture's height from the top (0 to 1);
            None where it was not found on the page.
    """

    png: bytes
    page_count: int
    quote_top: float | None
