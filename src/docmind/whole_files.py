"""Files for people, written whole or not at all: whatever happens meanwhile, what was there before is there still."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from contextlib import suppress
from pathlib import Path

from docmind.private_files import open_up


def check_place(path: Path) -> None:
    """See that a file can be written, before anybody waits for what it is to hold; whatever is there is left alone.

    Raises:
        OSError: it cannot be.
    """
    target = Path(os.path.realpath(path))
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):  # a pipe or a device, which takes what it is given
            return
    trial = _beside(target)
    try:
        trial.touch(exist_ok=False)  # what permissions say is not all that counts
    finally:
        with suppress(OSError):  # what made the first fail makes this fail too
            trial.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; one that is there is replaced once the new one is on the disk.

    Raises:
        OSError: it cannot be written.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not target.is_file():  # a pipe or a device, which takes what it is given
        target.write_bytes(content)
        return
    growing = _beside(target)
    try:
        with growing.open("xb") as file:
            if target.exists():
                growing.chmod(target.stat().st_mode)
            else:
                open_up(growing)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".docmind-{uuid.uuid4().hex}")
