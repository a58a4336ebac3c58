"""Analyses of whole documents: finished ones, and what a model wrote on the way to one, to be written only once.

Both belong to the documents that they were made of, and go with them.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docmind.storage.database import Database


@dataclass(frozen=True, slots=True)
class StoredAnalysis:
    """A finished analysis. `made` is in seconds since 1970; `content` is what was stored, as plain JSON values."""

    id: str
    title: str
    made: float
    content: dict[str, Any]


class Analyses:
    """The analyses in the catalogue; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run

    def add(self, title: str, content: dict[str, Any], document_ids: Sequence[str]) -> StoredAnalysis | None:
        """Keep a finished analysis; None where one of its documents was removed meanwhile."""
        stored = StoredAnalysis(uuid.uuid4().hex, title, time.time(), content)
        with self._database.transaction():
            for document_id in document_ids:
                if not self._run("SELECT id FROM document WHERE id = ? AND state = 'ready'", (document_id,)):
                    return None
            self._run(
                "INSERT INTO analysis (id, title, made, content) VALUES (?, ?, ?, ?)",
                (stored.id, stored.title, stored.made, json.dumps(content)),
            )
            for document_id in dict.fromkeys(document_ids):
                self._run("INSERT INTO analysis_document VALUES (?, ?)", (stored.id, document_id))
        return stored

    def all(self) -> list[StoredAnalysis]:
        """All finished analyses, the newest first."""
        rows = self._run("SELECT id, title, made, content FROM analysis ORDER BY made DESC, rowid DESC")
        return [StoredAnalysis(**{**row, "content": json.loads(row["content"])}) for row in rows]

    def rename(self, analysis_id: str, title: str) -> None:
        """Call a finished analysis otherwise."""
        self._run("UPDATE analysis SET title = ? WHERE id = ?", (title, analysis_id))

    def delete(self, analysis_id: str) -> None:
        """Drop a finished analysis."""
        self._run("DELETE FROM analysis WHERE id = ?", (analysis_id,))

    def forget_document(self, document_id: str) -> None:
        """Drop every analysis that a document is part of, and what was kept on the way to one."""
        with self._database.transaction():
            self._run(
                "DELETE FROM analysis WHERE id IN (SELECT analysis_id FROM analysis_document WHERE document_id = ?)",
                (document_id,),
            )
            self._run("DELETE FROM analysis_step WHERE document_id = ?", (document_id,))

    def step(self, document_id: str, key: str) -> str | None:
        """What was kept of one step; the key says of which text, by which model, with which prompt."""
        rows = self._run("SELECT value FROM analysis_step WHERE document_id = ? AND key = ?", (document_id, key))
        return str(rows[0]["value"]) if rows else None

    def keep_step(self, document_id: str, key: str, value: str) -> None:
        """Keep what a model wrote of a part of a document, unless the document was removed meanwhile."""
        self._run(
            "INSERT OR REPLACE INTO analysis_step (document_id, key, value) "
            "SELECT id, ?, ? FROM document WHERE id = ? AND state = 'ready'",
            (key, value, document_id),
        )
