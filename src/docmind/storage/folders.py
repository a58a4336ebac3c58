"""Folders that the library is kept in step with: the files of each as they were last seen, and what was done.

A file is held by a document: the one that is searchable, or one that is on its way to take its place. Documents that a
folder has brought in are noted, so that they go with their files, and none does that somebody has added himself.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from docmind.storage.database import Database

What = Literal["added", "changed", "renamed", "removed"]
Wanted = Literal["yes", "once changed", "no"]
_DEEDS_KEPT = 500  # of each folder


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that the library is kept in step with.

    Attributes:
        id: Its number.
        path: Where it is.
        label: What the names of its documents begin with.
        identity: What tells it from another folder, on another drive say, that is at its place.
        looked: When it was last gone through, in seconds since 1970; None where it never was.
        problem: Why the library is not in step with all of it; None where it is.
    """

    id: int
    path: Path
    label: str
    identity: str
    looked: float | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a folder, as it was when it was taken in.

    Attributes:
        path: Where it is inside the folder, its parts joined by slashes.
        size: In bytes.
        modified: In nanoseconds since 1970.
        sha256: Of its bytes.
        document_id: The searchable document that holds it, or holds an earlier version of it; None where none does.
        coming_id: The document that waits, is read or could not be read, and is to hold it; None where none is.
        wanted: Whether it is to be in the library: 'no' where the user has deleted its document, 'once changed' where
            he has cancelled or dismissed one that was to come.
        held: Whether the newer one of the two documents holds these very bytes.
    """

    path: str
    size: int
    modified: int
    sha256: str
    document_id: str | None
    coming_id: str | None
    wanted: Wanted = "yes"
    held: bool = True


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done to keep in step.

    Attributes:
        number: Deeds are numbered as they are done.
        done: When, in seconds since 1970.
        what: What.
        name: To which document.
    """

    number: int
    done: float
    what: What
    name: str


class Folders:
    """The folders in the catalogue; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run

    def add(self, path: Path, label: str, identity: str) -> Folder | None:
        """Keep in step with a folder from now on; None where that is done already."""
        rows = self._run(
            "INSERT OR IGNORE INTO folder (path, label, identity) VALUES (?, ?, ?) RETURNING *",
            (str(path), label, identity),
        )
        return _folder(rows[0]) if rows else None

    def all(self) -> list[Folder]:
        """All of them, the oldest first."""
        return [_folder(row) for row in self._run("SELECT * FROM folder ORDER BY id")]

    def has_any(self) -> bool:
        """Whether there is one."""
        return bool(self._run("SELECT 1 FROM folder LIMIT 1"))

    def is_kept(self, folder_id: int) -> bool:
        """Whether a folder is still kept in step."""
        return bool(self._run("SELECT 1 FROM folder WHERE id = ?", (folder_id,)))

    def remove(self, folder_id: int) -> None:
        """Forget a folder, its files and what was done; its documents stay."""
        self._run("DELETE FROM folder WHERE id = ?", (folder_id,))

    def note_look(self, folder_id: int, identity: str | None, problem: str | None) -> None:
        """Note that a folder was gone through.

        Args:
            folder_id: Which one.
            identity: Of what was gone through; None where nothing was, which leaves the one before.
            problem: What is not in step, in words; None where all is.
        """
        self._run(
            "UPDATE folder SET identity = COALESCE(?, identity), looked = ?, problem = ? WHERE id = ?",
            (identity, time.time(), problem, folder_id),
        )

    def members(self, folder_id: int) -> dict[str, Member]:
        """The files of a folder, by path."""
        rows = self._run(
            "SELECT folder_file.*, document.sha256 IS folder_file.sha256 AS held FROM folder_file "
            "LEFT JOIN document ON document.id = COALESCE(coming_id, document_id) WHERE folder_id = ?",
            (folder_id,),
        )
        return {member.path: member for member in map(_member, rows)}

    def counts(self, folder_id: int) -> tuple[int, int]:
        """How many files of a folder are wanted, and how many stay out because the user has deleted them."""
        (row,) = self._run(
            "SELECT COUNT(*) AS files, TOTAL(wanted = 'no') AS left_out FROM folder_file WHERE folder_id = ?",
            (folder_id,),
        )
        return int(row["files"] - row["left_out"]), int(row["left_out"])

    def of_document(self, document_id: str) -> list[tuple[Folder, str]]:
        """The files that a document holds or is to hold: their folders, and their paths in them."""
        rows = self._run(
            "SELECT folder.*, folder_file.path AS inside FROM folder_file JOIN folder ON folder.id = folder_id "
            "WHERE document_id = ? OR coming_id = ? ORDER BY folder_id, inside",
            (document_id, document_id),
        )
        return [(_folder(row), os.fsdecode(row["inside"])) for row in rows]

    def left_out(self, sha256: str) -> bool:
        """Whether the user has deleted a document of a folder with these bytes."""
        return bool(self._run("SELECT 1 FROM folder_file WHERE sha256 = ? AND wanted = 'no' LIMIT 1", (sha256,)))

    def keep(
        self, folder_id: int, member: Member, what: What | None = None, name: str = "", instead_of: str | None = None
    ) -> None:
        """Note a file, and with it what was done.

        Args:
            folder_id: Its folder.
            member: The file; what was noted of that path before is gone. A document that is gone by now is left out.
            what: What was done; None where nothing was.
            name: To which document.
            instead_of: The path that the file had before it was moved.
        """
        with self._database.transaction():
            if instead_of is not None:
                self._drop(folder_id, instead_of)
            self._run(  # nothing where the folder was removed meanwhile
                "INSERT OR REPLACE INTO folder_file SELECT id, ?, ?, ?, ?, (SELECT id FROM document WHERE id = ?), "
                "(SELECT id FROM document WHERE id = ?), ? FROM folder WHERE id = ?",
                (
                    os.fsencode(member.path),
                    member.size,
                    member.modified,
                    member.sha256,
                    member.document_id,
                    member.coming_id,
                    member.wanted,
                    folder_id,
                ),
            )
            self._note(folder_id, what, name)

    def drop(self, folder_id: int, path: str, what: What | None = None, name: str = "") -> None:
        """Forget a file, and note with it what was done."""
        with self._database.transaction():
            self._drop(folder_id, path)
            self._note(folder_id, what, name)

    # Documents that folders have brought in

    def brought_in(self, folder_id: int, document_id: str) -> None:
        """Note that a folder has brought a document in, which then goes with its last file."""
        self._run(
            "INSERT OR IGNORE INTO folder_document SELECT document.id, folder.id FROM document, folder "
            "WHERE document.id = ? AND folder.id = ?",
            (document_id, folder_id),
        )

    def is_brought_in(self, document_id: str) -> bool:
        """Whether a folder has brought a document in."""
        return bool(self._run("SELECT 1 FROM folder_document WHERE document_id = ?", (document_id,)))

    def let_stay(self, document_id: str) -> None:
        """Note that somebody has added a document himself, so that it stays whatever becomes of its files."""
        self._run("DELETE FROM folder_document WHERE document_id = ?", (document_id,))

    def without_a_file(self) -> list[str]:
        """Ids of the documents that folders have brought in and that hold no file any more, nor are to hold one."""
        rows = self._run(
            "SELECT document_id FROM folder_document AS brought WHERE NOT EXISTS (SELECT 1 FROM folder_file WHERE "
            "folder_file.document_id = brought.document_id) AND NOT EXISTS "
            "(SELECT 1 FROM folder_file WHERE coming_id = brought.document_id)"
        )
        return [row["document_id"] for row in rows]

    def is_taken(self, name: str, sha256: str, folder_id: int, path: str) -> bool:
        """Whether a document with other bytes has a name, unless a folder brought it in and it holds no other file.

        Args:
            name: The name.
            sha256: Of the bytes that are to have it.
            folder_id: The folder of the file that is to have it.
            path: Its path in there.
        """
        others = "folder_id = ? AND path = ?"
        rows = self._run(
            "SELECT 1 FROM document WHERE name = ? AND state IN ('queued', 'reading', 'ready') AND sha256 <> ? AND ("  # noqa: S608 - ours alone
            "NOT EXISTS (SELECT 1 FROM folder_document WHERE document_id = document.id) OR EXISTS (SELECT 1 FROM "
            f"folder_file WHERE (document_id = document.id OR coming_id = document.id) AND NOT ({others})))",
            (name, sha256, folder_id, os.fsencode(path)),
        )
        return bool(rows)

    # What becomes of documents elsewhere

    def published(self, document_id: str) -> None:
        """Note that a document is searchable, and holds the files that it was to hold."""
        self._run(
            "UPDATE folder_file SET document_id = coming_id, coming_id = NULL WHERE coming_id = ?", (document_id,)
        )

    def held_by(self, document_id: str, other_id: str) -> None:
        """Note that another document, which is searchable, holds those files of one that goes whose bytes it has."""
        values = (other_id, document_id, other_id)
        same = "sha256 = (SELECT sha256 FROM document WHERE id = ?)"
        self._run(f"UPDATE folder_file SET document_id = ? WHERE document_id = ? AND {same}", values)  # noqa: S608 - ours alone
        self._run(f"UPDATE folder_file SET document_id = ?, coming_id = NULL WHERE coming_id = ? AND {same}", values)  # noqa: S608 - see above

    def leave_out(self, document_id: str) -> None:
        """Note that the user has deleted a document, so that its files stay out, and forget what was done to it."""
        self._run("DELETE FROM folder_deed WHERE name = (SELECT name FROM document WHERE id = ?)", (document_id,))
        self._run("UPDATE folder_file SET wanted = 'no', coming_id = NULL WHERE document_id = ?", (document_id,))

    def put_off(self, document_id: str) -> None:
        """Note that the user does not want a document that was to come: its files wait until they change."""
        self._run("UPDATE folder_file SET wanted = 'once changed' WHERE coming_id = ?", (document_id,))

    def take_in_again(self, folder_id: int) -> None:
        """Forget which files the user has deleted; the next look finds them as if they were new."""
        self._run("DELETE FROM folder_file WHERE folder_id = ? AND wanted = 'no'", (folder_id,))

    def deeds(self, folder_id: int, limit: int = _DEEDS_KEPT) -> list[Deed]:
        """What was done last, the newest first."""
        rows = self._run(
            "SELECT id AS number, done, what, name FROM folder_deed WHERE folder_id = ? ORDER BY id DESC LIMIT ?",
            (folder_id, limit),
        )
        return [Deed(**row) for row in rows]

    def _drop(self, folder_id: int, path: str) -> None:
        self._run("DELETE FROM folder_file WHERE folder_id = ? AND path = ?", (folder_id, os.fsencode(path)))

    def _note(self, folder_id: int, what: What | None, name: str) -> None:
        if what is None:
            return
        self._run(
            "INSERT INTO folder_deed (folder_id, done, what, name) SELECT id, ?, ?, ? FROM folder WHERE id = ?",
            (time.time(), what, name, folder_id),
        )
        self._run(
            "DELETE FROM folder_deed WHERE id IN "
            "(SELECT id FROM folder_deed WHERE folder_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (folder_id, _DEEDS_KEPT),
        )


def _folder(row: dict[str, Any]) -> Folder:
    return Folder(row["id"], Path(row["path"]), row["label"], row["identity"], row["looked"], row["problem"])


def _member(row: dict[str, Any]) -> Member:
    return Member(
        os.fsdecode(row["path"]),
        row["size"],
        row["modified"],
        row["sha256"],
        row["document_id"],
        row["coming_id"],
        row["wanted"],
        bool(row["held"]),
    )
