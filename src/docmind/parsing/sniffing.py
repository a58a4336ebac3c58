"""What happens to a file before a parser sees it: is it there, how large is it, what is it really?"""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Sequence
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
from docmind.parsing.formats import FORMATS, OLD_OFFICE, SUPPORTED_SUFFIXES, UNREAD, Format, Sample, Source
from docmind.parsing.limits import MAX_TEXT_FILE_BYTES, check_text_size, show_name
from docmind.records import ParsedDocument

_HEAD_BYTES = 4096
_ZIP_ENTRIES = 10_000
_ZIP_BYTES = 1024 * 2**20  # uncompressed, all entries together
_ZIP_RATIO = 200  # Word's own XML stays under about 60
_ZIP_RATIO_FLOOR = 10 * 2**20  # below this size a high ratio is harmless


def read(path: Path, name: str, max_file_bytes: int, formats: Sequence[Format] = FORMATS) -> ParsedDocument:
    """Check a file, find out what it is and parse it.

    Args:
        path: The file.
        name: The name the user knows; its suffix says what the file claims to be.
        max_file_bytes: Largest file accepted.
        formats: What is read.

    Raises:
        DocumentError: any of its kinds.
    """
    shown = show_name(name)
    suffix = Path(shown).suffix
    claimed = next((form for form in formats if suffix.lower() in form.suffixes), None)
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
    actual = _recognise(path, head, claimed, shown, formats)
    if actual.text and size > MAX_TEXT_FILE_BYTES:
        raise DocumentTooLargeError(
            f"'{shown}' has {size / 2**20:,.1f} MiB of text; the limit is "
            f"{MAX_TEXT_FILE_BYTES / 2**20:,.0f} MiB. Split it into smaller files and add those."
        )
    module: Any = importlib.import_module(actual.module)
    document: ParsedDocument = module.parse(Source(path, shown))
    check_text_size(sum(len(block.text) for block in document.blocks), shown)
    if not any(block.text.strip() for block in document.blocks):
        raise EmptyDocumentError(f"'{shown}' holds no text. Check it in the program that made it, then add it again.")
    if actual != claimed:
        warning = f"'{shown}' is not what its name says: it was read as {actual.title}."
        document = replace(document, warnings=(warning, *document.warnings))
    return document


def _recognise(path: Path, head: bytes, claimed: Format | None, shown: str, formats: Sequence[Format]) -> Format:
    """The format the content really has; refuses what no parser here reads."""
    sample = Sample(head, _zip_entries(path, shown) if head.startswith(b"PK\x03\x04") else frozenset())
    if OLD_OFFICE(sample):
        _refuse_password(path, shown)
    told = [form for form in formats if form.sniff and form.sniff(sample)]
    for form in told:
        if not form.text:
            return form
    for title, sniff in UNREAD:
        if sniff(sample):
            raise DamagedDocumentError(_not_readable(shown, title, claimed))
    if claimed is None:
        raise UnsupportedFormatError(
            f"'{shown}' ({Path(shown).suffix or 'no suffix'}) is a kind of file that cannot be read yet. Save it as "
            f"one of {', '.join(SUPPORTED_SUFFIXES)} and add that."
        )
    if claimed.text or claimed.sniff is None:
        return claimed
    if told:
        return told[0]
    raise DamagedDocumentError(_not_readable(shown, "damaged", claimed))


def _not_readable(shown: str, description: str, claimed: Format | None) -> str:
    claim = f" and not {claimed.title}" if claimed else ""
    return (
        f"'{shown}' appears to be {description}{claim}. Open it in the program that made it, save it "
        f"as one of {', '.join(SUPPORTED_SUFFIXES)} and add that."
    )


def _refuse_password(path: Path, shown: str) -> None:
    with path.open("rb") as stream:
        content = stream.read(64 * 2**20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise EncryptedDocumentError(
            f"'{shown}' is protected by a password. Save it without a password and add it again."
        )


def _zip_entries(path: Path, shown: str) -> frozenset[str]:
    """The names in a ZIP container; refuses one that is damaged or a bomb."""
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
    return frozenset(entry.filename for entry in entries)
