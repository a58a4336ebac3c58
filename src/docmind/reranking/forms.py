"""In which form the weights of a reranker lie in its folder: the ones that need no conversion come first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docmind.errors import ModelError

Kind = Literal["openvino", "onnx", "safetensors"]

# Where publishers put them: at the top, or in a folder of each form beside the original.
_PLACES: tuple[tuple[Kind, str], ...] = (
    ("openvino", "openvino_model.xml"),
    ("onnx", "model.onnx"),
    ("openvino", "openvino/openvino_model.xml"),
    ("onnx", "onnx/model.onnx"),
    ("safetensors", "model.safetensors"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """The weights of a reranker.

    Attributes:
        kind: In which form they are.
        path: The file.
    """

    kind: Kind
    path: Path


def form_of(folder: Path) -> Form:
    """The weights in a folder.

    Raises:
        ModelError: there are none that can be read.
    """
    for kind, name in _PLACES:
        if (folder / name).is_file():
            return Form(kind, folder / name)
    raise ModelError(
        f"The reranker in {folder} has no weights that can be read: copy its model.safetensors, model.onnx or "
        "openvino_model.xml there, or set DOCMIND_RERANKER=none."
    )
