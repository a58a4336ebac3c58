"""Files for people, written whole or not at all: whatever happens meanwhile, what was there before is there still."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; one that is there is replaced once the new one is on the disk.

    Raises:
        OSError: it cannot be written.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not target.is_file():  # a pipe or a device, which takes what it is given
        target.write_bytes(content)
        return
    growing = target.with_name(f".docmind-{uuid.uuid4().hex}")
    try:
        with growing.open("xb") as file:
            if target.exists():
                growing.chmod(target.stat().st_mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)
