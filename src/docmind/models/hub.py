"""Models that come from their home on a model hub: listed, fetched file by file, each checked by its digest.

The hub is asked only for a model that the user has asked for, and is told nothing but which files are wanted. A file
that was broken off goes on where it stopped, also after a kill. Everything happens in a folder inside the models
folder, so that the last step, a rename, shows other processes the whole model or nothing. The hub's own library holds
files against their sizes only, and is kept off the network in this process.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

from docmind.environment import model_hub
from docmind.errors import ChecksumError, ModelDownloadError
from docmind.models.fetching import SPACE_MARGIN, Progress, one_at_a_time, storage_error, work_folder
from docmind.models.folders import altered_file, holds_model, note_files
from docmind.models.installed import by_hand
from docmind.models.model import HubRepository, Model, ModelFile
from docmind.settings import Settings

_PIECE = 1 << 20  # bytes
_SECONDS = 30.0  # without a byte
_TRIES = 5  # without a byte between them
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
    if not isinstance(model.source, HubRepository):
        raise TypeError(f"{model.name} does not come from a hub")
    folder = settings.models_path / model.name
    try:
        for place in settings.model_folders:
            if holds_model(place / model.name):
                if verify:
                    _verify(place / model.name, model)
                return place / model.name
        with one_at_a_time(settings.models_path, model, progress):
            if not holds_model(folder):  # another process may have fetched it meanwhile
                with _errors_in_words(model, settings), _client() as client:
                    _fetch_into(folder, model, model.source, client, progress)
    except OSError as error:
        raise storage_error(model, settings.models_path, error) from error
    return folder


def _verify(folder: Path, model: Model) -> None:
    try:
        altered = altered_file(folder)
    except KeyError as error:
        raise ChecksumError(
            f"{folder} was not filled by DocMind, so no digests are noted that its files could be held against. Move "
            f"it elsewhere, then run `docmind models pull {model.name}`, to have files that are checked."
        ) from error
    if altered:
        raise ChecksumError(
            f"{folder / altered} is no longer what was fetched. Remove {folder}, then run `docmind models pull "
            f"{model.name}` again."
        )


def _client() -> httpx.Client:
    # Compressed pieces could not go on in their middle.
    headers = {"Accept-Encoding": "identity", "User-Agent": "docmind"}
    return httpx.Client(base_url=model_hub(), headers=headers, timeout=_SECONDS, follow_redirects=True)


def _fetch_into(folder: Path, model: Model, source: HubRepository, client: httpx.Client, progress: Progress) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise ModelDownloadError(
            f"{folder} is in the way: it holds files, but no whole model. Move it elsewhere, then run "
            f"`docmind models pull {model.name}` again."
        )
    progress("waiting", 0, model.size_bytes)
    commit, files = _listed(client, model, source)
    growing = work_folder(folder, commit)
    total = sum(file.size_bytes for file in files)
    here = sum(path.stat().st_size for path in growing.rglob("*") if path.is_file())
    if shutil.disk_usage(growing).free < total - here + SPACE_MARGIN:
        raise ModelDownloadError(
            f"The disk is too full for {model.name}: it takes {total / 1e6:,.0f} MB in {folder.parent}. Free some "
            f"space, or point DOCMIND_MODELS_DIR at a folder on another disk, then run `docmind models pull "
            f"{model.name}` again."
        )
    done = 0
    for file in files:
        for now in _fetched(client, source, commit, file, growing):
            progress("downloading", done + now, total)
        done += file.size_bytes
    done, whole = 0, []
    progress("checking", 0, total)
    for file in files:
        whole.append(_checked(file, growing, model))
        done += file.size_bytes
        progress("checking", done, total)
    note_files(growing, model, f"{source.repository}@{commit}", whole)
    if folder.exists():
        folder.rmdir()
    growing.rename(folder)
    shutil.rmtree(growing.parent, ignore_errors=True)


def _listed(client: httpx.Client, model: Model, source: HubRepository) -> tuple[str, Sequence[_HubFile]]:
    """The commit that the repository is at, and those of its files that make the model."""
    response = client.get(f"/api/models/{source.repository}", params={"blobs": "true"})
    response.raise_for_status()
    try:
        said = response.json()
        commit = str(said["sha"])
        if not commit.isalnum():
            raise ValueError(f"commit {commit!r}")
        files = _needed([_file(each) for each in said["siblings"]], source)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelDownloadError(
            f"What {model_hub()} says of {model.name} is not understood ({error}). Nothing was fetched. Look whether "
            "HF_ENDPOINT names a model hub, or update DocMind."
        ) from error
    return commit, files


def _needed(files: Sequence[_HubFile], source: HubRepository) -> Sequence[_HubFile]:
    if source.file:
        files = [file for file in files if file.path == source.file]
    else:
        files = [file for file in files if not _is_any(file.path, _OTHER_FORMS)]
        if any(file.path.endswith(".safetensors") for file in files):
            files = [file for file in files if not _is_any(file.path, _PICKLED)]
    if not files:
        raise ValueError(f"no {source.file or 'files'} in it")
    return files


def _file(said: Mapping[str, Any]) -> _HubFile:
    path, large = str(said["rfilename"]), said.get("lfs") or {}
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path or "\0" in path:
        raise ValueError(f"a file named {path[:80]!r}")
    return _HubFile(path, int(said["size"]), str(large.get("sha256", "")), str(said.get("blobId", "")))


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


def _checked(file: _HubFile, growing: Path, model: Model) -> ModelFile:
    """The file with its digest, held against what was listed; one that is another is taken away."""
    path = growing / file.path
    sha256, blob = hashlib.sha256(), hashlib.sha1(f"blob {file.size_bytes}\0".encode(), usedforsecurity=False)
    size = 0
    with path.open("rb") as stored:
        while piece := stored.read(_PIECE):
            size += len(piece)
            sha256.update(piece)
            blob.update(piece)
    right = sha256.hexdigest() == file.sha256 if file.sha256 else blob.hexdigest() == file.blob
    if size != file.size_bytes or not right:
        path.unlink()
        raise ChecksumError(
            f"{file.path} of {model.name} arrived with another digest than its home has listed, and has been thrown "
            f"away. Run `docmind models pull {model.name}` again; if it happens twice, do not trust what lies between."
        )
    return ModelFile(file.path, file.size_bytes, sha256.hexdigest())


@contextmanager
def _errors_in_words(model: Model, settings: Settings) -> Iterator[None]:
    instead = by_hand(model, settings)
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise ModelDownloadError(
            f"The home of {model.name} answers {error.response.status_code} {error.response.reason_phrase}. {instead}"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelDownloadError(
            f"The home of {model.name}, {model_hub()}, cannot be reached from this machine "
            f"({error or type(error).__name__}). What has arrived is kept for the next try. Or fetch it on another "
            f"machine. {instead}"
        ) from error
