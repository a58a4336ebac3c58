"""Checkable citations: each with the hash of its document's bytes, the hash of its words, and where they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docmind.answering.export.quotations import Span, locate
from docmind.answering.export.shelf import Original, Shelf
from docmind.errors import DocumentError
from docmind.records import Locator

if TYPE_CHECKING:
    from docmind.answering.citations import Citation  # brings LlamaIndex, which verifying does not need


@dataclass(frozen=True, slots=True)
class CheckableCitation:
    """A citation that anybody who has the document can check.

    Attributes:
        n: Its number in the answer, from 1.
        document: The document's name.
        document_sha256: SHA-256 of the document's bytes; None where it was deleted before DocMind kept note of that.
        locator: Where in the document the quotation stands.
        heading: Section path of the passage.
        quote: The quotation.
        quote_sha256: SHA-256 of the quotation, as UTF-8.
        spans: Its characters in the text of its page or section, as DocMind reads it; empty where the document could
            not be read any more. One that goes over a break, or takes in a table's headers, has several.
    """

    n: int
    document: str
    document_sha256: str | None
    locator: Locator
    heading: str
    quote: str
    quote_sha256: str
    spans: tuple[Span, ...]

    def values(self) -> dict[str, Any]:
        """As JSON values; `from_values` of `record` reads them."""
        return {
            "n": self.n,
            "document": self.document,
            "document_sha256": self.document_sha256,
            "locator": self.locator.values(),
            "heading": self.heading,
            "quote": self.quote,
            "quote_sha256": self.quote_sha256,
            "spans": [{"locator": span.locator.values(), "start": span.start, "end": span.end} for span in self.spans],
        }


def checkable(citations: Sequence[Citation], shelf: Shelf) -> tuple[CheckableCitation, ...]:
    """Citations with hashes and offsets, in their order. Each document is read once, in a process of its own.

    Args:
        citations: Those of an answer, an analysis or whatever else quotes.
        shelf: The library's documents (`shelf_of_library`).
    """
    return tuple(_checkable(citation, shelf) for citation in citations)


def sha256_of_text(text: str) -> str:
    """The SHA-256 of a text as UTF-8, in hexadecimal digits; lone surrogates count as question marks."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _checkable(citation: Citation, shelf: Shelf) -> CheckableCitation:
    original = shelf.with_id(citation.document_id)
    with suppress(DocumentError):  # its file may be gone since the library was looked at
        original = shelf.with_bytes(citation.document_sha256) or original
    return CheckableCitation(
        n=citation.n,
        document=citation.document,
        document_sha256=citation.document_sha256 or (original.sha256 if original else None),
        locator=citation.locator,
        heading=citation.heading,
        quote=citation.quote,
        quote_sha256=sha256_of_text(citation.quote),
        spans=_spans(citation, original, shelf) if original else (),
    )


def _spans(citation: Citation, original: Original, shelf: Shelf) -> tuple[Span, ...]:
    try:
        sections = shelf.sections(original)
    except DocumentError:  # it was read when it was added; an export is worth having all the same
        return ()
    return locate(citation.quote, sections, citation.locator, citation.passage, inside_words=True)
