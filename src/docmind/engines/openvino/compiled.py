"""A GGUF model in OpenVINO's own form, kept so that the next start need not convert it again.

Measured with SmolLM2-135M Q4_1 on 2 cores: 2.3 s from the GGUF file, 1.0 s from the kept form, the same answers.
Keeping it takes as much room on disk as the model itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import openvino_genai as genai

from docmind.models.kept import folder_to_make, keep, kept_form
from docmind.settings import Settings

_FILES = ("openvino_model.xml", "openvino_model.bin", "openvino_tokenizer.xml", "openvino_detokenizer.xml")


@contextmanager
def source_of(model: Path, settings: Settings) -> Iterator[Path]:
    """The form of a model that opens fastest: itself, or a folder in OpenVINO's form.

    A link to the model means that OpenVINO is to write its own form beside it; that is kept where the block ends well.
    Where none can be written, the model is opened as it is.
    """
    if model.suffix != ".gguf":
        yield model
        return
    kept = kept_form(model, settings, genai.get_version())
    if all((kept / file).is_file() for file in _FILES):
        yield kept
        return
    folder = _folder_with_link(model, kept)
    if folder is None:
        yield model
        return
    try:
        yield folder / model.name
        # What cannot be kept is made again at the next start.
        with suppress(OSError):
            (folder / model.name).unlink()
            if all((folder / file).is_file() for file in _FILES):
                keep(folder, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder_with_link(model: Path, kept: Path) -> Path | None:
    """A folder with nothing but a link to the model, because OpenVINO writes beside the file it reads."""
    folder = folder_to_make(model, kept)
    if folder is None:
        return None
    try:
        (folder / model.name).symlink_to(model.resolve())
    except OSError:  # Windows allows links to few
        folder.rmdir()
        return None
    return folder
