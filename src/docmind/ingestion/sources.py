"""Sources: which files a user means by paths, and what each is called in the library."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from docmind.ingestion.walking import walk
from docmind.parsing import SUPPORTED_SUFFIXES


def expand(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files in order, with their names in the library.

    A file of a folder is named by its path inside that folder; links that lead out of it are not followed, and what its
    `.docmindignore` names is left out. Files of one call that would share a name are told apart by the folder that they
    were given in; otherwise the last would replace the others.

    Raises:
        DocumentError: a `.docmindignore` cannot be used.
    """
    found = [entry for path in paths for entry in _files(path)]
    shared = Counter(name for _, name in {(file.absolute(), name) for file, name in found})
    for file, name in found:
        inside = len(Path(name).parts)
        parent = file.absolute().parents[inside - 1].name
        yield file, f"{readable(parent)}/{name}" if shared[name] > 1 and parent else name


def other_files(paths: Sequence[Path]) -> int:
    """How many files in the given folders are of formats that are not read; hidden files do not count."""
    return sum(
        PurePosixPath(file).suffix.lower() not in SUPPORTED_SUFFIXES
        for path in paths
        if _is_folder(path)
        for file in walk(path).files
    )


def links_outside(paths: Sequence[Path]) -> list[Path]:
    """Links in the given folders that lead out of them, which are not followed; hidden ones do not count.

    A folder that somebody else has made would otherwise bring in whatever file of the user's it points at. A link that
    is named itself is followed.
    """
    return sorted(path / link for path in paths if _is_folder(path) for link in walk(path).links_out)


def readable(name: str) -> str:
    """A file name as text: what is no UTF-8 or would steer a terminal becomes a question mark."""
    text = name.encode("utf-8", errors="replace").decode("utf-8")
    return "".join("?" if unicodedata.category(character) == "Cc" else character for character in text)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if not _is_folder(path):
        yield path, readable(path.name)
        return
    for file in sorted(walk(path).files, key=PurePosixPath):
        if PurePosixPath(file).suffix.lower() in SUPPORTED_SUFFIXES:
            yield path / file, readable(file)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a name is too long or a folder closed
