"""A reranker in OpenVINO's own form, made once from the weights as PyTorch keeps them; no later start imports torch."""

from __future__ import annotations

import shutil
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so

from docmind.environment import prepare_process
from docmind.errors import ModelError
from docmind.lean_imports import one_imports_transformers
from docmind.models.kept import folder_to_make, keep, kept_form
from docmind.settings import Settings

_FORM = "1"  # of what is written here; another number makes every model be converted anew
_MODEL = "reranker.xml"
_EXAMPLE_TOKENS = 16


def converted(folder: Path, settings: Settings) -> Any:
    """What OpenVINO compiles of a model's folder: the file that is kept, or the model where it cannot be kept.

    Raises:
        ModelError: the folder cannot be loaded, or OpenVINO cannot convert it.
    """
    kept = kept_form(folder, settings, openvino.get_version(), _FORM, kind="reranker")
    if (kept / _MODEL).is_file():
        return kept / _MODEL
    model = _convert(folder)
    made = folder_to_make(folder, kept)
    if made is not None:
        try:
            with suppress(OSError, RuntimeError):  # what cannot be kept is made again at the next start
                openvino.save_model(model, made / _MODEL, compress_to_fp16=False)
                keep(made, kept)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return kept / _MODEL if (kept / _MODEL).is_file() else model


def _convert(folder: Path) -> Any:
    prepare_process()
    # Imported here, because only a conversion needs torch.
    import torch  # noqa: PLC0415 - see above
    from safetensors import SafetensorError  # noqa: PLC0415 - see above

    with one_imports_transformers():
        from transformers import AutoModelForSequenceClassification  # noqa: PLC0415 - see above

    try:
        source = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        ).eval()
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise ModelError(f"The reranker in {folder} cannot be loaded ({error}). Copy it there again.") from error
    kinds = getattr(source.config, "type_vocab_size", 0) > 1

    class Scored(torch.nn.Module):
        """Tokens of pairs in, one number a pair out."""

        def __init__(self) -> None:
            super().__init__()
            self.source = source

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            """All are [pairs, tokens]; the result is [pairs, 1]."""
            told = {"token_type_ids": token_type_ids} if kinds else {}
            return self.source(input_ids=input_ids, attention_mask=attention_mask, **told).logits

    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.int64)
    example = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if kinds:
        example["token_type_ids"] = torch.zeros_like(ids)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of branches that tracing takes once
            model = openvino.convert_model(Scored(), example_input=example)
    except Exception as error:
        # torch's tracing and OpenVINO's own errors share no narrower class.
        raise ModelError(f"OpenVINO cannot convert the reranker in {folder} ({error}).") from error
    for port, name in zip(model.inputs, example, strict=True):
        port.get_tensor().set_names({name})
    return model
