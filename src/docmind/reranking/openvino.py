"""A reranker computed by OpenVINO, which reads its own form and ONNX files as they are.

Each pair of question and passage goes through the model once; pairs of like length go together, so that hardly any
padding is computed.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so
from tokenizers import Encoding, Tokenizer

from docmind.environment import prepare_process
from docmind.errors import ModelError
from docmind.reranking.reranker import Reranker

_LONGEST_PAIR = 512  # tokens; what such models are trained with
_BATCH = 4  # pairs in a request
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}

Numbers = npt.NDArray[np.int64]


def open_openvino(folder: Path, model: Any) -> Reranker:
    """Open a reranker.

    Args:
        folder: The model's own, for its tokenizer.
        model: What OpenVINO compiles: a file, or a model in memory.

    Raises:
        ModelError: it cannot be loaded, or is no model that reads two texts and gives one score.
    """
    prepare_process()
    tokenizer = _tokenizer(folder)
    pad = _pad(folder)
    try:
        compiled = openvino.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        names = [port.get_any_name() for port in compiled.inputs]
        width = compiled.outputs[0].get_partial_shape()[-1]
        queue = openvino.AsyncInferQueue(compiled)
    except RuntimeError as error:
        raise ModelError(f"OpenVINO cannot compute the reranker in {folder} ({error}). Copy it there again.") from error
    if not {"input_ids", "attention_mask"} <= set(names) <= _INPUTS or width.is_dynamic or width.get_length() != 1:
        raise ModelError(f"The reranker in {folder} is no model that reads two texts and gives one score.")
    asking = threading.Lock()  # a queue serves one call at a time

    def score(question: str, passages: Sequence[str]) -> list[float]:
        encodings = tokenizer.encode_batch([(question, passage) for passage in passages])
        scores = np.full(len(passages), math.nan)

        def done(request: Any, places: list[int]) -> None:
            scores[places] = request.get_output_tensor(0).data[:, 0]

        with asking:
            try:
                queue.set_callback(done)
                for places in _batches([len(encoding.ids) for encoding in encodings]):
                    tensors = _tensors([encodings[place] for place in places], pad)
                    queue.start_async({name: tensors[name] for name in names}, places)
                queue.wait_all()
            except RuntimeError as error:
                raise ModelError(f"The reranker {folder.name} cannot compute a score ({error}).") from error
        if not np.isfinite(scores).all():
            raise ModelError(f"The reranker {folder.name} gives no usable scores. Copy it there again.")
        # A number without bounds becomes a share; larger ones than these are 0 and 1 anyway, and would overflow.
        shares: list[float] = (1 / (1 + np.exp(-np.clip(scores, -60, 60)))).tolist()
        return shares

    return Reranker(folder.name, score)


def _tokenizer(folder: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        # The library raises no narrower class.
        raise ModelError(
            f"The reranker in {folder} cannot be loaded: {error}. Copy its tokenizer.json there again."
        ) from error
    # The file may ask for padding and truncation of its own.
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST_PAIR)
    return tokenizer


def _pad(folder: Path) -> int:
    """The token that fills up shorter pairs. Models of the RoBERTa family tell positions by it."""
    try:
        return int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["pad_token_id"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # not told
        return 0


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """The places of pairs of like length together, the longest first, so that the last batches are the shortest."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    return [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]


def _tensors(batch: Sequence[Encoding], pad: int) -> dict[str, Numbers]:
    """What a model may ask for, each [pairs, tokens]."""
    shape = (len(batch), max(len(encoding.ids) for encoding in batch))
    ids, mask, kinds = (np.full(shape, filler, dtype=np.int64) for filler in (pad, 0, 0))
    for row, encoding in enumerate(batch):
        length = len(encoding.ids)
        ids[row, :length], mask[row, :length], kinds[row, :length] = encoding.ids, 1, encoding.type_ids
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
