"""Migrations: how a catalogue of any earlier version becomes one of today.

Each entry leads from the version before it to the next and is never changed once released: libraries of that version
lie on disks. `tests/test_migrations.py` opens a library of every version; see `tests/fixtures/make_library.py`.
"""

from __future__ import annotations

import sqlite3

# Statements are told apart by semicolons, so none may hold one.
_MIGRATIONS = (
    # 1: documents, chats and facts.
    """
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
    INSERT INTO fact VALUES ('revision', '0')
    """,
    # 2: attempts are counted, what must be hidden is found without looking at every document, messages by their chat.
    """
    ALTER TABLE document ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE document ADD COLUMN may_have_chunks INTEGER NOT NULL DEFAULT 0;
    UPDATE document SET may_have_chunks = 1 WHERE state <> 'failed';
    DROP INDEX document_sha256;
    CREATE INDEX document_bytes ON document (sha256, state);
    CREATE INDEX document_state ON document (state, name);
    CREATE INDEX document_queue ON document (attempts) WHERE state = 'queued';
    CREATE INDEX document_hidden ON document (id) WHERE may_have_chunks = 1 AND state <> 'ready';
    CREATE INDEX message_chat ON message (chat_id)
    """,
    # 3: analyses of whole documents, and what was written on the way to one; both go with the documents.
    """
    CREATE TABLE analysis (id TEXT PRIMARY KEY, title TEXT NOT NULL, made REAL NOT NULL, content TEXT NOT NULL) STRICT;
    CREATE TABLE analysis_document (
        analysis_id TEXT NOT NULL REFERENCES analysis (id) ON DELETE CASCADE,
        document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
        PRIMARY KEY (analysis_id, document_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX analysis_of_document ON analysis_document (document_id);
    CREATE TABLE analysis_step (
        document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (document_id, key)
    ) STRICT, WITHOUT ROWID
    """,
    # 4: what users think of answers. It names the answer and repeats nothing of it, so it goes with the chat, and holds
    # nothing of a document that is deleted.
    """
    CREATE TABLE feedback (
        message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
        helpful INTEGER NOT NULL CHECK (helpful IN (0, 1)),
        why TEXT NOT NULL,
        right_answer TEXT NOT NULL,
        given REAL NOT NULL
    ) STRICT
    """,
    # 5: what a document says first and in which language, whether it is worth another try, the collections that it is
    # in, and small ones read first.
    """
    ALTER TABLE document ADD COLUMN description TEXT NOT NULL DEFAULT '';
    ALTER TABLE document ADD COLUMN language TEXT;
    ALTER TABLE document ADD COLUMN may_retry INTEGER NOT NULL DEFAULT 0;
    DROP INDEX document_queue;
    CREATE INDEX document_queue ON document (attempts, size) WHERE state = 'queued';
    CREATE TABLE collection (
        name TEXT NOT NULL COLLATE NOCASE,
        document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
        PRIMARY KEY (name, document_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX collection_of_document ON collection (document_id)
    """,
    # 6: the bytes that may be removed, see `storage/original_bytes.py`.
    """
    CREATE TABLE loose_bytes (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID
    """,
    # 7: folders that the library is kept in step with, see `storage/folders.py`. Paths of files are bytes, since those
    # of some file systems are no text.
    """
    CREATE TABLE folder (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        label TEXT NOT NULL UNIQUE,
        identity TEXT NOT NULL,
        looked REAL,
        problem TEXT
    ) STRICT;
    CREATE TABLE folder_file (
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        document_id TEXT REFERENCES document (id) ON DELETE SET NULL,
        coming_id TEXT REFERENCES document (id) ON DELETE SET NULL,
        wanted TEXT NOT NULL CHECK (wanted IN ('yes', 'once changed', 'no')),
        PRIMARY KEY (folder_id, path)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX folder_file_of_document ON folder_file (document_id);
    CREATE INDEX folder_file_of_coming ON folder_file (coming_id);
    CREATE TABLE folder_document (
        document_id TEXT PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX folder_document_of_folder ON folder_document (folder_id);
    CREATE TABLE folder_deed (
        id INTEGER PRIMARY KEY,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        done REAL NOT NULL,
        what TEXT NOT NULL,
        name TEXT NOT NULL
    ) STRICT;
    CREATE INDEX folder_deed_of_folder ON folder_deed (folder_id)
    """,
)
NEWEST = len(_MIGRATIONS)


def migrate(database: sqlite3.Connection) -> int:
    """Bring a catalogue to the newest version, each step in one transaction; an empty file is version 0.

    Returns:
        Its version: above `NEWEST` where a newer DocMind wrote it, which changes nothing.

    Raises:
        sqlite3.DatabaseError: the file cannot be used; it is of the version that the last finished step reached.
    """
    while (version := _version(database)) < NEWEST:
        database.execute("BEGIN IMMEDIATE")
        try:
            if _version(database) == version:  # another process may have been quicker
                for statement in _MIGRATIONS[version].split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {version + 1}")
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:  # SQLite itself ends it when the disk is full
                database.execute("ROLLBACK")
            raise
    return version


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
