"""The bytes of originals: which documents need them, and which are loose.

Loose bytes may be removed, since no document has them yet, or any more. They are noted before a document's row goes and
before its bytes get their name, so that a crash in between leaves nothing behind for long. Bytes that are neither some
document's nor loose are those of documents that another catalogue knew, one that was lost or is newer than the backup
that took its place: they are kept aside (`ingestion/set_aside.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docmind.storage.database import Database

_NEEDED = "(state IN ('queued', 'reading', 'ready') OR state = 'failed' AND may_retry = 1)"


class OriginalBytes:
    """What the catalogue knows of them, by their SHA-256; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._run = database.run

    def is_needed(self, sha256: str) -> bool:
        """Whether a document with these bytes is searchable, being read, waiting, or may be tried again."""
        return bool(self._run(f"SELECT 1 FROM document WHERE sha256 = ? AND {_NEEDED} LIMIT 1", (sha256,)))  # noqa: S608 - ours alone

    def needed(self) -> set[str]:
        """Those of every document that needs its bytes."""
        return {row["sha256"] for row in self._run(f"SELECT sha256 FROM document WHERE {_NEEDED}")}  # noqa: S608 - ours alone

    def names(self, sha256: str | None = None) -> dict[str, list[str]]:
        """What the documents are called that have the bytes which some document needs, or only those that are named."""
        of_them, values = ("sha256 = ?", (sha256, sha256)) if sha256 else ("1", ())
        rows = self._run(
            f"SELECT DISTINCT sha256, name FROM document WHERE {of_them} AND state <> 'removing' AND sha256 IN "  # noqa: S608 - ours alone
            f"(SELECT sha256 FROM document WHERE {of_them} AND {_NEEDED}) ORDER BY name",
            values,
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["sha256"], []).append(row["name"])
        return found

    def loosen(self, sha256: str) -> None:
        """Note bytes that no document has yet."""
        self._run("INSERT OR IGNORE INTO loose_bytes VALUES (?)", (sha256,))

    def loosen_those_of(self, where: str, values: Sequence[Any]) -> None:
        """Note those of documents whose rows are about to go, or to need them no more.

        Args:
            where: Which documents, as a condition of SQL, ours alone.
            values: What is bound in it.
        """
        self._run(f"INSERT OR IGNORE INTO loose_bytes SELECT sha256 FROM document WHERE {where}", values)  # noqa: S608 - see above

    def settle(self, sha256: str) -> None:
        """Note that a document has them, or that they are gone."""
        self._run("DELETE FROM loose_bytes WHERE sha256 = ?", (sha256,))

    def loose(self) -> set[str]:
        """All that are, those of documents among them that are being removed."""
        rows = self._run("SELECT sha256 FROM loose_bytes UNION SELECT sha256 FROM document WHERE state = 'removing'")
        return {row["sha256"] for row in rows}
