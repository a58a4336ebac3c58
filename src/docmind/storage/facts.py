"""Facts about a library as a whole, such as the embedding model that filled it."""

from __future__ import annotations

from docmind.storage.database import Database


class Facts:
    """What is remembered of the library as a whole; safe to share between threads.

    Attributes:
        database: The file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._run = database.run

    @property
    def revision(self) -> int:
        """A number that grows whenever what is searchable changes."""
        return int(self.fact("revision") or 0)

    def ready_names(self) -> dict[str, str]:
        """The names of all searchable documents by their ids, oldest first."""
        rows = self._run("SELECT id, name FROM document WHERE state = 'ready' ORDER BY rowid")
        return {row["id"]: row["name"] for row in rows}

    def ready_chunks(self) -> int:
        """Chunks of all searchable documents together."""
        return int(self._run("SELECT TOTAL(chunks) AS chunks FROM document WHERE state = 'ready'")[0]["chunks"])

    def ready_size(self) -> tuple[int, int]:
        """How many documents are searchable, and how many bytes their files have together."""
        (row,) = self._run("SELECT COUNT(*) AS number, TOTAL(size) AS size FROM document WHERE state = 'ready'")
        return int(row["number"]), int(row["size"])

    def fact(self, key: str) -> str | None:
        """A remembered value, such as the embedding model that filled the library."""
        rows = self._run("SELECT value FROM fact WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    def remember(self, key: str, value: str) -> None:
        """Remember a value."""
        self._run("INSERT OR REPLACE INTO fact VALUES (?, ?)", (key, value))

    def forget_embedder(self) -> None:
        """Free the library, if it is empty, to be filled with another embedding model."""
        # One statement, because another thread may queue a document between a question and a deletion.
        self._run(
            "DELETE FROM fact WHERE key IN ('embedder', 'dimensions', 'index') AND NOT EXISTS "
            "(SELECT 1 FROM document WHERE state IN ('queued', 'reading', 'ready'))"
        )

    def _bump_revision(self) -> None:
        self._run("UPDATE fact SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")
