"""Writes small GGUF files, good ones and bad ones."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence


def gguf(pairs: Mapping[str, int | str | Sequence[str | int | float]], count: int | None = None) -> bytes:
    """A GGUF header of version 3 with these values."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    header = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs) if count is None else count)
    for key, value in pairs.items():
        header += text(key)
        match value:
            case int():
                header += struct.pack("<II", 4, value)
            case str():
                header += struct.pack("<I", 8) + text(value)
            case [str(), *_]:
                header += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
            case [float(), *_]:
                header += struct.pack(f"<IIQ{len(value)}f", 9, 6, len(value), *value)
            case [*_]:
                header += struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
    return header
