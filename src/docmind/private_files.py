"""Who may read what DocMind writes: its library is the user's alone, what they have it write elsewhere is as they like.

A process has one umask for all its threads and for libraries such as SQLite, which make files by themselves. So a
program of ours takes the closed one as it starts, and the few files that are made for others are opened up again.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HAS_MODES = os.name == "posix"

_users: list[int] = []  # the umask that this process was started with, where it has another one now


def keep_private() -> None:
    """Have whatever this process and its children make be open to its owner alone; for programs, not for importers."""
    if _HAS_MODES and not _users:
        _users.append(os.umask(_OTHERS))


def as_the_user_has_it() -> None:
    """Take that back: what this process starts or makes from now on is the user's own, such as their browser."""
    if _users:
        os.umask(_users.pop())


def open_up(path: Path) -> None:
    """Give a file, or a folder and all in it, the modes that the user's umask would have given them.

    For what is meant for others too: exports, and models, which several users of a machine may share.
    """
    if not _users:
        return
    inside = path.rglob("*") if path.is_dir() else ()
    for each in (path, *inside):
        if not each.is_symlink():
            with suppress(OSError):  # a file system without modes, say
                each.chmod((0o777 if each.is_dir() else 0o666) & ~_users[0])


def make_for_others(folder: Path) -> None:
    """Make a folder, and those that it lies in, with the modes that the user's umask would have given them."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        open_up(each)


def close_to_others(folder: Path) -> None:
    """Let nobody but its owner into a folder, where that is us.

    One that everybody may write into, such as /tmp, is shared on purpose and stays so.
    """
    if not _HAS_MODES:
        return
    with suppress(OSError):  # a file system without modes, or one that is read only: whoever writes there says so
        found = folder.stat()
        if found.st_uid == os.geteuid() and found.st_mode & _OTHERS and not found.st_mode & stat.S_ISVTX:
            folder.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
