"""The shelf: documents that can be read again, found by the hash of their bytes or by name.

What an export names is only looked up among them: no path from inside a file is ever opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from docmind.answering.export.quotations import Section, sections_of
from docmind.errors import DocumentError
from docmind.parsing import Reader
from docmind.storage.catalog import Catalog

_KEPT = 4  # documents whose text is kept while their quotations are looked for


@dataclass(frozen=True, slots=True)
class Original:
    """A document: its name, the SHA-256 of its bytes, the file that holds them, and its id in the library."""

    name: str
    sha256: str
    path: Path
    id: str = ""


class Shelf:
    """Documents, and their text as DocMind reads it.

    Args:
        originals: The documents.
        reader: Reads them, in a process that may be killed.
    """

    def __init__(self, originals: Iterable[Original], reader: Reader) -> None:
        self._originals = tuple(originals)
        self._by_hash = {original.sha256: original for original in reversed(self._originals)}
        self._by_id = {original.id: original for original in self._originals if original.id}
        self._by_name = {original.name: original for original in reversed(self._originals)}
        self._reader = reader
        self.sections = lru_cache(maxsize=_KEPT)(self._sections)
        self._is_unchanged = lru_cache(maxsize=None)(lambda original: sha256_of(original.path) == original.sha256)

    def with_bytes(self, sha256: str) -> Original | None:
        """The document of those bytes, whatever it is called, unless they changed on the disk.

        Raises:
            DocumentError: its file cannot be read.
        """
        original = self._by_hash.get(sha256)
        return original if original and self._is_unchanged(original) else None

    def with_id(self, document_id: str) -> Original | None:
        """The document of that id in the library."""
        return self._by_id.get(document_id)

    def named(self, name: str) -> Original | None:
        """The document of that name, or the only one whose name ends in it as a path does."""
        if exact := self._by_name.get(name):
            return exact
        last = PurePosixPath(name).name
        alike = [original for original in self._originals if PurePosixPath(original.name).name == last]
        return alike[0] if len(alike) == 1 else None

    def _sections(self, original: Original) -> tuple[Section, ...]:
        """A document's text by place.

        Raises:
            DocumentError: it cannot be read.
        """
        return sections_of(self._reader.parse(original.path, original.name))


def shelf_of_library(catalog: Catalog, originals: Path, reader: Reader) -> Shelf:
    """The searchable documents of a library; `originals` is the folder with their bytes."""
    found = []
    for document in catalog.documents("ready"):
        path = originals / document.sha256
        if path.is_file():
            found.append(Original(document.name, document.sha256, path, document.id))
    return Shelf(found, reader)


def shelf_of_files(files: Iterable[tuple[Path, str]], reader: Reader) -> Shelf:
    """Files, each with its name.

    Raises:
        DocumentError: one cannot be read.
    """
    return Shelf([Original(name, sha256_of(path), path) for path, name in files], reader)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits.

    Raises:
        DocumentError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
