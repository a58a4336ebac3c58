"""What identifies a model's weights, cheaply: vectors of other weights are never compared, whatever they are called."""

from __future__ import annotations

import hashlib
from pathlib import Path

from docmind.models.folders import MANIFEST

# What decides which vectors a text gets: the weights, the tokenizer, and the JSON that says how they are put together.
_DECIDES = {".safetensors", ".bin", ".pt", ".json", ".txt", ".model", ".xml"}
_WHOLE_BYTES = 256 * 1024  # a file up to this size is read whole,
_SAMPLES, _SAMPLE_BYTES = 32, 4096  # a larger one at so many places that are spread evenly over it


def weights_of(folder: Path) -> str:
    """A digest of a model's files: their names, sizes and, of large ones, samples of their bytes.

    It takes milliseconds, and is the same for a copy in another place or of another time. It tells honest files apart;
    against somebody who forges them it is no protection.

    Args:
        folder: The model's; of its subfolders only those that hold modules of the model count (`1_Pooling`).

    Raises:
        OSError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix not in _DECIDES or path.name == MANIFEST or not path.is_file() or not _is_part(inside):
            continue
        size = path.stat().st_size
        digest.update(f"{inside.as_posix()} {size}\\n".encode())
        with path.open("rb") as file:
            if size <= _WHOLE_BYTES:
                digest.update(file.read())
                continue
            for number in range(_SAMPLES):
                file.seek(number * (size - _SAMPLE_BYTES) // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:16]


def _is_part(inside: Path) -> bool:
    """Whether a file belongs to the model that is opened: not to another form of it beside, such as `onnx`."""
    return len(inside.parts) == 1 or inside.parts[0][0].isdigit()
