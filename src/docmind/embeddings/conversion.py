"""An embedding model in OpenVINO's own form, made once by LlamaIndex's HuggingFaceEmbedding from the model's folder.

Transformer, pooling and normalisation are the ones that the model's files name: what is converted is the embedding
itself, tokens in and vectors out. With the kept form at hand no later start imports torch.
"""

from __future__ import annotations

import shutil
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so
from pydantic import BaseModel, ValidationError

from docmind.embeddings.embedder import LONGEST_CHUNK_TOKENS
from docmind.embeddings.hugging_face import load_hugging_face
from docmind.errors import ModelError
from docmind.models.kept import folder_to_make, keep, kept_form
from docmind.settings import Settings

if TYPE_CHECKING:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

_FORM = "1"  # of what is written here; another number makes every model be converted anew
_MODEL, _DESCRIPTION = "embedding.xml", "embedding.json"
_EXAMPLE_TOKENS = 16


class Description(BaseModel):
    """What is known of a converted model.

    Attributes:
        dimensions: Length of its vectors.
        max_tokens: Longest text it reads, special tokens included.
        pad: The token that fills up shorter texts of a batch.
        query_prefix: What stands before a question.
        text_prefix: What stands before a text.
    """

    dimensions: int
    max_tokens: int
    pad: int
    query_prefix: str = ""
    text_prefix: str = ""


class Converted(BaseModel):
    """A converted model: its description, and what OpenVINO compiles, a file or a model in memory."""

    description: Description
    model: Any


def converted(folder: Path, settings: Settings, source: HuggingFaceEmbedding | None = None) -> Converted:
    """The converted form of a model's folder, made where it is not kept yet.

    Where it cannot be kept, the next start makes it again.

    Args:
        folder: The model's.
        settings: Say where models live.
        source: The model where it is loaded already, on the processor; None loads it where it has to be converted.

    Raises:
        ModelError: the model's folder cannot be loaded, or OpenVINO cannot convert it.
    """
    kept = _place(folder, settings)
    return _kept(kept) or _convert(source or load_hugging_face(folder, 1, device="cpu"), folder, kept)


def quantized(folder: Path, settings: Settings) -> Converted:
    """The converted form with weights and activations in eight bits, made where it is not kept yet.

    Raises:
        MissingExtraError: the library that makes it is not installed.
        ModelError: as `converted`.
    """
    kept = _place(folder, settings, "int8")
    if known := _kept(kept):
        return known
    from docmind.embeddings.quantization import quantize  # noqa: PLC0415 - brings libraries that nothing else needs

    whole = converted(folder, settings)
    model = quantize(folder, whole.model, whole.description.max_tokens)
    return _keep(model, whole.description, folder, kept)


def _place(folder: Path, settings: Settings, kind: str = "") -> Path:
    return kept_form(folder, settings, openvino.get_version(), _FORM, kind=kind)


def _kept(kept: Path) -> Converted | None:
    try:
        description = Description.model_validate_json((kept / _DESCRIPTION).read_bytes())
    except (OSError, ValidationError):  # not there, or damaged: it is made again
        return None
    return Converted(description=description, model=kept / _MODEL) if (kept / _MODEL).is_file() else None


def _convert(source: HuggingFaceEmbedding, folder: Path, kept: Path) -> Converted:
    description = _describe(source)
    try:
        with warnings.catch_warnings():
            # Of branches that tracing takes once; the vectors are compared with torch's before they are used.
            warnings.simplefilter("ignore")
            model = openvino.convert_model(_pooled(source), example_input=_example())
    except Exception as error:
        # torch's tracing and OpenVINO's own errors share no narrower class.
        raise ModelError(f"OpenVINO cannot convert the embedding model in {folder} ({error}).") from error
    for port, name in zip(model.inputs, ("input_ids", "attention_mask"), strict=True):
        port.get_tensor().set_names({name})
    return _keep(model, description, folder, kept)


def _keep(model: Any, description: Description, folder: Path, kept: Path) -> Converted:
    """Write a form beside the models, whole or not at all, and return what was written, or it as it is in memory."""
    made = folder_to_make(folder, kept)
    if made is not None:
        try:
            with suppress(OSError, RuntimeError):  # what cannot be kept is made again at the next start
                openvino.save_model(model, made / _MODEL, compress_to_fp16=False)
                (made / _DESCRIPTION).write_text(description.model_dump_json(indent=2), encoding="utf-8")
                if kept.exists():  # damaged
                    shutil.rmtree(kept)
                keep(made, kept)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return _kept(kept) or Converted(description=description, model=model)


def _describe(source: HuggingFaceEmbedding) -> Description:
    prompts = source._model.prompts
    pad = getattr(source._model.tokenizer, "pad_token_id", None)
    return Description(
        dimensions=len(source.get_query_embedding("warm up")),
        max_tokens=int(source.max_length or LONGEST_CHUNK_TOKENS),
        pad=pad or 0,
        query_prefix=prompts.get("query") or "",
        text_prefix=prompts.get("text") or "",
    )


def _example() -> dict[str, Any]:
    import torch  # noqa: PLC0415 - only a conversion needs it

    ids = torch.ones((2, _EXAMPLE_TOKENS), dtype=torch.int64)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def _pooled(source: HuggingFaceEmbedding) -> Any:
    """A torch module from tokens to vectors: all modules of the model, one after the other."""
    import torch  # noqa: PLC0415 - only a conversion needs it

    class Pooled(torch.nn.Module):
        """Tokens and mask of whole texts in, one vector a text out."""

        def __init__(self, modules: Any, *, normalize: bool, token_types: bool) -> None:
            super().__init__()
            self.steps = modules
            self.normalize = normalize
            self.token_types = token_types

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            """Both are [texts, tokens]; the result is [texts, dimensions]."""
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if self.token_types:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            for step in self.steps:
                features = step(features)
            vectors: torch.Tensor = features["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, p=2, dim=1) if self.normalize else vectors

    takes = getattr(source._model.tokenizer, "model_input_names", ())
    pooled = Pooled(source._model, normalize=source.normalize, token_types="token_type_ids" in takes)
    return pooled.eval()
