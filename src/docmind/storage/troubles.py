"""What SQLite and the file system refuse, in words: a full disk and a closed folder want other advice than damage."""

from __future__ import annotations

import errno
import math
import sqlite3
from pathlib import Path

from docmind.errors import LibraryError, LibraryInUseError
from docmind.resources import free_disk

_UNWRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_NO_ROOM_BYTES = 1024**2  # below it SQLite's error of the disk is one of room: it tells quotas and shared memory so


def is_held(error: sqlite3.Error) -> bool:
    """Whether another process or connection has what was wanted, and may give it back."""
    return _kind(error) in _HELD


def catalogue_trouble(path: Path, error: sqlite3.Error) -> LibraryError:
    """What is said where SQLite cannot do what it was asked to.

    Args:
        path: The catalogue.
        error: SQLite's own.
    """
    kind, folder = _kind(error), path.parent
    if kind == sqlite3.SQLITE_FULL or (kind == sqlite3.SQLITE_IOERR and _free(folder) < _NO_ROOM_BYTES):
        return disk_is_full(folder)
    if kind == sqlite3.SQLITE_IOERR:
        return LibraryError(
            f"The disk under the catalogue {path} fails ({error}). Check the disk and that it is still connected, and "
            "try again."
        )
    if kind in _UNWRITABLE:
        return cannot_be_written(f"catalogue {path}", str(error))
    if kind in _HELD:
        return LibraryInUseError(
            f"Another process holds the catalogue {path} ({error}). Try again, or close that process first."
        )
    if kind == sqlite3.SQLITE_NOMEM:
        return LibraryError(f"There is no memory left for the catalogue {path}. Close other programs and try again.")
    return LibraryError(
        f"The catalogue {path} cannot be used ({error}). Check the disk, restore the catalogue from a backup, or start "
        "a new library with DOCMIND_DATA_DIR."
    )


def folder_trouble(folder: Path, error: OSError) -> LibraryError | None:
    """What is said where the file system refuses to write in the library; None where it is neither full nor closed."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return disk_is_full(folder)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return cannot_be_written(f"library in {folder}", str(error.strerror))
    return None


def disk_is_full(folder: Path) -> LibraryError:
    """What is said where the library has no room left."""
    free = _free(folder)
    told = f" ({free // 1024**2:.0f} MiB free)" if free < math.inf else ""
    return LibraryError(f"The disk is full{told}. Make room in {folder} and try again.")


def _free(folder: Path) -> float:
    """Free bytes; endless where the disk itself cannot be asked, which is no full one."""
    try:
        return free_disk(folder)[0]
    except OSError:
        return math.inf


def cannot_be_written(what: str, reason: str) -> LibraryError:
    """What is said where something of the library may only be read.

    Args:
        what: What it is and where, without an article.
        reason: In the words of whoever refused.
    """
    return LibraryError(
        f"The {what} cannot be written ({reason}). Make it and its folder writable, or set DOCMIND_DATA_DIR to another "
        "folder."
    )


def _kind(error: sqlite3.Error) -> int | None:
    """SQLite's own number without its particulars; None where Python's module found the fault."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
