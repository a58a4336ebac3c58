"""A converted embedding model in eight bits: faster where the processor computes in them, a little less exact.

Post-training quantisation with SmoothQuant, by OpenVINO's own NNCF, calibrated on texts that ship with DocMind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino  # type: ignore[import-untyped]  # it carries annotations but not the marker that says so

from docmind.embeddings.probe import probe_texts
from docmind.embeddings.tokens import open_tokenizer
from docmind.errors import MissingExtraError


def quantize(folder: Path, model: Any, max_tokens: int) -> Any:
    """A converted model in eight bits, as OpenVINO holds it in memory.

    Args:
        folder: The model's own, for its tokenizer.
        model: What OpenVINO compiles: a file, or a model in memory.
        max_tokens: Longest text it reads, special tokens included.

    Raises:
        MissingExtraError: NNCF is not installed.
    """
    try:
        import nncf  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise MissingExtraError(
            "DOCMIND_EMBEDDER_PRECISION=int8 needs NNCF. Run `pip install 'docmind[int8]'`, or choose bf16 or f32."
        ) from error
    tokenizer = open_tokenizer(folder, max_tokens)
    calibration = []
    for encoding in tokenizer.encode_batch(probe_texts()):
        ids = np.array([encoding.ids], dtype=np.int64)
        calibration.append({"input_ids": ids, "attention_mask": np.ones_like(ids)})
    whole = model if isinstance(model, openvino.Model) else openvino.Core().read_model(model)
    return nncf.quantize(
        whole, nncf.Dataset(calibration), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(calibration)
    )
