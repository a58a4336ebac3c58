"""How a language model is compiled for an Intel NPU, and what would stop it. Not verified here: no NPU was at hand.

An NPU computes with fixed shapes: the longest prompt and the room for the answer are part of the compiled model.
Source of names and defaults: 'OpenVINO GenAI on NPU' in OpenVINO's documentation (2026.3), and OpenVINO GenAI itself,
which reads MAX_PROMPT_LEN and MIN_RESPONSE_LEN, checks prompts against them, and passes every NPUW_ name on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from docmind.models.fit import NPU_PROMPT_TOKENS
from docmind.settings import Settings

_MULTIPLE = 64  # the compiler rounds lengths up to it, and the pipeline would then count with other lengths
_LEAST_RESPONSE = 128  # OpenVINO's default
_SYMMETRIC = ("int4_sym", "nf4")  # how NNCF writes the weights that an NPU takes
_END_OF_FILE = 262_144  # bytes in which NNCF's note stands at the end of the model's description


@dataclass(frozen=True, slots=True)
class NpuConfig:
    """Everything the compilation depends on.

    Attributes:
        profile: A name in `NPU_PROMPT_TOKENS`.
        prompt_tokens: Longest prompt.
        response_tokens: Room for the answer beside the longest prompt.
        model: The model's files.
        model_window: Longest text that the model was made for, in tokens.
        cache_folder: Where the compiled model is kept for the next start; None for nowhere.
        batch_dimension: Position of the batch in the shape of keys and values [batch, heads, tokens, head size].
        token_dimension: Position of the tokens in it.
    """

    profile: str
    prompt_tokens: int
    response_tokens: int
    model: Path
    model_window: int
    cache_folder: Path | None = None
    batch_dimension: int = 0
    token_dimension: int = 2

    @property
    def properties(self) -> dict[str, str | int]:
        """As OpenVINO reads it. GenAI's two names and the plugin's two must agree, so both come from here."""
        return {
            "MAX_PROMPT_LEN": self.prompt_tokens,
            "MIN_RESPONSE_LEN": self.response_tokens,
            "NPU_USE_NPUW": "YES",
            "NPUW_LLM": "YES",
            "NPUW_LLM_BATCH_DIM": self.batch_dimension,
            "NPUW_LLM_SEQ_LEN_DIM": self.token_dimension,
            "NPUW_LLM_MAX_PROMPT_LEN": self.prompt_tokens,
            "NPUW_LLM_MIN_RESPONSE_LEN": self.response_tokens,
            **({"CACHE_DIR": str(self.cache_folder)} if self.cache_folder else {}),
        }


def npu_config(settings: Settings, model: Path, model_window: int, cache_folder: Path | None = None) -> NpuConfig:
    """The configuration that the settings ask for, with room for the longest answer they allow."""
    response = max(_LEAST_RESPONSE, -(-settings.answer_tokens // _MULTIPLE) * _MULTIPLE)
    return NpuConfig(
        settings.npu_profile, NPU_PROMPT_TOKENS[settings.npu_profile], response, model, model_window, cache_folder
    )


def problems(config: NpuConfig) -> list[str]:
    """Everything that would make the compilation fail or its result wrong, each in words; empty if it may be tried."""
    found = []
    expected = NPU_PROMPT_TOKENS.get(config.profile)
    if expected is None:
        found.append(
            f"there is no profile '{config.profile}' (DOCMIND_NPU_PROFILE is one of {', '.join(NPU_PROMPT_TOKENS)})"
        )
    elif config.prompt_tokens != expected:
        found.append(f"the profile '{config.profile}' has prompts of {expected:,} tokens, not {config.prompt_tokens:,}")
    for name, tokens in (("prompt", config.prompt_tokens), ("answer", config.response_tokens)):
        if tokens <= 0:
            found.append(f"the longest {name} has {tokens} tokens")
        elif tokens % _MULTIPLE:
            found.append(f"the longest {name} has {tokens:,} tokens, which is no multiple of {_MULTIPLE}")
    if config.prompt_tokens + config.response_tokens > config.model_window:
        found.append(
            f"prompt and answer have {config.prompt_tokens + config.response_tokens:,} tokens, but the model reads "
            f"{config.model_window:,} (choose a smaller DOCMIND_NPU_PROFILE or fewer DOCMIND_ANSWER_TOKENS)"
        )
    if config.batch_dimension == config.token_dimension or not {config.batch_dimension, config.token_dimension} <= {
        *range(4)
    }:
        found.append(
            f"batch and tokens cannot lie in dimensions {config.batch_dimension} and {config.token_dimension} of four"
        )
    return found + _problems_of_files(config.model)


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
