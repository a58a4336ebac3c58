"""Particulars: what users are shown of a document beside its text, and how long documents of its kind take to read."""

from __future__ import annotations

from dataclasses import dataclass

from docmind.errors import LibraryError
from docmind.storage.database import Database

SMALL = 20_000  # bytes; below, what any file costs (opening, publishing) outweighs what its bytes cost
_LATEST = 20  # documents of a format that say how fast it is read: the machine and the model may have changed before


@dataclass(frozen=True, slots=True)
class Pace:
    """How long documents of one format took to be read.

    Attributes:
        small: Seconds that one of less than `SMALL` bytes took; None where none was read.
        seconds: What the larger ones took together.
        size: Their bytes.
    """

    small: float | None = None
    seconds: float = 0.0
    size: int = 0


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

    def pace(self) -> dict[str, Pace]:
        """How long the latest documents of each format took in this library."""
        rows = self._run(
            "SELECT format, AVG(seconds) FILTER (WHERE size < ?1) AS small, "
            "TOTAL(seconds) FILTER (WHERE size >= ?1) AS seconds, TOTAL(size) FILTER (WHERE size >= ?1) AS size "
            "FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY format, size >= ?1 ORDER BY rowid DESC) AS number "
            "FROM document WHERE state = 'ready' AND seconds IS NOT NULL AND format IS NOT NULL) "
            "WHERE number <= ?2 GROUP BY format",
            (SMALL, _LATEST),
        )
        return {row["format"]: Pace(row["small"], row["seconds"], int(row["size"])) for row in rows}
