"""The table of formats: what each is called, which module reads it, and how its files are told from others.

To add a format: one file with ``parse(source) -> ParsedDocument``, and one line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """What a parser is given.

    Attributes:
        path: The file.
        name: The name the user knows, fit for a message.
    """

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What tells the kind of a file.

    Attributes:
        head: Its first 4 KiB.
        entries: Names in it, where it is a ZIP container.
    """

    head: bytes
    entries: frozenset[str] = frozenset()

    @property
    def binary(self) -> bool:
        """Whether it cannot be text of one byte a character."""
        return b"\x00" in self.head[:1024]


Sniff = Callable[[Sample], bool]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read.

    Attributes:
        name: Short name, as in `ParsedDocument.format`.
        title: The words for it in a message.
        suffixes: In lower case, with their dots.
        module: The module with its `parse`; imported when the first such document comes.
        sniff: Whether a file is of this format whatever its name says; None where only the name can tell.
        text: Whether it is text. The name of a text decides; its `sniff` is for texts that claim to be something else.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    sniff: Sniff | None = None
    text: bool = False


def _starts(*marks: bytes, binary: bool = False) -> Sniff:
    """With `binary`, for marks so short that a text may start with them, too."""
    return lambda sample: sample.head.startswith(marks) and (sample.binary or not binary)


def _holds(prefix: str) -> Sniff:
    return lambda sample: any(entry.startswith(prefix) for entry in sample.entries)


def _is_pdf(sample: Sample) -> bool:  # other bytes may stand in front, but an archive that begins with a PDF is none
    return b"%PDF-" in sample.head[:1024] and not sample.entries


def _is_html(sample: Sample) -> bool:  # an error page, perhaps, that was saved as the document
    return sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith((b"<!doctype html", b"<html"))


def _is_ascii(sample: Sample) -> bool:
    return not sample.binary and sample.head.isascii()


FORMATS: tuple[Format, ...] = (
    Format("pdf", "a PDF", (".pdf",), "docmind.parsing.pdf.document", _is_pdf),
    Format("docx", "a Word document", (".docx",), "docmind.parsing.docx", _holds("word/document")),
    Format("md", "Markdown", (".md", ".markdown"), "docmind.parsing.markdown", text=True),
    Format("html", "a web page", (".html", ".htm", ".xhtml"), "docmind.parsing.html", _is_html, text=True),
    Format("txt", "plain text", (".txt", ".text"), "docmind.parsing.text", _is_ascii, text=True),
)
"""Every format that is read; where several recognise a file, the first that does."""

SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(suffix for form in FORMATS for suffix in form.suffixes)


def format_by_name(name: str) -> str | None:
    """The format that a file's name claims; None where it claims none that is read."""
    return next((form.name for form in FORMATS if name.lower().endswith(form.suffixes)), None)


OLD_OFFICE = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""The container of Office files before 2007, and of later ones under a password."""

UNREAD: tuple[tuple[str, Sniff], ...] = (
    ("an Excel workbook", _holds("xl/")),
    ("a PowerPoint presentation", _holds("ppt/")),
    ("an e-book", _holds("META-INF/container.xml")),
    ("an OpenDocument file", _holds("content.xml")),
    ("an empty ZIP archive", _starts(b"PK\x05\x06")),
    ("a ZIP archive", _starts(b"PK\x03\x04")),
    ("an Office document in the format used before 2007", OLD_OFFICE),
    ("a PNG picture", _starts(b"\x89PNG\r\n")),
    ("a JPEG picture", _starts(b"\xff\xd8\xff")),
    ("a GIF picture", _starts(b"GIF8")),
    ("a TIFF picture", _starts(b"II*\x00", b"MM\x00*")),
    ("a BMP picture", _starts(b"BM", binary=True)),
    ("a sound, film or WebP picture", _starts(b"RIFF")),
    ("a sound file", _starts(b"ID3", b"OggS")),
    ("a program", _starts(b"\x7fELF", b"\xcf\xfa\xed\xfe")),
    ("a Windows program", _starts(b"MZ", binary=True)),
    ("a gzip archive", _starts(b"\x1f\x8b")),
    ("a 7-Zip archive", _starts(b"7z\xbc\xaf")),
    ("a RAR archive", _starts(b"Rar!\x1a")),
    ("a bzip2 archive", _starts(b"BZh")),
    ("an xz archive", _starts(b"\xfd7zXZ")),
    ("an RTF document", _starts(b"{\\rtf")),
    ("a PostScript file", _starts(b"%!PS")),
    ("a database", _starts(b"SQLite format 3\x00")),
)
"""Kinds of file that are recognised only to be refused by their name; the first that fits counts."""
