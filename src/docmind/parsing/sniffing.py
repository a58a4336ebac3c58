"""What happens to a file before a parser sees it: is it there, how large is it, what is it really?"""

from __future__ import annotations

import importlib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from docmind.errors import (
    DamagedDocumentError,
    DocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    UnsupportedFormatError,
)
from docmind.parsing.formats import FORMATS, MODULES, SUPPORTED_SUFFIXES, TITLES, Source
from docmind.parsing.limits import MAX_TEXT_FILE_BYTES, check_text_size, show_name
from docmind.records import ParsedDocument

_TEXT_FORMATS = {"txt", "md", "html"}
_HEAD_BYTES = 4096
_ZIP_ENTRIES = 10_000
_ZIP_BYTES = 1024 * 2**20  # uncompressed, all entries together
_ZIP_RATIO = 200  # Word's own XML stays under about 60
_ZIP_RATIO_FLOOR = 10 * 2**20  # below this size a high ratio is harmless

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "a sound, film or WebP picture"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3\x00", "a database"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
)
_SHORT_MAGIC = ((b"MZ", "a Windows program"), (b"BM", "a BMP picture"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(path: Path, name: str, max_file_bytes: int, hint_seconds: float) -> ParsedDocument:
    """Check a file, find out what it is and parse it.

    Args:
        path: The file.
        name: The name the user knows; its suffix says what the file claims to be.
        max_file_bytes: Largest file accepted.
        hint_seconds: Time the layout hints of a PDF may take beyond its text; 0 leaves them out.

    Raises:
        DocumentError: any of its kinds.
    """
    shown = show_name(name)
    claimed = FORMATS.get(Path(show_name(name)).suffix.lower())
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise DocumentError(
            f"'{shown}' cannot be opened ({error.strerror or error}). Check that it still exists and that "
            "you may read it, then add it again."
        ) from error
    if size == 0:
        raise EmptyDocumentError(f"'{shown}' is empty (0 bytes). Check that it was saved, then add it again.")
    if size > max_file_bytes:
        raise DocumentTooLargeError(
            f"'{shown}' has {size / 2**20:,.1f} MiB; the limit is {max_file_bytes / 2**20:,.0f} MiB. "
            "Split it into smaller files, or raise DOCMIND_MAX_FILE_MIB."
        )
    actual = _recognise(path, head, claimed, shown)
    if actual in _TEXT_FORMATS and size > MAX_TEXT_FILE_BYTES:
        raise DocumentTooLargeError(
            f"'{shown}' has {size / 2**20:,.1f} MiB of text; the limit is "
            f"{MAX_TEXT_FILE_BYTES / 2**20:,.0f} MiB. Split it into smaller files and add those."
        )
    module: Any = importlib.import_module(MODULES[actual])
    document: ParsedDocument = module.parse(Source(path, shown, hint_seconds))
    check_text_size(document, shown)
    if not any(block.text.strip() for block in document.blocks):
        raise EmptyDocumentError(f"'{shown}' holds no text. Check it in the program that made it, then add it again.")
    if actual != claimed:
        warning = f"'{shown}' is not what its name says: it was read as {TITLES[actual]}."
        document = replace(document, warnings=(warning, *document.warnings))
    return document


def _recognise(path: Path, head: bytes, claimed: str | None, shown: str) -> str:
    """The format the content really has; refuses what no parser here reads."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _recognise_zip(path, claimed, shown)
    if head.startswith(b"PK\x05\x06"):
        raise DamagedDocumentError(_not_readable(shown, "an empty ZIP archive", claimed))
    if head.startswith(_OLE):
        _refuse_ole(path, shown, claimed)
    binary = b"\x00" in head[:1024]
    for magic, description in (*_MAGIC, *(_SHORT_MAGIC if binary else ())):
        if head.startswith(magic):
            raise DamagedDocumentError(_not_readable(shown, description, claimed))
    if claimed in _TEXT_FORMATS:
        return claimed
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if claimed and start.startswith((b"<!doctype html", b"<html")):  # an error page saved as a document
        return "html"
    if claimed and not binary and head.isascii():
        return "txt"
    if claimed:
        raise DamagedDocumentError(_not_readable(shown, "damaged", claimed))
    suffix = Path(shown).suffix or "no suffix"
    raise UnsupportedFormatError(
        f"'{shown}' ({suffix}) is a kind of file that cannot be read yet. Save it as one of "
        f"{', '.join(SUPPORTED_SUFFIXES)} and add that."
    )


def _not_readable(shown: str, description: str, claimed: str | None) -> str:
    claim = f" and not {TITLES[claimed]}" if claimed else ""
    return (
        f"'{shown}' appears to be {description}{claim}. Open it in the program that made it, save it "
        f"as one of {', '.join(SUPPORTED_SUFFIXES)} and add that."
    )


def _refuse_ole(path: Path, shown: str, claimed: str | None) -> None:
    """Old Office files, and new ones under a password, share this container."""
    with path.open("rb") as stream:
        content = stream.read(64 * 2**20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise EncryptedDocumentError(
            f"'{shown}' is protected by a password. Save it without a password and add it again."
        )
    raise DamagedDocumentError(_not_readable(shown, "an Office document in the format used before 2007", claimed))


def _recognise_zip(path: Path, claimed: str | None, shown: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DamagedDocumentError(
            f"'{shown}' is damaged or cut short: its ZIP container cannot be opened. "
            "Get a fresh copy, or save it again, and add that."
        ) from error
    total = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if len(entries) > _ZIP_ENTRIES or total > _ZIP_BYTES:
        raise DocumentTooLargeError(
            f"'{shown}' unpacks to {len(entries):,} files and {total / 2**20:,.0f} MiB; the limits are "
            f"{_ZIP_ENTRIES:,} files and {_ZIP_BYTES / 2**20:,.0f} MiB. "
            "Save it again with fewer or smaller parts and add it again."
        )
    if total > _ZIP_RATIO_FLOOR and total / packed > _ZIP_RATIO:
        raise DocumentTooLargeError(
            f"'{shown}' unpacks to {total / packed:,.0f} times its size, which no real document does; it was "
            "not opened. Save it again with the program that made it and add it again."
        )
    names = {entry.filename for entry in entries}
    if "word/document.xml" in names:
        return "docx"
    for prefix, description in (
        ("xl/", "an Excel workbook"),
        ("ppt/", "a PowerPoint presentation"),
        ("META-INF/container.xml", "an e-book"),
        ("content.xml", "an OpenDocument file"),
    ):
        if any(entry.startswith(prefix) for entry in names):
            raise DamagedDocumentError(_not_readable(shown, description, claimed))
    raise DamagedDocumentError(_not_readable(shown, "a ZIP archive", claimed))
