"""A GGUF model in OpenVINO's own form, kept so that the next start need not convert it again.

Measured with SmolLM2-135M Q4_1 on 2 cores: 2.3 s from the GGUF file, 1.0 s from the kept form, the same answers.
Keeping it takes as much room on disk as the model itself.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import openvino_genai as genai

from docmind.settings import Settings

_FILES = ("openvino_model.xml", "openvino_model.bin", "openvino_tokenizer.xml", "openvino_detokenizer.xml")
_FREE_SHARE = 3  # times the model's size that must be free on disk before more is written


def folder_of(settings: Settings) -> Path:
    """Where compiled and converted models are kept; it may be deleted at any time."""
    return settings.models_path / ".compiled"


@contextmanager
def source_of(model: Path, settings: Settings) -> Iterator[Path]:
    """The form of a model that opens fastest: itself, or a folder in OpenVINO's form.

    A link to the model means that OpenVINO is to write its own form beside it; that is kept where the block ends well.
    Converted models are told apart by the file's place, size and time, and by OpenVINO's version; earlier ones of the
    same file are removed. Where none can be written, the model is opened as it is.
    """
    if model.suffix != ".gguf":
        yield model
        return
    kept = folder_of(settings) / _name_of(model)
    if all((kept / file).is_file() for file in _FILES):
        yield kept
        return
    folder = _empty_folder(model, kept.parent)
    if folder is None:
        yield model
        return
    try:
        yield folder / model.name
        # What cannot be kept is made again at the next start.
        with suppress(OSError):
            (folder / model.name).unlink()
            for earlier in kept.parent.glob(f"{kept.name.partition('-')[0]}-*"):
                if earlier != kept:
                    shutil.rmtree(earlier, ignore_errors=True)
            if all((folder / file).is_file() for file in _FILES):
                folder.rename(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name_of(model: Path) -> str:
    real = model.resolve()
    place = hashlib.sha256(str(real).encode()).hexdigest()[:12]
    facts = real.stat()
    identity = f"{facts.st_size} {facts.st_mtime_ns} {genai.get_version()}"
    return f"{place}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def _empty_folder(model: Path, parent: Path) -> Path | None:
    """A folder with nothing but a link to the model, because OpenVINO writes beside the file it reads."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(parent).free < _FREE_SHARE * model.stat().st_size:
            return None
        folder = Path(tempfile.mkdtemp(prefix="making-", dir=parent))
    except OSError:  # a folder that may only be read, say
        return None
    try:
        (folder / model.name).symlink_to(model.resolve())
    except OSError:  # Windows allows links to few
        folder.rmdir()
        return None
    return folder
