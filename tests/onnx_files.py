"""ONNX files, made for a test, written field by field as the format has them."""

from __future__ import annotations

from pathlib import Path

# Source of the numbers of fields: onnx.proto of ONNX 1.16.
_INT64, _FLOAT = 7, 1


def write_onnx(path: Path, width: int) -> None:
    """Write a model from input_ids and attention_mask, [texts, tokens], to logits, [texts, width]."""
    nodes = [
        _node("Mul", ["input_ids", "attention_mask"], "masked"),
        _node("Cast", ["masked"], "numbers", _attribute("to", 2, _number(3, _FLOAT))),
        _node("ReduceMean", ["numbers"], "mean", _attribute("axes", 7, _number(8, 1))),
        _node("Log", ["mean"], "log"),
        _node("Concat", ["log"] * width, "logits", _attribute("axis", 2, _number(3, 1))),
    ]
    graph = b"".join(_part(1, node) for node in nodes)
    graph += _part(2, b"scorer")
    graph += b"".join(_part(11, _value(name, _INT64, None)) for name in ("input_ids", "attention_mask"))
    graph += _part(12, _value("logits", _FLOAT, width))
    path.write_bytes(_number(1, 8) + _part(7, graph) + _part(8, _part(1, b"") + _number(2, 13)))


def _node(kind: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    node = b"".join(_part(1, name.encode()) for name in inputs) + _part(2, output.encode()) + _part(4, kind.encode())
    return node + (_part(5, attribute) if attribute else b"")


def _attribute(name: str, kind: int, value: bytes) -> bytes:
    return _part(1, name.encode()) + value + _number(20, kind)


def _value(name: str, element: int, width: int | None) -> bytes:
    second = _part(2, b"tokens") if width is None else _number(1, width)
    shape = _part(1, _part(2, b"texts")) + _part(1, second)
    return _part(1, name.encode()) + _part(2, _part(1, _number(1, element) + _part(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])
