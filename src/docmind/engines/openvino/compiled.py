"""A GGUF model in OpenVINO's own form, kept so that the next start need not convert it again.

Measured with SmolLM2-135M Q4_1 on 2 cores: 2.3 s from the GGUF file, 1.0 s from the kept form, the same answers.
Keeping it takes as much room on disk as the model itself.
"""

from __future__ import annotations

import ctypes
import mmap
import shutil
import sys
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


def let_go_of_files() -> None:
    """Take the pages of kept forms out of this process, which has weights of its own by now; Linux only.

    The file stays mapped, so that whatever is read from it after all comes back. Measured with Qwen2.5-Coder-1.5B
    Q4_K_M: 2.73 GiB resident before, 1.77 after, and 1.79 after 300 more tokens were read.
    """
    if not sys.platform.startswith("linux"):
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        addresses, rights, *_, place = line.split(maxsplit=5)
        # Only what is shared with the file and cannot be written: there, nothing can be lost.
        if place.endswith(_FILES[1]) and rights == "r--s":
            start, end = (int(address, 16) for address in addresses.split("-"))
            advise(start, end - start, mmap.MADV_DONTNEED)


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
