"""The catalogue: which documents, jobs and chats there are. SQLite, one file, one truth.

A document is searchable exactly while its row says 'ready'. Chunks of any other state may lie in the store, after
a crash say, but no search shows them: `visibility` tells, and `ingest.recover` cleans up and resumes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.settings import Settings

DocumentState = Literal["queued", "reading", "ready", "failed", "removing"]

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'reading', 'ready', 'failed', 'removing')),
    added REAL NOT NULL,
    format TEXT,
    title TEXT,
    pages INTEGER,
    chunks INTEGER NOT NULL DEFAULT 0,
    chunks_done INTEGER NOT NULL DEFAULT 0,
    seconds REAL,
    error TEXT,
    warnings TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX document_ready_name ON document (name) WHERE state = 'ready';
CREATE INDEX document_sha256 ON document (sha256);
CREATE TABLE chat (id TEXT PRIMARY KEY, title TEXT NOT NULL, started REAL NOT NULL) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL
) STRICT;
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO fact VALUES ('revision', '0');
"""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document. Times are seconds since 1970, `seconds` is how long ingesting took."""

    id: str
    name: str
    sha256: str
    size: int
    state: DocumentState
    added: float
    format: str | None
    title: str | None
    pages: int | None
    chunks: int
    chunks_done: int
    seconds: float | None
    error: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation."""

    id: str
    title: str
    started: float


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `content` is what the writer stored, as plain JSON values."""

    role: Literal["user", "assistant"]
    content: dict[str, Any]


def open_catalog(settings: Settings) -> Catalog:
    """The catalogue alone, for reading: allowed while another process has the library open.

    Raises:
        LibraryError: the folder or the catalogue cannot be used.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The folder {settings.data_dir} cannot be made ({error.strerror}). Set DOCMIND_DATA_DIR to one that can."
        ) from error
    return Catalog(settings.data_dir / "catalog.sqlite")


class Catalog:
    """The catalogue in one SQLite file; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._path = path
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
            self._db.execute("PRAGMA foreign_keys = ON")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_SCHEMA_VERSION}; COMMIT;")
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"The catalogue {path} cannot be opened ({error}). Restore it from a backup, or start a new library "
                "with DOCMIND_DATA_DIR."
            ) from error
        if version not in (0, _SCHEMA_VERSION):
            raise LibraryError(f"The catalogue {path} was written by a newer DocMind. Upgrade DocMind to open it.")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    # Documents

    def enqueue(self, name: str, sha256: str, size: int) -> Document:
        """Note a document that is waiting to be read."""
        document_id = uuid.uuid4().hex
        self._run(
            "INSERT INTO document (id, name, sha256, size, state, added) VALUES (?, ?, ?, ?, 'queued', ?)",
            (document_id, name, sha256, size, time.time()),
        )
        return self.document(document_id)

    def document(self, document_id: str) -> Document:
        """The document of that id.

        Raises:
            DocumentNotFoundError: there is none.
        """
        found = self._documents("WHERE id = ?", (document_id,))
        if not found:
            raise DocumentNotFoundError(f"There is no document {document_id!r}; `docmind documents list` names them.")
        return found[0]

    def documents(self, *states: DocumentState) -> list[Document]:
        """Documents in any of the states (all states when none is named), oldest first."""
        marks = ", ".join("?" * len(states))
        return self._documents(f"WHERE state IN ({marks})" if states else "", states)

    def ready_by_name(self, name: str) -> Document | None:
        """The searchable document of that name."""
        return next(iter(self._documents("WHERE state = 'ready' AND name = ?", (name,))), None)

    def ready_by_bytes(self, sha256: str) -> Document | None:
        """A searchable document with these very bytes."""
        return next(iter(self._documents("WHERE state = 'ready' AND sha256 = ?", (sha256,))), None)

    def find(self, name_or_id: str, *states: DocumentState) -> Document:
        """The document in any of the states (searchable, when none is named) that a user means by a name or an id.

        Raises:
            DocumentNotFoundError: there is none; the message names those there are.
        """
        known = self.documents(*(states or ("ready",)))
        matches = [document for document in known if name_or_id in (document.id, document.name)]
        if matches:
            return matches[0]
        names = sorted({document.name for document in known})
        shown = f" The library holds: {', '.join(names[:10])}." if names else " The library is empty."
        raise DocumentNotFoundError(f"There is no document named {name_or_id!r}.{shown}")

    def start(self, document_id: str) -> None:
        """Note that reading has begun."""
        self._run("UPDATE document SET state = 'reading', chunks_done = 0 WHERE id = ?", (document_id,))

    def requeue(self, document_id: str) -> None:
        """Note that reading was interrupted and has to begin again."""
        self._run("UPDATE document SET state = 'queued', chunks = 0, chunks_done = 0 WHERE id = ?", (document_id,))

    def progress(self, document_id: str, chunks_done: int, chunks: int) -> None:
        """Note how far embedding has come."""
        self._run("UPDATE document SET chunks_done = ?, chunks = ? WHERE id = ?", (chunks_done, chunks, document_id))

    def publish(
        self,
        document_id: str,
        *,
        format: str,
        title: str,
        pages: int | None,
        chunks: int,
        seconds: float,
        warnings: Sequence[str],
    ) -> list[Document]:
        """Make a document searchable and its predecessors of the same name not, in one transaction.

        Earlier failures of that name are dropped: the document has been mended.

        Returns:
            The predecessors; they are in state 'removing' until `forget` is called for them.
        """
        with self._transaction():
            name = self.document(document_id).name
            replaced = self._documents("WHERE state = 'ready' AND name = ? AND id <> ?", (name, document_id))
            self._run("UPDATE document SET state = 'removing' WHERE state = 'ready' AND name = ?", (name,))
            self._run("DELETE FROM document WHERE state = 'failed' AND name = ?", (name,))
            self._run(
                "UPDATE document SET state = 'ready', format = ?, title = ?, pages = ?, chunks = ?, chunks_done = ?, "
                "seconds = ?, error = NULL, warnings = ? WHERE id = ?",
                (format, title, pages, chunks, chunks, seconds, json.dumps(list(warnings)), document_id),
            )
            self._bump_revision()
        return replaced

    def fail(self, document_id: str, error: str) -> None:
        """Note that a document could not be read, and why. Earlier failures of the same name are dropped."""
        with self._transaction():
            name = self.document(document_id).name
            self._run("DELETE FROM document WHERE state = 'failed' AND name = ?", (name,))
            self._run(
                "UPDATE document SET state = 'failed', error = ?, chunks = 0 WHERE id = ?",
                (error, document_id),
            )

    def retire(self, document_id: str) -> None:
        """Make a document unsearchable at once; its chunks are removed next."""
        with self._transaction():
            self._run("UPDATE document SET state = 'removing' WHERE id = ?", (document_id,))
            self._bump_revision()

    def forget(self, document_id: str) -> None:
        """Drop a document's row, once nothing of it is left anywhere else."""
        self._run("DELETE FROM document WHERE id = ?", (document_id,))

    def visibility(self) -> tuple[set[str], list[str]]:
        """Documents that searches may show, and those that they must pass over."""
        documents = self.documents()
        ready = {document.id for document in documents if document.state == "ready"}
        return ready, [document.id for document in documents if document.state != "ready"]

    @property
    def revision(self) -> int:
        """A number that grows whenever what is searchable changes."""
        return int(self.fact("revision") or 0)

    # Facts about the library

    def fact(self, key: str) -> str | None:
        """A remembered value, such as the embedding model that filled the library."""
        rows = self._run("SELECT value FROM fact WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    def remember(self, key: str, value: str) -> None:
        """Remember a value."""
        self._run(
            "INSERT INTO fact VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def forget_embedder(self) -> None:
        """Free the library, if it is empty, to be filled with another embedding model."""
        # One statement, because another thread may queue a document between a question and a deletion.
        self._run(
            "DELETE FROM fact WHERE key IN ('embedder', 'dimensions') AND NOT EXISTS "
            "(SELECT 1 FROM document WHERE state IN ('queued', 'reading', 'ready'))"
        )

    # Chats

    def new_chat(self, title: str) -> Chat:
        """Begin a conversation."""
        chat = Chat(uuid.uuid4().hex, title, time.time())
        self._run("INSERT INTO chat VALUES (?, ?, ?)", (chat.id, chat.title, chat.started))
        return chat

    def chats(self) -> list[Chat]:
        """All conversations, newest first."""
        return [Chat(**row) for row in self._run("SELECT * FROM chat ORDER BY started DESC")]

    def delete_chat(self, chat_id: str) -> None:
        """Drop a conversation and its messages."""
        self._run("DELETE FROM chat WHERE id = ?", (chat_id,))

    def messages(self, chat_id: str) -> list[Message]:
        """The turns of a conversation, oldest first."""
        rows = self._run("SELECT role, content FROM message WHERE chat_id = ? ORDER BY id", (chat_id,))
        return [Message(row["role"], json.loads(row["content"])) for row in rows]

    def add_message(self, chat_id: str, message: Message) -> None:
        """Append a turn. A conversation deleted meanwhile stays deleted."""
        self._run(
            "INSERT INTO message (chat_id, role, content) SELECT id, ?, ? FROM chat WHERE id = ?",
            (message.role, json.dumps(message.content), chat_id),
        )

    # Inside

    def _documents(self, where: str, values: Sequence[Any]) -> list[Document]:
        rows = self._run(f"SELECT * FROM document {where} ORDER BY added, rowid", values)  # noqa: S608 - `where` is ours, values are bound
        return [Document(**{**row, "warnings": tuple(json.loads(row["warnings"]))}) for row in rows]

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with self._lock:
            try:
                return [dict(row) for row in self._db.execute(statement, tuple(values)).fetchall()]
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                raise  # a mistake of ours, not a damaged file
            except sqlite3.DatabaseError as error:
                raise LibraryError(
                    f"The catalogue {self._path} cannot be used ({error}). Check the disk, restore the catalogue from "
                    "a backup, or start a new library with DOCMIND_DATA_DIR."
                ) from error

    def _bump_revision(self) -> None:
        self._run("UPDATE fact SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._run("BEGIN IMMEDIATE")
            try:
                yield
                self._run("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself ends it when the disk is full
                    self._db.execute("ROLLBACK")
                raise
