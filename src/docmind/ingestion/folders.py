"""Folders kept in step: what is added, changed, moved or removed in a folder is so in the library, too.

    look     at the names, sizes and times of all files           -> what is new, changed, gone
    take in  each new or changed file, by its bytes               -> a queued document, or a new name for one
    let go   of each that is gone and not somewhere else by now   -> its document holds no file any more
    sweep    documents that folders brought in and hold no file   -> removed

A file whose size and time are as before, and which a document holds, is not read. One that was moved is known by its
bytes: its document gets another name and is not read again. What somebody deletes from the library stays out; what he
has added himself stays in; and a folder that is not there, or not the one it was, takes nothing along. Each step is
noted in the catalogue as it is done, so that whatever ends it in between, the next look goes on from there.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path, PurePosixPath

from docmind.errors import DocMindError, DocumentError, DocumentNotFoundError, LibraryError
from docmind.ingestion.originals import stage
from docmind.ingestion.removal import cancel, delete
from docmind.ingestion.renaming import rename
from docmind.ingestion.sources import readable
from docmind.ingestion.walking import Walked, walk
from docmind.parsing import SUPPORTED_SUFFIXES
from docmind.storage.catalog import Document
from docmind.storage.folders import Folder, Member
from docmind.workspace import Workspace

_FRESH = 2.0  # seconds: the coarsest clock of a file system, FAT's
_GROWING = 0.4  # seconds after its last change for which a file may still be written
_NAMED = 3  # files that could not be taken in; more are counted


@dataclass(slots=True)
class Looked:
    """What came of a look.

    Attributes:
        done: How many documents were queued, renamed or removed.
        again: Whether a file is still being written, so that one should look again in a moment.
    """

    done: int = 0
    again: bool = False


def add_folder(workspace: Workspace, path: Path) -> Folder:
    """Keep in step with a folder from now on; the first `keep_in_step` takes its files in.

    Raises:
        LibraryError: it is no folder, is kept in step already, or has to do with DocMind's own folders.
    """
    folder = path.expanduser()
    if not folder.is_absolute() or not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        raise LibraryError(f"{path} is no folder. Name one by its whole path.")
    folder = folder.resolve()
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        raise LibraryError(f"The name of {readable(str(folder))} is no text. Rename the folder.") from error
    for own in _own_folders(workspace):
        if folder.is_relative_to(own):
            raise LibraryError(f"{folder} is a folder of DocMind's own. Name one of yours.")
    known = workspace.catalog.folders.all()
    for other in known:
        if folder.is_relative_to(other.path) or other.path.is_relative_to(folder):
            raise LibraryError(f"{other.path} is kept in step already. Remove it first.")
    label = _label(folder, {other.label for other in known})
    added = workspace.catalog.folders.add(folder, label, _identity(folder))
    if added is None:
        raise LibraryError(f"{folder} is kept in step already.")
    return added


def keep_in_step(workspace: Workspace, folder: Folder, going_on: Callable[[], bool] = lambda: True) -> Looked:
    """Look at a folder, and queue or remove what makes the library be in step with it; what is queued is read later.

    What it could not do is noted with the folder, and tried again by the next look.

    Args:
        workspace: The open library.
        folder: Which one.
        going_on: Asked before each file that is taken in or let go; once it says no, the rest waits for the next look.

    Raises:
        LibraryError: the library cannot be written.
    """
    folders, looked = workspace.catalog.folders, Looked()
    try:
        identity, found = _look(workspace, folder)
    except DocMindError as error:
        folders.note_look(folder.id, None, str(error))
        return looked
    known = folders.members(folder.id)
    gone = {
        path: member for path, member in known.items() if path not in found.files and not _is_behind(path, found.closed)
    }
    if gone and identity != folder.identity and not any(_is_as_it_was(each, found) for each in known.values()):
        problem = (
            f"Another folder is where {folder.path} was: nothing that it held is there. Its documents stay. Connect "
            "the drive again; or stop keeping in step and add the folder anew."
        )
        folders.note_look(folder.id, None, problem)
        return looked
    problems = [f"{readable(path) or folder.path} cannot be opened" for path in found.closed]
    try:
        # New ones first: one that is a copy of what another file held until now takes over its document.
        for path in sorted(found.files, key=known.__contains__):
            status, member = found.files[path], known.get(path)
            if member and _is_as_it_was(member, found) and (member.held or member.wanted != "yes"):
                continue
            if not going_on():
                return looked
            if 0 <= time.time() - status.st_mtime < _GROWING:
                looked.again = True
                continue
            try:
                looked.done += _take_in(workspace, folder, path, status, member, gone)
            except DocumentError as error:
                problems.append(readable(str(error)))
        for member in gone.values():
            if not going_on():
                return looked
            _let_go(workspace, folder, member)
            looked.done += 1
        for document_id in folders.without_a_file():
            _remove(workspace, document_id)
    except LibraryError as error:
        folders.note_look(folder.id, identity, str(error))
        raise
    folders.note_look(folder.id, identity, _in_words(problems))
    return looked


def _look(workspace: Workspace, folder: Folder) -> tuple[str, Walked]:
    """Which folder it is, and its files of formats that are read.

    Raises:
        DocumentError: what is to be left out is not known.
        LibraryError: it is not there, or cannot be opened.
    """
    try:
        identity = _identity(folder.path)
        found = walk(folder.path, without=_own_folders(workspace), strictly=True)
        if "" in found.closed or _identity(folder.path) != identity:
            raise LibraryError(f"{folder.path} cannot be opened. Check its permissions.")
    except OSError as error:
        raise LibraryError(
            f"{folder.path} cannot be opened ({error.strerror}). Its documents stay; connect it again, or stop "
            "keeping in step with it."
        ) from error
    found.files = {
        path: status for path, status in found.files.items() if PurePosixPath(path).suffix.lower() in SUPPORTED_SUFFIXES
    }
    return identity, found


def _take_in(
    workspace: Workspace,
    folder: Folder,
    path: str,
    status: os.stat_result,
    known: Member | None,
    gone: dict[str, Member],
) -> bool:
    """Take a file in; what it turns out to be is no longer gone. Returns whether that changed a document.

    Raises:
        DocumentError: it cannot be read.
        LibraryError: the library cannot be written.
    """
    catalog, folders = workspace.catalog, workspace.catalog.folders
    limit = workspace.settings.max_file_mib
    if status.st_size > limit * 1024 * 1024:  # not copied at each look to be told so
        raise DocumentError(f"{path} is larger than {limit} MiB. Raise DOCMIND_MAX_FILE_MIB or split it.")
    with _opened(folder.path / path) as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        # One that changes again within a tick of the clock is looked into once more.
        modified = 0 if 0 <= time.time() - status.st_mtime < _FRESH else status.st_mtime_ns
        seen = Member(path, status.st_size, modified, sha256, None, None)
        same = [each for each in gone.values() if each.sha256 == sha256]
        if known and known.sha256 == sha256 and (known.held or known.wanted != "yes"):
            folders.keep(folder.id, replace(known, size=seen.size, modified=modified))
            return False
        if (known and known.wanted == "no") or folders.left_out(sha256):
            before = next((each.path for each in same if each.wanted == "no"), None)
            folders.keep(folder.id, replace(seen, wanted="no"), instead_of=before)
            gone.pop(before or "", None)
            return False
        old = _own_document(workspace, folder, known)
        name = old.name if old else _free_name(workspace, folder, path, sha256)
        source.seek(0)
        document, is_known = stage(workspace, source, name, by_hand=False)
    if not is_known:
        folders.brought_in(folder.id, document.id)
        earlier = old.id if old and old.state == "ready" else None
        member = replace(seen, document_id=earlier, coming_id=document.id)
        folders.keep(folder.id, member, "changed" if known else "added", document.name)
        return True
    moved = next((each for each in same if each.document_id == document.id), None)
    if moved is None:
        folders.keep(folder.id, replace(seen, document_id=document.id))
        return False
    if document.name == _name(folder, moved.path):  # not one that the user has given
        _call(workspace, document, _name(folder, path))
    called = catalog.document(document.id).name
    folders.keep(folder.id, replace(seen, document_id=document.id), "renamed", called, instead_of=moved.path)
    del gone[moved.path]
    return True


def _let_go(workspace: Workspace, folder: Folder, member: Member) -> None:
    """Forget a file; its document goes with the sweep, unless it holds another file or was not brought in by us."""
    folders = workspace.catalog.folders
    document = _own_document(workspace, folder, member)
    if document is None:
        folders.drop(folder.id, member.path)
    else:
        folders.drop(folder.id, member.path, "removed", document.name)


def _own_document(workspace: Workspace, folder: Folder, member: Member | None) -> Document | None:
    """The document that holds a file and no other, and that a folder has brought in; the searchable one where two do.

    One that holds other files too is called after the first of them from now on, where it was called after this one.
    """
    if member is None:
        return None
    folders = workspace.catalog.folders
    for document_id in filter(None, (member.document_id, member.coming_id)):
        try:
            document = workspace.catalog.document(document_id)
        except DocumentNotFoundError:  # deleted since the members were read
            continue
        others = [
            each for each in folders.of_document(document.id) if (each[0].id, each[1]) != (folder.id, member.path)
        ]
        if others and document.name == _name(folder, member.path):
            _call(workspace, document, _name(*others[0]))
        elif not others and folders.is_brought_in(document.id):
            return document
    return None


def _call(workspace: Workspace, document: Document, name: str) -> None:
    """Call a document otherwise, where it can be: its suffix says how it was read, and another may have the name."""
    if document.state == "ready" and PurePosixPath(name).suffix == PurePosixPath(document.name).suffix:
        with suppress(LibraryError):
            rename(workspace, document, name)


def _remove(workspace: Workspace, document_id: str) -> None:
    """Remove a document whatever state it is in."""
    with suppress(DocumentNotFoundError):
        document = workspace.catalog.document(document_id)
        if document.state in ("queued", "reading") and cancel(workspace, document, by_hand=False):
            return
        document = workspace.catalog.document(document_id)  # it may have been read meanwhile
        if document.state in ("ready", "failed"):
            delete(workspace, document, by_hand=False)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """A file, and not what a link or a pipe that has come to its place since leads to."""
    try:
        with open(path, "rb", opener=_without_links) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DocumentError(f"{path} is no file.")
            yield file
    except OSError as error:
        raise DocumentError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _is_as_it_was(member: Member, found: Walked) -> bool:
    status = found.files.get(member.path)
    return status is not None and (member.size, member.modified) == (status.st_size, status.st_mtime_ns)


def _name(folder: Folder, path: str) -> str:
    """What the document of a file is called, with single spaces as `rename` gives."""
    return " ".join(readable(f"{folder.label}/{path}").split())


def _free_name(workspace: Workspace, folder: Folder, path: str, sha256: str) -> str:
    """The same, or with a number where another document, which is not this file's, has that name."""
    wanted = PurePosixPath(_name(folder, path))
    names = [str(wanted), *(str(wanted.with_stem(f"{wanted.stem} ({number})")) for number in range(2, 1000))]
    return next(name for name in names if not workspace.catalog.folders.is_taken(name, sha256, folder.id, path))


def _label(folder: Path, taken: set[str]) -> str:
    """What the names of its documents begin with: its own name, or with those above it where that is taken."""
    parts = [readable(part) for part in folder.parts if part != folder.anchor] or ["root"]
    wanted = ["/".join(parts[begin:]) for begin in range(len(parts) - 1, -1, -1)]
    numbered = (f"{wanted[0]} {number}" for number in range(2, len(taken) + 3))
    return next(label for label in (*wanted, *numbered) if label not in taken)


def _identity(folder: Path) -> str:
    """What tells a folder from another one at its place: its number, which the tops of drives share, and its drive."""
    status = folder.stat()
    drive = os.statvfs(folder).f_fsid if hasattr(os, "statvfs") else status.st_dev
    return f"{drive}:{status.st_ino}"


def _own_folders(workspace: Workspace) -> list[Path]:
    return [workspace.settings.data_dir.resolve(), workspace.settings.models_path.resolve()]


def _is_behind(path: str, closed: list[str]) -> bool:
    """Whether a file cannot be looked at, or lies in a folder that cannot."""
    return any(PurePosixPath(path).is_relative_to(each) for each in closed)


def _in_words(problems: list[str]) -> str | None:
    if not problems:
        return None
    more = [f"and {len(problems) - _NAMED} more"] if len(problems) > _NAMED else []
    return "Not in the library: " + "; ".join([*problems[:_NAMED], *more])
