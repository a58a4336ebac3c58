"""Reading the header of a GGUF file, which may be damaged or hostile: bounded, and holding only what is asked for.

Source of the layout: the GGUF specification, version 3 (ggml/docs/gguf.md).
"""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path
from typing import Any, NamedTuple

# Value types and their struct codes.
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER = 64 << 20  # bytes; a vocabulary of 262,144 tokens with its merges takes under 20 MiB
_MOST_PAIRS = 1 << 14  # real files have a few dozen
_LONGEST_LIST = 1 << 21  # strings, or numbers that are kept; the merges of the largest vocabularies are half a million
_LONGEST_KEPT_STRING = 1 << 16  # bytes; only names are wanted
_MOST_TENSORS = 1 << 16  # the largest mixtures of experts have a few thousand
_ALIGNMENT = 32  # bytes, where 'general.alignment' does not say otherwise
# Numbers in a block and bytes of a block, by tensor type. Source: ggml's type traits (ggml.c, ggml-common.h).
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 24: (1, 1), 25: (1, 2), 26: (1, 4),
    27: (1, 8), 28: (1, 8), 30: (1, 2),
}  # fmt: skip


class PassedOver(NamedTuple):
    """A list that was not asked for."""

    length: int


def read_header(path: Path, keep: str | None = None) -> dict[str, Any]:
    """The metadata of a GGUF file; strings are cut off after 65,536 bytes, and of lists only the length is told.

    Args:
        path: The file.
        keep: How the names begin whose strings and lists are wanted whole.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no GGUF file, or damaged.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("not a GGUF file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _pairs(data, keep)
            except (struct.error, IndexError, OverflowError) as error:
                raise ValueError("its header is cut short or damaged") from error


def _pairs(data: mmap.mmap, keep: str | None) -> dict[str, Any]:
    version, tensors, count = struct.unpack_from("<IQQ", data, 4)
    if not 2 <= version <= 3:
        raise ValueError(f"GGUF version {version} is not known")
    if count > _MOST_PAIRS:
        raise ValueError("its header is longer than any real one")
    place = 24
    found: dict[str, Any] = {}
    for _ in range(count):
        key, place = _string(data, place)
        (kind,) = struct.unpack_from("<I", data, place)
        whole = keep is not None and key.startswith(keep)
        found[key], place = _value(data, place + 4, kind, whole=whole)
    if place > len(data):
        raise ValueError("its header is cut short or damaged")
    alignment = found.get("general.alignment", _ALIGNMENT)
    if _end_of_weights(data, place, tensors, alignment if isinstance(alignment, int) else _ALIGNMENT) > len(data):
        raise ValueError("its weights are cut short")  # some engines read on beyond the end, and the process dies
    return found


def _end_of_weights(data: mmap.mmap, place: int, tensors: int, alignment: int) -> int:
    """Where in the file the last of the weights ends; of types that are not known, where it begins."""
    if tensors > _MOST_TENSORS or not 1 <= alignment <= _LONGEST_HEADER:
        raise ValueError("its header is longer than any real one")
    last = 0
    for _ in range(tensors):
        _, place = _string(data, place)
        (dimensions,) = struct.unpack_from("<I", data, place)
        if dimensions > 4:
            raise ValueError(f"a tensor of {dimensions} dimensions")
        sizes = struct.unpack_from(f"<{dimensions}Q", data, place + 4)
        kind, offset = struct.unpack_from("<IQ", data, place + 4 + 8 * dimensions)
        place = _checked(place + 16 + 8 * dimensions)
        numbers, size = _BLOCKS.get(kind, (0, 0))
        last = max(last, offset + (-(-math.prod(sizes) // numbers) * size if numbers else 0))
    return -(-place // alignment) * alignment + last if tensors else place


def _value(data: mmap.mmap, place: int, kind: int, *, whole: bool) -> tuple[Any, int]:
    if code := _SCALARS.get(kind):
        (scalar,) = struct.unpack_from(code, data, place)
        return scalar, place + struct.calcsize(code)
    if kind == _STRING:
        return _string(data, place, _LONGEST_HEADER if whole else _LONGEST_KEPT_STRING)
    if kind == _ARRAY:
        inner, length = struct.unpack_from("<IQ", data, place)
        return _list(data, place + 12, inner, length, whole=whole)
    raise ValueError(f"unknown GGUF value type {kind}")


def _list(data: mmap.mmap, place: int, inner: int, length: int, *, whole: bool) -> tuple[Any, int]:
    code = _SCALARS.get(inner)
    if (inner != _STRING and not code) or (length > _LONGEST_LIST and (whole or not code)):
        raise ValueError(f"a list of {length} values of type {inner}")
    if code:
        end = _checked(place + length * struct.calcsize(code))
        return list(struct.unpack_from(f"<{length}{code[1]}", data, place)) if whole else PassedOver(length), end
    strings = []
    for _ in range(length):
        if whole:
            string, place = _string(data, place, _LONGEST_HEADER)
            strings.append(string)
        else:
            (size,) = _LENGTH.unpack_from(data, place)
            place = _checked(place + 8 + size)
    return strings if whole else PassedOver(length), place


def _string(data: mmap.mmap, place: int, longest: int = _LONGEST_KEPT_STRING) -> tuple[str, int]:
    (size,) = _LENGTH.unpack_from(data, place)
    end = _checked(place + 8 + size)
    kept = data[place + 8 : min(end, place + 8 + longest)]
    return kept.decode("utf-8", errors="replace"), end


def _checked(place: int) -> int:
    if place > _LONGEST_HEADER:
        raise ValueError("its header is longer than any real one")
    return place
