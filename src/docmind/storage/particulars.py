"""Particulars: what users are shown of a document beside its text, and how long documents of its kind take to read."""

from __future__ import annotations

from docmind.errors import LibraryError
from docmind.storage.database import Database


class Particulars:
    """Names, first words and languages of documents in the catalogue; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run

    def rename(self, document_id: str, name: str) -> None:
        """Call a searchable document otherwise; answers that were given keep the name they were given with.

        Raises:
            LibraryError: another searchable document has the name.
        """
        with self._database.transaction():
            if self._run("SELECT id FROM document WHERE state = 'ready' AND name = ? AND id <> ?", (name, document_id)):
                raise LibraryError(f"Another document is called {name} already. Choose another name.")
            self._run("UPDATE document SET name = ? WHERE id = ? AND state = 'ready'", (name, document_id))

    def describe(self, document_id: str, description: str, language: str | None) -> None:
        """Note a document's own first words, and its language as a code of ISO 639-1."""
        values = (description, language, document_id)
        self._run("UPDATE document SET description = ?, language = ? WHERE id = ?", values)

    def undescribed(self) -> list[str]:
        """Ids of the searchable documents that were read by a version that noted no first words."""
        rows = self._run("SELECT id FROM document WHERE state = 'ready' AND description = '' ORDER BY rowid DESC")
        return [row["id"] for row in rows]

    def pace(self) -> dict[str, float]:
        """How many seconds a byte of each format took to be read in this library."""
        rows = self._run(
            "SELECT format, TOTAL(seconds) / TOTAL(size) AS pace FROM document WHERE state = 'ready' AND size > 0 AND "
            "seconds IS NOT NULL AND format IS NOT NULL GROUP BY format"
        )
        return {row["format"]: row["pace"] for row in rows}
