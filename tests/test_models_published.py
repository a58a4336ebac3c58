"""Memory worked out from the config.json that publishers ship, against totals derived by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from docmind.models import facts_of, known_models, kv_cache_bytes
from docmind.settings import CacheType, LocalEngine

MIB, GIB = 1 << 20, 1 << 30


@dataclass(frozen=True)
class Published:
    """What a config.json says, and what follows from it by hand.

    `tokens` in 16 bits take `total` bytes: 2 (key, value) x layers x KV heads x head size x 2 bytes x tokens.
    """

    config: dict[str, object]
    tokens: int
    total: int


def qwen3(layers: int, heads: int, kv_heads: int, hidden: int, window: int, kind: str = "qwen3") -> dict[str, object]:
    """The numbers of a Qwen3 config.json; source: the repositories of Qwen on the hub."""
    return {
        "model_type": kind,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": 128,
        "hidden_size": hidden,
        "vocab_size": 151_936,
        "max_position_embeddings": window,
        "torch_dtype": "bfloat16",
    }


def llama(
    layers: int, heads: int, kv_heads: int, hidden: int, window: int, vocabulary: int = 128_256
) -> dict[str, object]:
    """The numbers of a Llama config.json, which leaves the size of a head to be worked out."""
    config = {**qwen3(layers, heads, kv_heads, hidden, window, "llama"), "vocab_size": vocabulary}
    del config["head_dim"]
    return config


PUBLISHED = {
    # 2 x 36 x 8 x 128 x 2 = 147,456 bytes a token; 131,072 of them are 18 GiB.
    "Qwen3-4B-Instruct-2507": Published(qwen3(36, 32, 8, 2560, 262_144), 131_072, 18 * GIB),
    # The same shape of cache in a wider model: 147,456 x 40,960.
    "Qwen3-8B": Published(qwen3(36, 32, 8, 4096, 40_960), 40_960, 6_039_797_760),
    # 2 x 40 x 8 x 128 x 2 = 163,840 a token; x 32,768 = 5 GiB.
    "Qwen3-14B": Published(qwen3(40, 40, 8, 5120, 40_960), 32_768, 5 * GIB),
    # 2 x 48 x 4 x 128 x 2 = 98,304 a token; x 262,144 = 24 GiB. Heads are larger than 2,048 / 32.
    "Qwen3-30B-A3B-Instruct-2507": Published(qwen3(48, 32, 4, 2048, 262_144, "qwen3_moe"), 262_144, 24 * GIB),
    # 2 x 32 x 8 x (4,096 / 32) x 2 = 131,072 a token; x 131,072 = 16 GiB.
    "Llama-3.1-8B": Published(llama(32, 32, 8, 4096, 131_072), 131_072, 16 * GIB),
    # 2 x 80 x 8 x (8,192 / 64) x 2 = 327,680 a token; x 131,072 = 40 GiB.
    "Llama-3.1-70B": Published(llama(80, 64, 8, 8192, 131_072), 131_072, 40 * GIB),
    # 2 x 30 x 3 x (576 / 9) x 2 = 23,040 a token; x 8,192 = 180 MiB.
    "SmolLM2-135M-Instruct": Published(llama(30, 9, 3, 576, 8_192, 49_152), 8_192, 180 * MIB),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_configuration_takes_what_was_worked_out_by_hand(tmp_path: Path, name: str) -> None:
    published = PUBLISHED[name]
    (tmp_path / "config.json").write_text(json.dumps(published.config))
    (tmp_path / "model.safetensors").write_bytes(bytes(100))
    facts = facts_of(tmp_path)
    assert facts.window == published.config["max_position_embeddings"]
    sixteen: tuple[tuple[LocalEngine, CacheType], ...] = (
        ("vllm", "bf16"), ("vllm", "f16"), ("openvino", "f16"), ("llamacpp", "f16"),
    )  # fmt: skip
    for engine, cache_type in sixteen:
        assert kv_cache_bytes(facts.shape, published.tokens, cache_type, engine) == published.total
    assert kv_cache_bytes(facts.shape, published.tokens, "fp8", "vllm") == published.total // 2
    # 32 numbers and their scale: 34 bytes rather than 64 in eight bits, 18 in four.
    assert kv_cache_bytes(facts.shape, published.tokens, "q8_0", "llamacpp") == published.total // 64 * 34
    assert kv_cache_bytes(facts.shape, published.tokens, "q4_0", "llamacpp") == published.total // 64 * 18


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("qwen3-4b-instruct-2507", "Qwen3-4B-Instruct-2507"),
        ("qwen3-8b", "Qwen3-8B"),
        ("qwen3-14b", "Qwen3-14B"),
        ("qwen3-30b-a3b-instruct-2507", "Qwen3-30B-A3B-Instruct-2507"),
    ],
)
def test_the_catalogue_says_what_the_model_will_say_when_it_is_here(tmp_path: Path, name: str, published: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED[published].config))
    (tmp_path / "model.safetensors").write_bytes(b"")
    said = facts_of(tmp_path)
    (known,) = (model.facts for model in known_models() if model.name == name)
    assert known is not None
    assert (known.shape, known.window, known.architecture) == (said.shape, said.window, said.architecture)
    assert (known.format, known.quantization) == (said.format, said.quantization)


def test_an_engine_keeps_whole_blocks_of_tokens() -> None:
    shape = next(model.facts.shape for model in known_models() if model.name == "qwen3-8b" and model.facts)
    blocks: tuple[tuple[LocalEngine, int], ...] = (("llamacpp", 256), ("openvino", 32), ("vllm", 16))
    for engine, block in blocks:
        one = kv_cache_bytes(shape, 1, "f16", engine)
        assert one == kv_cache_bytes(shape, block, "f16", engine) == block * 147_456
        assert kv_cache_bytes(shape, block + 1, "f16", engine) == 2 * one
