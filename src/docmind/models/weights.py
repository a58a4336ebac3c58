"""What identifies a model's weights, cheaply: vectors and answers of other weights are never taken for its own.

A name tells models apart for people; whoever puts other weights under it changes what it computes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from docmind.models.folders import MANIFEST

# What decides which vectors a text gets: the weights, the tokenizer, and the JSON that says how they are put together.
_DECIDES = {".safetensors", ".bin", ".pt", ".json", ".txt", ".model", ".xml"}
_WHOLE_BYTES = 256 * 1024  # a file up to this size is read whole,
_SAMPLES, _SAMPLE_BYTES = 32, 4096  # a larger one at so many places that are spread evenly over it


def weights_of(model: Path) -> str:
    """A digest of a model's files: their names, sizes and, of large ones, samples of their bytes.

    It takes milliseconds, and is the same for a copy in another place or of another time. It tells honest files apart;
    against somebody who forges them it is no protection.

    Args:
        model: Its file, or its folder, of whose subfolders only those that hold modules of the model count
            (`1_Pooling`).

    Raises:
        OSError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in [model] if model.is_file() else _files_of(model):
        size = path.stat().st_size
        name = path.name if path == model else path.relative_to(model).as_posix()
        digest.update(f"{name} {size}\\n".encode())
        with path.open("rb") as file:
            if size <= _WHOLE_BYTES:
                digest.update(file.read())
                continue
            for number in range(_SAMPLES):
                file.seek(number * (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:16]


def weights_if_known(model: Path | None) -> str:
    """The same; '' where there is no file to look at, because a server holds it, or where it cannot be read."""
    try:
        return weights_of(model) if model else ""
    except OSError:  # whoever opens it says why
        return ""


def _files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _DECIDES or path.name == MANIFEST or not path.is_file():
            continue
        if _is_part(path.relative_to(folder)):
            yield path


def _is_part(inside: Path) -> bool:
    """Whether a file belongs to the model that is opened: not to another form of it beside, such as `onnx`."""
    return len(inside.parts) == 1 or inside.parts[0][0].isdigit()
