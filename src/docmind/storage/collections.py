"""Collections: names that users give to groups of documents. One is there as long as a document is in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docmind.storage.database import Database


class Collections:
    """The collections in the catalogue; safe to share between threads. Capitals tell no two apart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run

    def all(self) -> dict[str, int]:
        """Their names in alphabetical order, each with how many searchable documents it holds."""
        rows = self._run(
            "SELECT collection.name, COUNT(document.id) AS documents FROM collection LEFT JOIN document "
            "ON document.id = document_id AND state = 'ready' GROUP BY collection.name ORDER BY collection.name"
        )
        return {row["name"]: row["documents"] for row in rows}

    def by_document(self) -> dict[str, list[str]]:
        """For each document that is in any, the names of its collections in alphabetical order."""
        found: dict[str, list[str]] = {}
        for row in self._run("SELECT name, document_id FROM collection ORDER BY name"):
            found.setdefault(row["document_id"], []).append(row["name"])
        return found

    def documents_of(self, names: Collection[str]) -> list[str]:
        """Ids of the searchable documents that are in any of the collections, oldest first."""
        # From the collection to its documents: the planner would look at every document there is.
        rows = self._run(
            f"SELECT DISTINCT document.id, document.rowid FROM collection CROSS JOIN document "  # noqa: S608 - marks only
            f"ON document.id = document_id WHERE collection.name IN ({', '.join('?' * len(names))}) "
            "AND state = 'ready' ORDER BY document.rowid",
            tuple(names),
        )
        return [row["id"] for row in rows]

    def add(self, name: str, document_ids: Sequence[str]) -> str:
        """Put documents into a collection, a new one where there is none of that name.

        Returns:
            The name as it is kept: as the collection was called first, whatever its capitals; '' for a name of spaces
            only, which puts them nowhere.
        """
        name = " ".join(name.split())
        with self._database.transaction():
            known = self._run("SELECT name FROM collection WHERE name = ? LIMIT 1", (name,))
            name = known[0]["name"] if known else name
            for document_id in document_ids if name else ():
                self._run("INSERT OR IGNORE INTO collection (name, document_id) VALUES (?, ?)", (name, document_id))
        return name

    def remove(self, name: str, document_ids: Sequence[str]) -> None:
        """Take documents out of a collection."""
        with self._database.transaction():
            for document_id in document_ids:
                self._run("DELETE FROM collection WHERE name = ? AND document_id = ?", (name, document_id))

    def hand_over(self, predecessor_id: str, document_id: str) -> None:
        """Put a document into the collections of the version that it replaces."""
        self._run(
            "INSERT OR IGNORE INTO collection (name, document_id) SELECT name, ? FROM collection WHERE document_id = ?",
            (document_id, predecessor_id),
        )
