"""How a language model is compiled for an Intel NPU, and what would stop it. Not verified here: no NPU was at hand.

An NPU computes with fixed shapes: the longest prompt and the room for the answer are part of the compiled model.
Source of names and defaults: 'OpenVINO GenAI on NPU' in OpenVINO's documentation (2026.3), and OpenVINO GenAI itself,
which reads MAX_PROMPT_LEN and MIN_RESPONSE_LEN, checks prompts against them, and passes every NPUW_ name on.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docmind.models.fit import NPU_PROMPT_TOKENS
from docmind.settings import Settings

_MULTIPLE = 64  # the compiler rounds lengths up to it, and the pipeline would then count with other lengths
_LEAST_RESPONSE = 128  # OpenVINO's default
_SYMMETRIC = ("int4_sym", "nf4")  # how NNCF writes the weights that an NPU takes
_END_OF_FILE = 262_144  # bytes in which NNCF's note stands at the end of the model's description


def npu_properties(settings: Settings, cache_folder: Path) -> dict[str, str | int]:
    """What OpenVINO is told. GenAI's two names and the plugin's two must agree, so all come from here.

    Args:
        settings: The longest prompt, and the longest answer.
        cache_folder: Where the compiled model is kept for the next start.
    """
    prompt, response = NPU_PROMPT_TOKENS[settings.npu_profile], _response_tokens(settings)
    return {
        "MAX_PROMPT_LEN": prompt,
        "MIN_RESPONSE_LEN": response,
        "NPU_USE_NPUW": "YES",
        "NPUW_LLM": "YES",
        # Where batch and tokens lie in the shape of keys and values [batch, heads, tokens, head size].
        "NPUW_LLM_BATCH_DIM": 0,
        "NPUW_LLM_SEQ_LEN_DIM": 2,
        "NPUW_LLM_MAX_PROMPT_LEN": prompt,
        "NPUW_LLM_MIN_RESPONSE_LEN": response,
        "CACHE_DIR": str(cache_folder),
    }


def npu_problems(settings: Settings, model: Path, model_window: int) -> list[str]:
    """Everything that would make the compilation fail or its result wrong, each in words; empty if it may be tried.

    Args:
        settings: The longest prompt, and the longest answer.
        model: The model's files.
        model_window: Longest text that the model was made for, in tokens.
    """
    longest = NPU_PROMPT_TOKENS[settings.npu_profile] + _response_tokens(settings)
    too_long = (
        f"prompt and answer have {longest:,} tokens, but the model reads {model_window:,} (choose a smaller "
        "DOCMIND_NPU_PROFILE or fewer DOCMIND_ANSWER_TOKENS)"
    )
    return [*([too_long] if longest > model_window else []), *_problems_of_files(model)]


def _response_tokens(settings: Settings) -> int:
    """Room for the longest answer."""
    return max(_LEAST_RESPONSE, -(-settings.answer_room // _MULTIPLE) * _MULTIPLE)


def _problems_of_files(model: Path) -> list[str]:
    if model.suffix == ".gguf":
        return [f"{model.name} is a GGUF file, and the NPU needs a model in OpenVINO's own form"]
    if not (model / "openvino_model.xml").is_file():
        return [f"the folder {model.name} holds no openvino_model.xml"]
    weights = _weights_of(model)
    if weights and weights not in _SYMMETRIC:
        return [
            f"its weights are {weights}, and the NPU needs symmetric ones of 4 bits (export the model with "
            "`optimum-cli export openvino --weight-format int4 --sym --ratio 1.0 --group-size 128`)"
        ]
    return []


def _weights_of(model: Path) -> str:
    """How the weights are written, as NNCF or Optimum noted it: 'int4_sym', 'int8_asym'; '' where neither did."""
    with (model / "openvino_model.xml").open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END_OF_FILE))
        note = file.read().decode("utf-8", errors="replace").partition("<weight_compression>")[2]
    if mode := re.search(r'<mode value="(\w+)"', note):
        return mode[1].lower()
    try:
        asked = json.loads((model / "openvino_config.json").read_text(encoding="utf-8"))["quantization_config"]
        return f"int{asked['bits']}_{'sym' if asked['sym'] else 'asym'}"
    except (OSError, ValueError, KeyError, TypeError):  # a note that may be missing, or of another kind
        return ""
