"""The ways in which vLLM is started, best first: what it is told about window, batch and KV cache.

Nothing here imports vLLM. What concerns CUDA follows vLLM 0.32's source and is not verified on a card.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docmind.models import Choice, detect
from docmind.settings import Settings

_PARALLEL_ANSWERS = 8
# Prompt tokens a step. A step cannot be interrupted, and a question must stop within half a second: a laptop's
# processor reads 900 tokens a second of the starter model. A card reads 10,000 and more, and larger steps gain little.
_STEP_TOKENS_CPU, _STEP_TOKENS_CUDA = 256, 4_096
_MARGIN = 0.02  # share of a card's memory that others may still take while we load


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of starting vLLM.

    Attributes:
        arguments: What it is told, by the names of its `AsyncEngineArgs`.
        parallel_answers: Answers at once.
        note: What the user should know of it.
    """

    arguments: Mapping[str, Any]
    parallel_answers: int = _PARALLEL_ANSWERS
    note: str = ""


def attempts(settings: Settings, choice: Choice, *, on_cuda: bool) -> Iterator[Attempt]:
    """The ways to start, best first.

    Args:
        settings: Share of the card's memory.
        choice: A folder with a config.json, the window, the numbers in the cache and, without a card, its size.
        on_cuda: Whether the installed vLLM drives a card.

    Raises:
        OSError, ValueError: the folder's config.json cannot be read.
    """
    assert choice.path is not None  # noqa: S101 - checked when opening
    config = json.loads((choice.path / "config.json").read_text(encoding="utf-8"))
    common = {
        "model": str(choice.path),
        # -1 takes what fits; the model's own length caps it, so lower that to what is asked for.
        "max_model_len": -1,
        "max_num_seqs": _PARALLEL_ANSWERS,
        "enable_prefix_caching": True,
        "enable_chunked_prefill": True,
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
    }
    if choice.window < (config.get("max_position_embeddings") or 0):
        common["hf_overrides"] = {"max_position_embeddings": choice.window}
    if on_cuda:
        common |= {
            "dtype": "auto",
            "enforce_eager": False,  # CUDA graphs
            "max_num_batched_tokens": _STEP_TOKENS_CUDA,
            "gpu_memory_utilization": _share(settings),
        }
        # vLLM picks the attention backend: FlashAttention 3 on Hopper, FlashInfer where it is installed on Blackwell.
        # It would ask NVIDIA's server for some of FlashInfer's kernels unless they are installed or ruled out.
        if importlib.util.find_spec("flashinfer_cubin") is None:
            common["attention_config"] = {"use_trtllm_attention": False}
    else:
        common |= {
            "dtype": "bfloat16",
            "enforce_eager": True,  # compiling takes minutes, and a C++ compiler
            "max_num_batched_tokens": _STEP_TOKENS_CPU,
            "kv_cache_memory_bytes": choice.cache_gib << 30,
        }
    wanted = _cache_types(choice, config)
    for cache_type in wanted:
        fell_back = cache_type == "auto" and len(wanted) > 1
        note = "The KV cache has sixteen bits: vLLM takes no FP8 cache for this model here." if fell_back else ""
        yield Attempt({**common, "kv_cache_dtype": cache_type}, note=note)
    if on_cuda:
        small = {"max_num_seqs": 2, "max_num_batched_tokens": 1_024, "enforce_eager": True}
        note = "Memory is short: two answers at once, and slower ones (no CUDA graphs)."
        yield Attempt({**common, **small, "kv_cache_dtype": wanted[0]}, parallel_answers=2, note=note)


def _cache_types(choice: Choice, config: Mapping[str, Any]) -> tuple[str, ...]:
    """vLLM's names for the numbers in the KV cache, best first.

    vLLM 0.32 refuses 'fp8_e5m2' for checkpoints whose own weights are FP8, and for compressed-tensors ones that bring
    scales for the cache ('fp8_e5m2 kv-cache is not supported with fp8 checkpoints', attention.py).
    """
    if choice.cache_type != "fp8":
        return ("auto",)  # the model's own sixteen bits; vLLM has neither q8_0 nor q4_0
    weights = config.get("quantization_config") or {}
    if weights.get("quant_method") == "fp8" or weights.get("kv_cache_scheme"):
        return ("fp8_e4m3", "auto")
    return ("fp8_e5m2", "fp8_e4m3", "auto")


def _share(settings: Settings) -> float:
    """The share of the card's memory to take; less than the settings say where others have taken the rest."""
    cards = detect(settings).cuda
    if not cards:
        return settings.gpu_memory_share
    return max(0.01, min(settings.gpu_memory_share, cards[0].free_bytes / cards[0].memory_bytes - _MARGIN))
