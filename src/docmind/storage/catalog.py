"""The catalogue: which documents there are and how far each is, chats, and facts about the library.

SQLite, one file, one truth. A document is searchable exactly while its row says 'ready'. Chunks of any other state may
lie in the store, after a crash say, but no search shows them: `hidden` and `searchable` tell, and
`docmind.ingestion.ingest.recover` cleans up and resumes.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.private_files import close_to_others
from docmind.settings import Settings
from docmind.storage.analyses import Analyses
from docmind.storage.chats import Chats
from docmind.storage.collections import Collections
from docmind.storage.database import Database
from docmind.storage.document import Document, DocumentState, document_of
from docmind.storage.facts import Facts
from docmind.storage.folders import Folders
from docmind.storage.index_facts import IndexFacts
from docmind.storage.original_bytes import OriginalBytes
from docmind.storage.particulars import Particulars

__all__ = ["Catalog", "Document", "DocumentState", "library_folder", "open_catalog"]

# Named one by one, so that a column added by a newer version changes nothing for a process that still runs.
_COLUMNS = ", ".join(field.name for field in fields(Document))
# The planner, which does not know how few these are, would look at all that wait.
_HIDDEN = "SELECT id FROM document INDEXED BY document_hidden WHERE may_have_chunks = 1 AND state <> 'ready'"


def open_catalog(settings: Settings) -> Catalog:
    """The catalogue alone, for reading: allowed while another process has the library open.

    Raises:
        LibraryError: the folder or the catalogue cannot be used.
    """
    return Catalog(library_folder(settings) / "catalog.sqlite")


def library_folder(settings: Settings) -> Path:
    """The folder of the library, made where there is none, and open to its owner alone.

    Raises:
        LibraryError: it cannot be made.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The folder {settings.data_dir} cannot be made ({error.strerror}). Set DOCMIND_DATA_DIR to one that can."
        ) from error
    close_to_others(settings.data_dir)
    return settings.data_dir


class Catalog(Facts):
    """The catalogue in one SQLite file; safe to share between threads.

    Attributes:
        database: The file, which holds chats, analyses and collections too.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(Database(path))
        self.chats = Chats(self.database)
        self.analyses = Analyses(self.database)
        self.collections = Collections(self.database)
        self.folders = Folders(self.database)
        self.particulars = Particulars(self.database)
        self.index = IndexFacts(self.database)
        self.bytes = OriginalBytes(self.database)
        self._being_read: set[str] = set()  # by this process, in whatever thread

    def close(self) -> None:
        """Release the file. What is being read here waits again: closing is not the document's fault."""
        with suppress(LibraryError):  # a disk that is full, say; the next start then counts an attempt more
            for document_id in list(self._being_read):
                self.put_back(document_id)
        self.database.close()

    # Documents

    def enqueue(self, name: str, sha256: str, size: int) -> Document:
        """Note a document that is waiting to be read."""
        document_id = uuid.uuid4().hex
        with self.database.transaction():
            self._run(
                "INSERT INTO document (id, name, sha256, size, state, added) VALUES (?, ?, ?, ?, 'queued', ?)",
                (document_id, name, sha256, size, time.time()),
            )
            self.bytes.settle(sha256)
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
        return self._documents(f"WHERE state IN ({_marks(states)})" if states else "", states)

    def has(self, *states: DocumentState) -> bool:
        """Whether there is a document in any of the states."""
        return self._is_any(f"state IN ({_marks(states)})", states)

    def hidden(self) -> list[str]:
        """Ids of the documents whose chunks searches must pass over: they are not searchable and may have some."""
        rows = self._run(_HIDDEN)
        return [row["id"] for row in rows]

    def interrupted(self) -> list[str]:
        """Ids of the hidden documents that have to be read again; those being read by this process are not."""
        rows = self._run(f"{_HIDDEN} AND state IN ('queued', 'reading')")
        return [row["id"] for row in rows if row["id"] not in self._being_read]

    def searchable(self, document_ids: Collection[str]) -> set[str]:
        """Those among a few documents that searches may show."""
        marks = _marks(document_ids)
        # The plus keeps SQLite from going through every ready document, which it would for more than a few ids.
        rows = self._run(f"SELECT id FROM document WHERE +state = 'ready' AND id IN ({marks})", tuple(document_ids))  # noqa: S608 - marks only
        return {row["id"] for row in rows}

    def known(self, name: str, sha256: str) -> Document | None:
        """The searchable document with these bytes, whatever it is called, for which they need not be read again.

        None also where other bytes are searchable under this name: these are to take their place.
        """
        found = self._documents(
            "WHERE state = 'ready' AND sha256 = ? AND NOT EXISTS (SELECT 1 FROM document AS current "
            "WHERE current.state = 'ready' AND current.name = ? AND current.sha256 <> ?)",
            (sha256, name, sha256),
        )
        return next(iter(found), None)

    def waiting(self, sha256: str) -> list[Document]:
        """Documents with these bytes that are being read or wait for it, oldest first."""
        return self._documents("WHERE sha256 = ? AND state IN ('queued', 'reading')", (sha256,))

    def next_queued(self) -> Document | None:
        """The document to read next: of those that were tried least often the smallest, of equals the oldest."""
        order = "attempts, size, rowid LIMIT 1"
        queued = self._documents("INDEXED BY document_queue WHERE state = 'queued'", order=order)
        return next(iter(queued), None)

    def overtaken(self, document: Document) -> bool:
        """Whether a version of the document that was added later is searchable already."""
        return self._is_any(
            "state = 'ready' AND name = ? AND rowid > (SELECT rowid FROM document WHERE id = ?)",
            (document.name, document.id),
        )

    def find(self, name_or_id: str, *states: DocumentState) -> Document:
        """The document in any of the states (searchable, when none is named) that a user means by a name or an id.

        Raises:
            DocumentNotFoundError: there is none; the message names those there are.
        """
        states = states or ("ready",)
        for column in ("name", "id"):
            if matches := self._documents(f"WHERE {column} = ? AND state IN ({_marks(states)})", (name_or_id, *states)):
                return matches[0]
        names = sorted({document.name for document in self.documents(*states)})
        shown = f" The library holds: {', '.join(names[:10])}." if names else " The library is empty."
        raise DocumentNotFoundError(f"There is no document named {name_or_id!r}.{shown}")

    def start(self, document_id: str) -> bool | None:
        """Note that reading has begun, one attempt more; returns whether chunks of an earlier one may be stored.

        None where the document does not wait any more: another thread reads it, or somebody has removed it.

        Until `publish`, `fail`, `requeue` or `put_back` the document is being read. Where the process ends before,
        the attempt stays counted, so that a document that ends processes does not end every one to come.
        """
        with self.database.transaction():
            if not self._is_any("id = ? AND state = 'queued'", (document_id,)):
                return None
            leftovers = self._is_any("id = ? AND may_have_chunks = 1", (document_id,))
            self._being_read.add(document_id)
            self._run(
                "UPDATE document SET state = 'reading', attempts = attempts + 1, chunks = 0, chunks_done = 0, "
                "may_have_chunks = 1 WHERE id = ?",
                (document_id,),
            )
        return leftovers

    def put_back(self, document_id: str, error: str | None = None) -> None:
        """Note that reading was interrupted; chunks may be stored. With an error the attempt stays counted."""
        self._being_read.discard(document_id)
        self._run(
            "UPDATE document SET state = 'queued', attempts = attempts - ?, chunks = 0, chunks_done = 0, error = ? "
            "WHERE id = ? AND state = 'reading'",
            (error is None, error, document_id),
        )

    def requeue(self, document_id: str) -> None:
        """Note that a document has to be read from its beginning and that no chunk of it is stored."""
        self._being_read.discard(document_id)
        self._run(
            "UPDATE document SET state = 'queued', chunks = 0, chunks_done = 0, may_have_chunks = 0 WHERE id = ?",
            (document_id,),
        )

    def progress(self, document_id: str, chunks_done: int, chunks: int) -> None:
        """Note how far embedding has come; raises DocumentNotFoundError where the document was removed meanwhile."""
        if not self._run(
            "UPDATE document SET chunks_done = ?, chunks = ? WHERE id = ? AND state = 'reading' RETURNING id",
            (chunks_done, chunks, document_id),
        ):
            raise DocumentNotFoundError("The document was removed while it was being read.")

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

        Raises:
            DocumentNotFoundError: it was removed meanwhile.
        """
        with self.database.transaction():
            document = self.document(document_id)
            if document.state == "removing":
                raise DocumentNotFoundError(f"{document.name} was removed while it was being read.")
            name = document.name
            self.folders.published(document_id)
            replaced = self._documents("WHERE state = 'ready' AND name = ? AND id <> ?", (name, document_id))
            for predecessor in replaced:
                self.collections.hand_over(predecessor.id, document_id)
                self.folders.held_by(predecessor.id, document_id)
            self._run("UPDATE document SET state = 'removing' WHERE state = 'ready' AND name = ?", (name,))
            self.bytes.loosen_those_of("state = 'failed' AND name = ?", (name,))
            self._run("DELETE FROM document WHERE state = 'failed' AND name = ?", (name,))
            self._run(
                "UPDATE document SET state = 'ready', format = ?, title = ?, pages = ?, chunks = ?, chunks_done = ?, "
                "seconds = ?, error = NULL, warnings = ?, attempts = 0 WHERE id = ?",
                (format, title, pages, chunks, chunks, seconds, json.dumps(list(warnings)), document_id),
            )
            self._bump_revision()
        self._being_read.discard(document_id)
        return replaced

    def fail(self, document_id: str, error: str, *, may_retry: bool = False) -> None:
        """Note that a document could not be read, why, and that no chunk of it is stored.

        Earlier failures of the same name are dropped. One that was removed meanwhile stays removed.

        Args:
            document_id: Which one.
            error: Why, in words.
            may_retry: Whether reading it again may end otherwise; its bytes are then kept until it is dismissed.
        """
        failed_before = "state = 'failed' AND name = (SELECT name FROM document WHERE id = ?)"
        with self.database.transaction():
            self.bytes.loosen_those_of(f"{failed_before} OR id = ?", (document_id, document_id))
            self._run(f"DELETE FROM document WHERE {failed_before}", (document_id,))  # noqa: S608 - ours alone
            self._run(
                "UPDATE document SET state = 'failed', error = ?, chunks = 0, may_have_chunks = 0, may_retry = ? "
                "WHERE id = ? AND state <> 'removing'",
                (error, may_retry, document_id),
            )
        self._being_read.discard(document_id)

    def retry(self, document_id: str) -> None:
        """Queue a document that failed, and whose bytes were kept, as if it had never been tried."""
        self._run(
            "UPDATE document SET state = 'queued', attempts = 0, error = NULL, may_retry = 0 "
            "WHERE id = ? AND state = 'failed' AND may_retry = 1",
            (document_id,),
        )

    def cancel(self, document_id: str) -> bool | None:
        """Take a document out of the queue, or end its being read.

        Returns:
            Whether a thread of this process is at it, which then removes it; None where it does not wait any more.
        """
        with self.database.transaction():
            if not self._run(
                "UPDATE document SET state = 'removing' WHERE id = ? AND state IN ('queued', 'reading') RETURNING id",
                (document_id,),
            ):
                return None
            return document_id in self._being_read

    def retire(self, document_id: str, *, leave_out: bool = False) -> None:
        """Make a document unsearchable at once; its chunks are removed next.

        Args:
            document_id: Which one.
            leave_out: Whether files that it holds, in folders kept in step, stay out from now on.
        """
        with self.database.transaction():
            if leave_out:
                self.folders.leave_out(document_id)
            self._run("UPDATE document SET state = 'removing' WHERE id = ?", (document_id,))
            self._bump_revision()

    def forget(self, document_id: str) -> None:
        """Drop a document's row and its analyses, once nothing of it is left anywhere else."""
        self._being_read.discard(document_id)
        self.index.undo(document_id)
        self.analyses.forget_document(document_id)
        with self.database.transaction():
            self.bytes.loosen_those_of("id = ?", (document_id,))
            self._run("DELETE FROM document WHERE id = ?", (document_id,))

    # Inside

    def _documents(self, where: str, values: Sequence[Any] = (), order: str = "rowid") -> list[Document]:
        # The parts of the statement are ours, values are bound.
        rows = self._run(f"SELECT {_COLUMNS} FROM document {where} ORDER BY {order}", values)  # noqa: S608
        return [document_of(row) for row in rows]

    def _is_any(self, where: str, values: Sequence[Any] = ()) -> bool:
        (row,) = self._run(f"SELECT EXISTS (SELECT 1 FROM document WHERE {where}) AS found", values)  # noqa: S608
        return bool(row["found"])


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
