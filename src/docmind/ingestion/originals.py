"""Originals: the documents' own bytes in the library, each file named by its SHA-256, owned by the rows that need it.

A copy gets its name only once it is complete and on disk, under `originals_lock`, so that nobody drops bytes between
their naming and the row that owns them. A note in `names/` says what each is called, so that the library can be made
anew where its catalogue is lost. What a crash leaves without an owner, `sweep` removes; what an owner had of whom this
catalogue knows nothing, it keeps aside (`set_aside.py`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from docmind.errors import DocumentError, DocumentTooLargeError, LibraryError
from docmind.ingestion.set_aside import bring_back, keep_aside
from docmind.storage.catalog import Document
from docmind.storage.troubles import folder_trouble
from docmind.workspace import Workspace

_COPY_BYTES = 1024 * 1024
_ORIGINAL = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)
_STAGING = ".staging-"  # how the names of copies under way begin


def stage(workspace: Workspace, source: BinaryIO, name: str, *, by_hand: bool = True) -> tuple[Document, bool]:
    """Copy a document's bytes into the library and queue it.

    Args:
        workspace: The open library.
        source: The bytes.
        name: What it is to be called.
        by_hand: Whether somebody adds it himself: it then stays though a folder that is kept in step lets it go.

    Returns:
        The document, and whether its bytes are searchable already, under this or another name.

    Raises:
        DocumentTooLargeError: it is over the limit of the settings.
        LibraryError: the disk is full or cannot be written.
    """
    limit = workspace.settings.max_file_mib * 1024 * 1024
    digest, size = hashlib.sha256(), 0
    with (
        disk_errors_in_words(workspace),
        tempfile.NamedTemporaryFile(dir=workspace.originals, prefix=_staging(workspace), delete=False) as copy,
    ):
        try:
            while block := source.read(_COPY_BYTES):
                size += len(block)
                if size > limit:
                    raise DocumentTooLargeError(
                        f"{name} is larger than {workspace.settings.max_file_mib} MiB. Raise "
                        "DOCMIND_MAX_FILE_MIB or split it."
                    )
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
            return _own(workspace, Path(copy.name), name, digest.hexdigest(), size, by_hand=by_hand)
        finally:
            Path(copy.name).unlink(missing_ok=True)


def stage_file(workspace: Workspace, path: Path, name: str) -> tuple[Document, bool]:
    """Stage a file; raises DocumentError where it cannot be read, and what `stage` raises."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # A pipe would be waited for without end, a device read until the limit.
            raise DocumentError(f"{path} is no file. Name a file or a folder.")
        with path.open("rb") as source:
            return stage(workspace, source, name)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read ({error.strerror}). Check its name and its permissions.") from error


def _own(
    workspace: Workspace, copy: Path, name: str, sha256: str, size: int, *, by_hand: bool
) -> tuple[Document, bool]:
    """Name the copied bytes and queue them; nobody may drop them in between."""
    catalog = workspace.catalog
    with workspace.originals_lock:
        known = catalog.known(name, sha256)
        original = workspace.originals / sha256
        # Known bytes are put back when their copy was lost: pages are drawn from it.
        if known is None or not original.exists():
            if not catalog.bytes.is_needed(sha256):
                catalog.bytes.loosen(sha256)
            copy.replace(original)
        if known is not None:
            if by_hand:
                catalog.folders.let_stay(known.id)
            return known, True
        for waiting in catalog.waiting(sha256):
            if waiting.name == name and not catalog.overtaken(waiting):
                if by_hand:
                    catalog.folders.let_stay(waiting.id)
                return waiting, False
        document = catalog.enqueue(name, sha256, size)
        note_names(workspace, sha256)
        return document, False


def drop_original(workspace: Workspace, sha256: str) -> None:
    """Remove bytes, unless a document needs them.

    Raises:
        LibraryError: they cannot be removed.
    """
    with disk_errors_in_words(workspace), workspace.originals_lock:
        if workspace.catalog.bytes.is_needed(sha256):
            note_names(workspace, sha256)
            return
        _note_of(workspace, sha256).unlink(missing_ok=True)
        (workspace.originals / sha256).unlink(missing_ok=True)
        workspace.catalog.bytes.settle(sha256)


def sweep(workspace: Workspace) -> None:
    """Remove the bytes that no document needs, and copies that a crash left unfinished; ours under way stay.

    Bytes that this catalogue never let go are kept aside, and come back once it knows them. Notes are put right.
    """
    catalog = workspace.catalog
    with disk_errors_in_words(workspace), workspace.originals_lock:
        needed, loose = catalog.bytes.needed(), catalog.bytes.loose()
        bring_back(workspace.settings.data_dir, workspace.originals, needed)
        for sha256 in loose - needed:
            drop_original(workspace, sha256)
        for path in [path for path in workspace.originals.iterdir() if path.is_file()]:
            # Only what we put there ourselves: the folder may hold files of the user's own.
            if path.name.startswith(_STAGING) and not path.name.startswith(_staging(workspace)):
                path.unlink()
            elif _ORIGINAL.fullmatch(path.name) and path.name not in needed:
                _keep_aside(workspace, path)
        _put_notes_right(workspace)


def _keep_aside(workspace: Workspace, original: Path) -> None:
    try:
        keep_aside(workspace.settings.data_dir, original, _note_of(workspace, original.name))
    except OSError as error:  # it stays where it is, and is no reason to read nothing
        _log.warning("%s could not be kept aside (%s).", original, error)


def _put_notes_right(workspace: Workspace) -> None:
    """Write the notes that are missing or say something else, and remove those of bytes that nobody needs."""
    names = workspace.catalog.bytes.names()
    for sha256, called in names.items():
        _note(workspace, sha256, called)
    for note in _notes(workspace).iterdir() if _notes(workspace).is_dir() else ():
        if note.stem not in names and _ORIGINAL.fullmatch(note.stem):
            note.unlink()


def note_names(workspace: Workspace, sha256: str) -> None:
    """Write down what the documents are called that have these bytes, where some document needs them."""
    with workspace.originals_lock:
        for needed, names in workspace.catalog.bytes.names(sha256).items():
            _note(workspace, needed, names)


def _note(workspace: Workspace, sha256: str, names: Sequence[str]) -> None:
    """Write a note where it does not say that. Without it a lost catalogue loses the names alone, so one that cannot be
    written stops nothing."""
    note, text = _note_of(workspace, sha256), json.dumps({"names": names}, ensure_ascii=False)
    try:
        note.parent.mkdir(exist_ok=True)
        if not note.is_file() or note.read_text(encoding="utf-8") != text:
            growing = note.with_suffix(".growing")
            growing.write_text(text, encoding="utf-8")
            growing.replace(note)
    except (OSError, UnicodeError) as error:
        _log.warning("What a document is called was not noted beside its file (%s).", error)


def _notes(workspace: Workspace) -> Path:
    return workspace.settings.data_dir / "names"


def _note_of(workspace: Workspace, sha256: str) -> Path:
    return _notes(workspace) / f"{sha256}.json"


def _staging(workspace: Workspace) -> str:
    """How the names of copies begin that are being made now."""
    return f"{_STAGING}{workspace.session}-"


@contextmanager
def disk_errors_in_words(workspace: Workspace) -> Iterator[None]:
    """What the file system refuses, as a LibraryError that says what to do."""
    folder = workspace.settings.data_dir
    try:
        yield
    except OSError as error:
        raise folder_trouble(folder, error) or LibraryError(
            f"The library in {folder} cannot be written ({error.strerror}). Check its permissions."
        ) from error
