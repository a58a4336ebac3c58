"""Models that come from their home on a model hub: listed, fetched file by file, each checked by its digest.

The hub is asked only for a model that the user has asked for, and is told nothing but which files are wanted. A file
that was broken off goes on where it stopped, also after a kill. Everything happens in a folder inside the models
folder, so that the last step, a rename, shows other processes the whole model or nothing. The hub's own library holds
files against their sizes only, and is kept off the network in this process.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from docmind.environment import hub_name, model_hub
from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models.fetching import SPACE_MARGIN, Progress, find_or_fetch, work_folder
from docmind.models.folders import MANIFEST, altered_file, holds_model, note_files
from docmind.models.installed import how_to_copy
from docmind.models.model import HubRepository, Model, ModelFile
from docmind.private_files import open_up
from docmind.settings import Settings

_PIECE = 1 << 20  # bytes
_SECONDS = 30.0  # without a byte
_TRIES = 5  # without a byte between them
_LONGEST_LISTING = 16 << 20  # bytes
_LONGEST_COMMIT = 64  # characters, of SHA-256
_LARGEST_FILE = 1 << 50  # bytes
# The same weights in other forms, and pictures of the model card.
_OTHER_FORMS = (
    *("*.onnx", "*.onnx_data", "onnx/*", "*.h5", "*.msgpack", "*.ot", "*.pth", "original/*", "coreml/*", "*.mlmodel"),
    *("*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp", "*.pdf", ".gitattributes", "imgs/*", "figures/*"),
)
_PICKLED = ("pytorch_model*.bin", "pytorch_model*.bin.index.json")


@dataclass(frozen=True, slots=True)
class _HubFile:
    """A file as the hub lists it.

    Attributes:
        path: Where it lies in the repository, with '/' between parts.
        size_bytes: Exact size.
        sha256: Digest of a large file; '' for a small one.
        blob: Git's digest of a small one: SHA-1 of its length and its bytes.
    """

    path: str
    size_bytes: int
    sha256: str
    blob: str


def fetch(model: Model, settings: Settings, progress: Progress = lambda *_: None, *, verify: bool = False) -> Path:
    """Have a model of a hub on this machine.

    Args:
        model: One whose source is a `HubRepository`.
        settings: Says where models live.
        progress: As for `docmind.models.pull`.
        verify: Hold every file that is here against the SHA-256 that was noted when it came.

    Returns:
        The model's folder.

    Raises:
        ModelDownloadError: the hub cannot be reached or refuses, the disk is full, or the folder cannot be written; the
            message says how to go on.
        ChecksumError: what arrived is not what the hub has listed, or what is here not what arrived.
    """
    source = model.source
    if not isinstance(source, HubRepository):
        raise TypeError(f"{model.name} does not come from a hub")

    def is_here(folder: Path) -> bool:
        here = holds_model(folder)
        if here and verify:
            _verify(folder, model)
        return here

    def fetch_into(folder: Path) -> None:
        instead = how_to_copy(model, source, settings)
        with _errors_in_words(model, instead), _client(instead) as client:
            _fetch_into(folder, model, source, client, progress)

    return find_or_fetch(model, settings, progress, is_here=is_here, fetch_into=fetch_into)


def _verify(folder: Path, model: Model) -> None:
    try:
        altered = altered_file(folder)
    except KeyError as error:
        raise ChecksumError(
            f"{folder} was not filled by DocMind, so no digests are noted that its files could be held against. Move "
            f"it elsewhere, then run `docmind models pull {model.name}`, to have files that are checked."
        ) from error
    except OSError as error:
        raise ChecksumError(f"{folder} cannot be read: {error.strerror or error}. Make its files readable.") from error
    if altered:
        raise ChecksumError(
            f"{folder / altered} is no longer what was fetched. Remove {folder}, then run `docmind models pull "
            f"{model.name}` again."
        )


def _client(instead: str) -> httpx.Client:
    # Compressed pieces could not go on in their middle.
    headers = {"Accept-Encoding": "identity", "User-Agent": "docmind"}
    try:
        return httpx.Client(base_url=model_hub(), headers=headers, timeout=_SECONDS, follow_redirects=True)
    except (ValueError, ImportError, OSError) as error:  # a proxy of another kind, certificates that are not there
        raise ModelDownloadError(
            f"What the environment says of proxies and certificates cannot be used ({error}). Put it right. Or fetch "
            f"the model on another machine. {instead}"
        ) from error


def _fetch_into(folder: Path, model: Model, source: HubRepository, client: httpx.Client, progress: Progress) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise ModelDownloadError(
            f"{folder} is in the way: it holds files, but no whole model. Move it elsewhere, then run "
            f"`docmind models pull {model.name}` again."
        )
    progress("waiting", 0, model.size_bytes)
    commit, files = _listed(client, model, source, progress)
    growing = work_folder(folder, commit)
    total = sum(file.size_bytes for file in files)
    here = sum(path.stat().st_size for path in growing.rglob("*") if path.is_file())
    if shutil.disk_usage(growing).free < total - here + SPACE_MARGIN:
        raise OSError(errno.ENOSPC, "not enough free space")
    done = 0
    for file in files:
        for now in _fetched(client, source, commit, file, growing):
            progress("downloading", done + now, total)
        done += file.size_bytes
    done, whole = 0, []

    def tell(read: int) -> None:
        progress("checking", done + read, total)

    for file in files:
        whole.append(_checked(file, growing, model, tell))
        done += file.size_bytes
    note_files(growing, model, f"{source.repository}@{commit}", whole)
    if folder.exists():
        folder.rmdir()
    open_up(growing)
    growing.rename(folder)
    shutil.rmtree(growing.parent, ignore_errors=True)


def _listed(
    client: httpx.Client, model: Model, source: HubRepository, progress: Progress
) -> tuple[str, Sequence[_HubFile]]:
    """The commit that the repository is at, and those of its files that make the model."""
    listing = bytearray()
    with client.stream("GET", f"/api/models/{source.repository}", params={"blobs": "true"}) as response:
        response.raise_for_status()
        for piece in response.iter_raw(_PIECE):
            listing += piece
            progress("waiting", 0, model.size_bytes)
            if len(listing) > _LONGEST_LISTING:
                break  # what follows makes no sense of half of it
    try:
        said = json.loads(listing)
        commit = str(said["sha"])
        if not (commit.isascii() and commit.isalnum() and len(commit) <= _LONGEST_COMMIT):
            raise ValueError(f"commit {commit[:80]!r}")
        files = _needed([_file(each) for each in said["siblings"]], source)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelDownloadError(
            f"What {hub_name()} says of {model.name} is not understood ({str(error)[:200]}). Nothing was fetched. Look "
            "whether HF_ENDPOINT names a model hub, or update DocMind."
        ) from error
    return commit, files


def _needed(files: Sequence[_HubFile], source: HubRepository) -> Sequence[_HubFile]:
    if source.file:
        files = [file for file in files if file.path == source.file]
    else:
        files = [file for file in files if not _is_any(file.path, (*_OTHER_FORMS, MANIFEST))]
        if any(file.path.endswith(".safetensors") for file in files):
            files = [file for file in files if not _is_any(file.path, _PICKLED)]
    if not files:
        raise ValueError(f"no {source.file or 'files'} in it")
    return files


def _file(said: Mapping[str, Any]) -> _HubFile:
    path, large = str(said["rfilename"]), said.get("lfs") or {}
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or not path.isprintable() or set(path) & {"\\", ":"}:
        raise ValueError(f"a file named {path[:80]!r}")
    size = int(said["size"])
    if not 0 <= size <= _LARGEST_FILE:
        raise ValueError(f"a file of {size} bytes")
    return _HubFile(path, size, str(large.get("sha256", "")), str(said.get("blobId", "")))


def _is_any(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def _fetched(client: httpx.Client, source: HubRepository, commit: str, file: _HubFile, growing: Path) -> Iterator[int]:
    """Fetch what is missing of a file; gives the bytes that are there, again and again."""
    path = growing / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    tries = 0
    while (here := path.stat().st_size) < file.size_bytes:
        try:
            yield from _streamed(client, f"/{source.repository}/resolve/{commit}/{file.path}", path, here, file)
        except httpx.UnsupportedProtocol:  # it sends us elsewhere, and will again
            raise
        except httpx.TransportError:
            tries = 0 if path.stat().st_size > here else tries + 1
            if tries == _TRIES:
                raise
            time.sleep(tries)
            yield here


def _streamed(client: httpx.Client, url: str, path: Path, here: int, file: _HubFile) -> Iterator[int]:
    wanted = {"Range": f"bytes={here}-"} if here else {}
    with client.stream("GET", url, headers=wanted) as response:
        response.raise_for_status()
        if here and response.status_code != httpx.codes.PARTIAL_CONTENT:
            here = 0  # it is sent from its beginning all the same
        with path.open("r+b") as output:
            output.truncate(here)
            output.seek(here)
            for piece in response.iter_raw(_PIECE):
                here += len(piece)
                if here > file.size_bytes:
                    raise ChecksumError(
                        f"{file.path} is longer than the {file.size_bytes:,} bytes that its home has listed. Try again "
                        "later; if it happens twice, do not trust what lies between."
                    )
                output.write(piece)
                yield here
            output.flush()
            os.fsync(output.fileno())  # a power cut after the last rename must not leave holes in the file
    if here < file.size_bytes:
        raise httpx.ReadError(f"{file.path} ended after {here:,} of {file.size_bytes:,} bytes")


def _checked(file: _HubFile, growing: Path, model: Model, tell: Callable[[int], None]) -> ModelFile:
    """The file with its digest, held against what was listed; one that is another is taken away."""
    path = growing / file.path
    sha256 = hashlib.sha256()
    # Git's own digest, where the hub lists no other: of a few kilobytes that nobody has to trust.
    blob = None if file.sha256 else hashlib.sha1(f"blob {file.size_bytes}\0".encode(), usedforsecurity=False)
    size = 0
    with path.open("rb") as stored:
        while piece := stored.read(_PIECE):
            size += len(piece)
            sha256.update(piece)
            if blob:
                blob.update(piece)
            tell(size)
    right = blob.hexdigest() == file.blob if blob else sha256.hexdigest() == file.sha256
    if size != file.size_bytes or not right:
        path.unlink()
        raise ChecksumError(
            f"{file.path} of {model.name} arrived with another digest than its home has listed, and has been thrown "
            f"away. Run `docmind models pull {model.name}` again; if it happens twice, do not trust what lies between."
        )
    return ModelFile(file.path, file.size_bytes, sha256.hexdigest())


@contextmanager
def _errors_in_words(model: Model, instead: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise ModelDownloadError(
            f"The home of {model.name} answers {error.response.status_code} {error.response.reason_phrase}. {instead}"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelDownloadError(
            f"The home of {model.name}, {hub_name()}, cannot be reached from this machine "
            f"({error or type(error).__name__}). What has arrived is kept for the next try. Or fetch it on another "
            f"machine. {instead}"
        ) from error
