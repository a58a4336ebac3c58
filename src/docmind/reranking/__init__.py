"""Reranker models: the one door to how well a passage answers a question."""

from __future__ import annotations

from docmind.models import find_reranker
from docmind.reranking.forms import form_of
from docmind.reranking.reranker import Reranker, unusable
from docmind.settings import Settings

__all__ = ["Reranker", "open_reranker", "unusable"]


def open_reranker(settings: Settings) -> Reranker | None:
    """Open the reranker that the settings name; None where there is none, or none is wanted.

    A model as PyTorch keeps it is converted for OpenVINO once, and the form is kept beside the models.

    Raises:
        ModelNotFoundError: one is named that is not on this machine.
        ModelError: its folder cannot be loaded.
    """
    folder = find_reranker(settings)
    if folder is None:
        return None
    # Imported late, because a library that is only listed needs neither OpenVINO nor torch.
    from docmind.reranking.openvino import open_openvino  # noqa: PLC0415 - see above

    form = form_of(folder)
    match form.kind:
        case "openvino" | "onnx":
            return open_openvino(folder, form.path)
        case "safetensors":
            from docmind.reranking.conversion import converted  # noqa: PLC0415 - see above

            return open_openvino(folder, converted(folder, settings))
