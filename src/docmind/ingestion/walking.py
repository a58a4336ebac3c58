"""Walking: the files of a folder and its subfolders, without those that are hidden, left out or reached by links."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from docmind.errors import DocumentError

IGNORE = ".docmindignore"
"""The file at the top of a folder that says what of it is left out, in the patterns of Git's `.gitignore`."""
# How names begin that are passed over: hidden ones, and files by which office programs mark those that are open.
_HIDDEN = (".", "~$")
# Folders of whole drives that are nobody's: the bins of Windows, and what a repair of the file system has found.
_SYSTEM = frozenset({"$RECYCLE.BIN", "System Volume Information", "lost+found"})
_LONGEST_IGNORE = 1_000_000  # bytes


@dataclass(slots=True)
class Walked:
    """What was found; paths are those inside the folder, their parts joined by slashes.

    Attributes:
        files: What the file system says of each, in the order of their names.
        closed: Subfolders and files that cannot be looked at; '' is the folder itself.
        links_out: Links that lead out of the folder, which are not followed.
    """

    files: dict[str, os.stat_result] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    links_out: list[str] = field(default_factory=list)


def walk(folder: Path, without: Collection[Path] = (), *, strictly: bool = False) -> Walked:
    """Go through a folder. No folder is entered by a link.

    Args:
        folder: Where to begin.
        without: Folders that are not entered.
        strictly: Whether to take no file by a link, and to keep to the drive: another one that is not connected would
            look as if its files were gone.

    Raises:
        DocumentError: its `.docmindignore` cannot be used, so that nobody knows what is to be left out.
    """
    found = Walked()
    left_out, barred = _ignored(folder), {os.path.realpath(each) for each in without}
    drive = folder.stat().st_dev if strictly else None
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(folder / inside) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            found.closed.append(inside)
            continue
        folders = []
        for entry in entries:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if entry.name.startswith(_HIDDEN) or entry.name in _SYSTEM or (strictly and entry.is_symlink()):
                continue
            try:
                if not entry.is_dir(follow_symlinks=False):
                    if not left_out(path):
                        _note(found, entry, path, folder)
                elif not left_out(f"{path}/") and os.path.realpath(entry.path) not in barred:
                    if strictly and entry.stat().st_dev != drive:
                        found.closed.append(path)
                    else:
                        folders.append(path)
            except OSError:
                found.closed.append(path)
        waiting.extend(reversed(folders))
    return found


def _note(found: Walked, entry: os.DirEntry[str], path: str, folder: Path) -> None:
    # First where it leads: what lies behind a closed folder cannot be looked at.
    if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(folder)):
        found.links_out.append(path)
        return
    if entry.is_file():
        found.files[path] = entry.stat()


def _ignored(folder: Path) -> Callable[[str], bool]:
    """Whether a path inside the folder is left out; that of a folder ends in a slash."""
    path = folder / IGNORE
    try:
        if not path.exists():
            return lambda _: False
        if not path.is_file() or path.stat().st_size > _LONGEST_IGNORE:
            raise ValueError("no file, or too large")
        patterns = path.read_text(encoding="utf-8-sig").splitlines()
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - hardly any folder has such a file

        return GitIgnoreSpec.from_lines(patterns).match_file
    except (OSError, ValueError) as error:  # no UTF-8 and patterns that are none are of the second kind
        raise DocumentError(f"{path} cannot be used ({error}). Mend it, or remove it to leave out nothing.") from error
