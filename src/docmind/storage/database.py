"""The SQLite file of a library: opened, brought to today's schema, shared between threads, its errors in words."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docmind.errors import LIBRARY_CLOSED, LibraryError
from docmind.storage.migrations import NEWEST, migrate
from docmind.storage.troubles import catalogue_trouble, is_held

_PATIENCE_SECONDS = 5.0  # for others that open a library, as long as SQLite waits for those that write
_PAUSE_SECONDS = 0.02


class Database:
    """One connection, used by one thread after the other.

    Attributes:
        connection: The connection itself; everything of ours goes through `run`.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            LibraryError: it cannot be opened, or a newer DocMind wrote it.
        """
        self._lock = threading.RLock()
        self._closed = False
        self._path = path
        try:
            self.connection, version = _opened(path)
        except sqlite3.DatabaseError as error:
            raise catalogue_trouble(path, error) from error
        if version > NEWEST:
            raise LibraryError(f"The catalogue {path} was written by a newer DocMind. Upgrade DocMind to open it.")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._closed = True
            self.connection.close()

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run one statement; returns its rows, by column.

        Raises:
            LibraryError: the file cannot be used, or was closed.
        """
        with self._lock:
            if self._closed:
                raise LibraryError(LIBRARY_CLOSED)
            try:
                return [dict(row) for row in self.connection.execute(statement, tuple(values)).fetchall()]
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                raise  # a mistake of ours, not a damaged file
            except sqlite3.DatabaseError as error:
                raise catalogue_trouble(self._path, error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What runs inside happens as a whole or not at all; other threads wait."""
        with self._lock:
            self.run("BEGIN IMMEDIATE")
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # SQLite itself ends it when the disk is full
                    self.connection.execute("ROLLBACK")
                raise


def _opened(path: Path) -> tuple[sqlite3.Connection, int]:
    """A connection, and the version of what it leads to.

    SQLite does not wait where a file is taken over into WAL or out of it, which it is when it is new and when the last
    one that has it open closes it. So whoever comes at that moment tries again.

    Raises:
        sqlite3.DatabaseError: it cannot be opened, or was held by others all the time.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")
            return connection, migrate(connection)
        except BaseException as error:
            connection.close()
            if not (isinstance(error, sqlite3.Error) and is_held(error) and time.monotonic() < deadline):
                raise
        time.sleep(_PAUSE_SECONDS)
