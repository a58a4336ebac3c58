"""Reading the header of a GGUF file, which may be damaged or hostile: bounded, and without holding its lists.

Source of the layout: the GGUF specification, version 3 (ggml/docs/gguf.md).
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import NamedTuple

# Value types and their struct codes.
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER = 64 << 20  # bytes; a vocabulary of 262,144 tokens with its merges takes under 20 MiB
_MOST_PAIRS = 1 << 14  # real files have a few dozen
_LONGEST_LIST = 1 << 21  # strings; the merges of the largest vocabularies are half a million
_LONGEST_KEPT_STRING = 1 << 16  # bytes; only names are wanted


class Strings(NamedTuple):
    """A list that was passed over."""

    length: int


GGUFValue = int | float | bool | str | Strings


def read_header(path: Path) -> dict[str, GGUFValue]:
    """The metadata of a GGUF file; of lists only their length.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no GGUF file, or damaged.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("not a GGUF file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _pairs(data)
            except (struct.error, IndexError, OverflowError) as error:
                raise ValueError("its header is cut short or damaged") from error


def _pairs(data: mmap.mmap) -> dict[str, GGUFValue]:
    version, _, count = struct.unpack_from("<IQQ", data, 4)
    if not 2 <= version <= 3:
        raise ValueError(f"GGUF version {version} is not known")
    if count > _MOST_PAIRS:
        raise ValueError("its header is longer than any real one")
    place = 24
    found: dict[str, GGUFValue] = {}
    for _ in range(count):
        key, place = _string(data, place)
        (kind,) = struct.unpack_from("<I", data, place)
        value, place = _value(data, place + 4, kind)
        found[key] = value
    if place > len(data):
        raise ValueError("its header is cut short or damaged")
    return found


def _value(data: mmap.mmap, place: int, kind: int) -> tuple[GGUFValue, int]:
    if code := _SCALARS.get(kind):
        (scalar,) = struct.unpack_from(code, data, place)
        return scalar, place + struct.calcsize(code)
    if kind == _STRING:
        return _string(data, place)
    if kind == _ARRAY:
        inner, length = struct.unpack_from("<IQ", data, place)
        return Strings(length), _after_list(data, place + 12, inner, length)
    raise ValueError(f"unknown GGUF value type {kind}")


def _after_list(data: mmap.mmap, place: int, inner: int, length: int) -> int:
    if code := _SCALARS.get(inner):
        return _checked(place + length * struct.calcsize(code))
    if inner != _STRING or length > _LONGEST_LIST:
        raise ValueError(f"a list of {length} values of type {inner}")
    for _ in range(length):
        (size,) = _LENGTH.unpack_from(data, place)
        place = _checked(place + 8 + size)
    return place


def _string(data: mmap.mmap, place: int) -> tuple[str, int]:
    (size,) = _LENGTH.unpack_from(data, place)
    end = _checked(place + 8 + size)
    kept = data[place + 8 : min(end, place + 8 + _LONGEST_KEPT_STRING)]
    return kept.decode("utf-8", errors="replace"), end


def _checked(place: int) -> int:
    if place > _LONGEST_HEADER:
        raise ValueError("its header is longer than any real one")
    return place
