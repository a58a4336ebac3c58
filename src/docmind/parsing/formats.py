"""Which formats exist, what their files are called, and which module reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "pdf",
        ".docx": "docx",
        ".txt": "txt",
        ".text": "txt",
        ".md": "md",
        ".markdown": "md",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
    }
)
"""Suffix, in lower case with its dot, to format."""

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "pdf": "docmind.parsing.pdf.document",
        "docx": "docmind.parsing.docx",
        "txt": "docmind.parsing.text",
        "md": "docmind.parsing.markdown",
        "html": "docmind.parsing.html",
    }
)
"""Format to the module that reads it; imported when the first such document comes."""

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "pdf": "a PDF",
        "docx": "a Word document",
        "txt": "plain text",
        "md": "Markdown",
        "html": "a web page",
    }
)
"""Format to the words used for it in messages."""

SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(FORMATS)


@dataclass(frozen=True, slots=True)
class Source:
    """What a parser is given.

    Attributes:
        path: The file.
        name: The name the user knows, fit for a message.
        hint_seconds: Time that guesses about layout may take beyond the text; 0 leaves them out.
    """

    path: Path
    name: str
    hint_seconds: float = 60.0
