"""Set aside: originals of documents that the catalogue knows nothing of, kept until the user says what becomes of them.

A catalogue that was lost, or is older than the library because a backup took its place, would otherwise take the
documents along: nobody would own their bytes. They lie in `set-aside/`, each beside a note of what it was called.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_FOLDER = "set-aside"
_ORIGINAL = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SetAside:
    """An original that is kept aside.

    Attributes:
        path: Where it lies; its name is the SHA-256 of its bytes.
        names: What its documents were called, one at least.
        size: Its bytes.
    """

    path: Path
    names: tuple[str, ...]
    size: int


def keep_aside(data_dir: Path, original: Path, note: Path) -> None:
    """Move an original out of the way, after the note that says what it is called."""
    folder = data_dir / _FOLDER
    folder.mkdir(exist_ok=True)
    if note.is_file():
        _move(note, _note_of(folder / original.name))
    _move(original, folder / original.name)


def bring_back(data_dir: Path, originals: Path, needed: Collection[str]) -> None:
    """Move back what the catalogue knows again: the right one was put back after all."""
    for kept in kept_aside(data_dir):
        if kept.path.name in needed:
            _move(kept.path, originals / kept.path.name)
            _note_of(kept.path).unlink(missing_ok=True)


def kept_aside(data_dir: Path) -> list[SetAside]:
    """What is kept aside, by name; without what cannot be read, or goes while it is looked at."""
    found = []
    with suppress(OSError):
        for path in (data_dir / _FOLDER).iterdir():
            with suppress(OSError):
                if _ORIGINAL.fullmatch(path.name) and path.is_file():
                    found.append(SetAside(path, tuple(_names(path)), path.stat().st_size))
    return sorted(found, key=lambda each: each.names)


def let_go(data_dir: Path, sha256: str) -> None:
    """Remove what is kept aside of these bytes, if any: it is in the library again, or the user does not want it."""
    kept = data_dir / _FOLDER / sha256
    kept.unlink(missing_ok=True)
    _note_of(kept).unlink(missing_ok=True)


def _note_of(kept: Path) -> Path:
    return kept.with_name(f"{kept.name}.json")


def _move(path: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.move(path, target)


def _names(kept: Path) -> list[str]:
    """What the note says; a name made of the hash where there is none, or one that is damaged."""
    try:
        names = json.loads(_note_of(kept).read_text(encoding="utf-8"))["names"]
        if isinstance(names, list) and names and all(isinstance(name, str) and name.strip() for name in names):
            return names
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return [f"recovered-{kept.name[:12]}{_suffix(kept)}"]


def _suffix(kept: Path) -> str:
    with kept.open("rb") as file:
        head = file.read(1024)
    if b"%PDF" in head:
        return ".pdf"
    if head.startswith(b"PK"):
        return ".docx"
    return ".html" if b"<html" in head.lower() else ".txt"
