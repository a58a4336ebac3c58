"""How many tokens a language model reads, according to its own files."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import BinaryIO

from docmind.errors import ModelError

# Value types of the GGUF metadata and their struct codes; source: the GGUF specification, version 3.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST_STRING = 16 * 1024 * 1024


def context_window(path: Path) -> int:
    """The context window of a model, in tokens.

    Args:
        path: A .gguf file, or a folder with a config.json.

    Raises:
        ModelError: the files do not tell.
    """
    try:
        window = _of_gguf(path) if path.suffix == ".gguf" else _of_config(path / "config.json")
    except (OSError, ValueError, struct.error, MemoryError) as error:
        raise ModelError(f"{path.name} cannot be read ({error}). Fetch the model again.") from error
    if window is None:
        raise ModelError(f"{path.name} does not say how many tokens it reads. Choose another model file.")
    return window


def _of_config(config: Path) -> int | None:
    window = json.loads(config.read_text(encoding="utf-8")).get("max_position_embeddings")
    return int(window) if window else None


def _of_gguf(path: Path) -> int | None:
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("not a GGUF file")
        _, _, pairs = struct.unpack("<IQQ", file.read(20))
        for _ in range(pairs):
            key = _string(file)
            (kind,) = struct.unpack("<I", file.read(4))
            value = _value(file, kind)
            # The architecture stands before the dot: 'llama.context_length', 'qwen3.context_length'.
            if key.endswith(".context_length") and isinstance(value, int):
                return value
    return None


def _value(file: BinaryIO, kind: int) -> object:
    if kind in _SCALARS:
        code = "<" + _SCALARS[kind]
        return struct.unpack(code, file.read(struct.calcsize(code)))[0]
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        inner, length = struct.unpack("<IQ", file.read(12))
        for _ in range(length):
            _value(file, inner)
        return None
    raise ValueError(f"unknown GGUF value type {kind}")


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _LONGEST_STRING:
        raise ValueError("a GGUF string is longer than the file could be")
    return file.read(length).decode("utf-8", errors="replace")
