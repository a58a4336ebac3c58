"""Facts of models: read from their own headers, whatever those hold, and never at the cost of the process."""

from __future__ import annotations

import json
import random
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from docmind.errors import ModelError
from docmind.models import Shape, facts_of, find_model, known_models, tokenizer_metadata
from docmind.settings import Settings
from gguf_files import gguf

QWEN3_4B: dict[str, Any] = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_size": 2560,
    "vocab_size": 151_936,
    "max_position_embeddings": 262_144,
    "torch_dtype": "bfloat16",
}


def folder_with(folder: Path, config: object, **files: int) -> Path:
    """A model folder with a config.json and files of so many bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    for name, size in files.items():
        (folder / name.replace("__", ".")).write_bytes(bytes(size))
    return folder


TINY = {
    "general.architecture": "qwen3",
    "general.file_type": 15,
    "qwen3.block_count": 36,
    "qwen3.context_length": 40_960,
    "qwen3.embedding_length": 4096,
    "qwen3.attention.head_count": 32,
    "qwen3.attention.head_count_kv": 8,
    "qwen3.attention.key_length": 128,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.ggml.token_type": [1, 1, 3],
    "tokenizer.chat_template": "{{ messages }}",
}


def test_the_starters_own_file_says_what_the_catalogue_says(models_dir: Path) -> None:
    settings = Settings(models_dir=models_dir)
    (known,) = (model for model in known_models() if model.name == "smollm2-135m-instruct")
    path = find_model(known.name, "language", settings)
    assert facts_of(path) == known.facts
    assert facts_of(path).window == known.max_tokens == 8192


def test_a_folder_of_safetensors_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m", QWEN3_4B, **{"model-00001-of-00002__safetensors": 300, "b__safetensors": 7})
    (folder / "model-00002-of-00002.safetensors").write_bytes(bytes(200))
    facts = facts_of(folder)
    assert facts.shape == Shape(36, 8, 128, 32, 2560, 151_936)
    assert (facts.architecture, facts.format, facts.quantization) == ("qwen3", "safetensors", "BF16")
    assert (facts.window, facts.weight_bytes) == (262_144, 500)  # the stray file is no part of the model


@pytest.mark.parametrize(
    ("quantization", "numbers"), [({"quant_method": "fp8"}, "FP8"), ({"quant_method": "awq", "bits": 4}, "AWQ")]
)
def test_quantized_weights_are_named(tmp_path: Path, quantization: dict[str, Any], numbers: str) -> None:
    config = {**QWEN3_4B, "quantization_config": quantization}
    assert facts_of(folder_with(tmp_path / "m", config, model__safetensors=1)).quantization == numbers


def test_an_openvino_folder_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m", QWEN3_4B, openvino_model__xml=3, openvino_model__bin=1000)
    (folder / "openvino_config.json").write_text('{"quantization_config": {"bits": 4}}')
    facts = facts_of(folder)
    assert (facts.format, facts.quantization, facts.weight_bytes) == ("openvino", "INT4", 1000)


def test_heads_and_their_size_are_derived_where_a_config_leaves_them_out(tmp_path: Path) -> None:
    config = {key: value for key, value in QWEN3_4B.items() if key not in ("num_key_value_heads", "head_dim")}
    shape = facts_of(folder_with(tmp_path / "m", config, model__safetensors=1)).shape
    assert (shape.kv_heads, shape.head_size) == (32, 80)


def test_the_language_part_of_a_model_that_sees_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m", {"model_type": "both", "text_config": QWEN3_4B}, model__safetensors=1)
    assert facts_of(folder).shape.layers == 36
    assert facts_of(folder).window == 262_144


def test_a_gguf_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(TINY))
    facts = facts_of(path)
    assert facts.shape == Shape(36, 8, 128, 32, 4096, 3)
    assert (facts.architecture, facts.window, facts.quantization) == ("qwen3", 40_960, "Q4_K_M")
    assert facts.weight_bytes == path.stat().st_size


def test_a_split_model_weighs_all_its_parts(tmp_path: Path) -> None:
    first = tmp_path / "big[1]-00001-of-00002.gguf"
    first.write_bytes(gguf(TINY))
    with pytest.raises(ModelError, match="1 of its 2 parts"):
        facts_of(first)
    (tmp_path / "big[1]-00002-of-00002.gguf").write_bytes(bytes(5000))
    assert facts_of(first).weight_bytes == len(gguf(TINY)) + 5000


@pytest.mark.parametrize(
    "config",
    [
        "[]",
        "nonsense",
        "{}",
        "[" * 100_000,
        json.dumps({**QWEN3_4B, "num_hidden_layers": -1}),
        json.dumps({**QWEN3_4B, "num_hidden_layers": "36"}),
        json.dumps({**QWEN3_4B, "num_attention_heads": 0}),
        json.dumps({**QWEN3_4B, "max_position_embeddings": 10**30}),
        json.dumps({**QWEN3_4B, "head_dim": True}),
        " " * (5 << 20),
    ],
)
def test_a_damaged_config_is_refused(tmp_path: Path, config: str) -> None:
    folder = folder_with(tmp_path / "m", {}, model__safetensors=1)
    (folder / "config.json").write_text(config)
    with pytest.raises(ModelError, match="m cannot be read"):
        facts_of(folder)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no weights"):
        facts_of(folder_with(tmp_path / "m", QWEN3_4B))


HOSTILE = {
    "empty": b"",
    "only its name": b"GGUF",
    "another format": b"PK\x03\x04" * 100,
    "version 99": b"GGUF" + struct.pack("<IQQ", 99, 0, 1) + bytes(100),
    "more pairs than could be": gguf(TINY, count=2**60),
    "one pair more than there are": gguf(TINY, count=len(TINY) + 1),
    "zeros for ever": b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 14) + bytes(1 << 20),
    "a string of 2^62 bytes": gguf({}, count=1) + struct.pack("<Q", 2**62),
    "a list of 2^60 strings": gguf({}, count=1) + struct.pack("<QcIIQ", 1, b"k", 9, 8, 2**60) + bytes(1 << 20),
    "a list of 2^60 numbers": gguf({}, count=1) + struct.pack("<QcIIQ", 1, b"k", 9, 4, 2**60),
    "a kept list of 2^60 numbers": gguf({}, count=1)
    + struct.pack("<Q", 21)
    + b"tokenizer.ggml.tokens"
    + struct.pack("<IIQ", 9, 4, 2**60)
    + bytes(1 << 20),
    "a list of lists": gguf({}, count=1) + struct.pack("<QcIIQ", 1, b"k", 9, 9, 2**20) * 1000,
    "no heads": gguf({**TINY, "qwen3.attention.head_count": 0}),
    "no architecture": gguf({key: value for key, value in TINY.items() if key != "general.architecture"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_gguf_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ModelError, match=r"bad\.gguf cannot be read"):
        facts_of(path)
    if name not in {"no heads", "no architecture"}:
        with pytest.raises(ModelError, match=r"bad\.gguf cannot be read"):
            tokenizer_metadata(path)


def test_a_header_cut_or_altered_anywhere_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    header, path, chance = gguf(TINY), tmp_path / "bad.gguf", random.Random(20)  # noqa: S311 - not for secrets
    for place in range(len(header)):
        path.write_bytes(header[:place])
        for read in (facts_of, tokenizer_metadata):
            with pytest.raises(ModelError):
                read(path)
    for _ in range(500):
        altered = bytearray(header)
        altered[chance.randrange(len(header))] = chance.randrange(256)
        path.write_bytes(bytes(altered))
        with suppress(ModelError):
            assert facts_of(path).shape.layers >= 1
        with suppress(ModelError):
            assert len(tokenizer_metadata(path)["tokenizer.ggml.tokens"]) >= 1


def test_what_a_gguf_file_says_of_its_tokenizer_is_read_whole_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    template = "{{ messages }}" * 10_000
    path.write_bytes(
        gguf({**TINY, "tokenizer.chat_template": template, "general.tags": ["x"], "general.name": template})
    )
    metadata = tokenizer_metadata(path)
    assert metadata["tokenizer.ggml.tokens"] == ["a", "b", "c"]
    assert metadata["tokenizer.ggml.token_type"] == [1, 1, 3]
    assert metadata["tokenizer.chat_template"] == template
    assert metadata["general.tags"] == (1,)
    assert len(metadata["general.name"]) < len(template)


@pytest.mark.parametrize(
    "pairs",
    [
        {key: value for key, value in TINY.items() if not key.endswith("token_type")},
        {**TINY, "tokenizer.ggml.token_type": [1, 1]},
        {**TINY, "tokenizer.ggml.tokens": [1, 2, 3]},
        {**TINY, "tokenizer.ggml.tokens": "a b c"},
    ],
)
def test_a_tokenizer_that_does_not_say_what_its_tokens_are_is_refused(tmp_path: Path, pairs: dict[str, Any]) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(gguf(pairs))
    with pytest.raises(ModelError, match=r"bad\.gguf cannot be read"):
        tokenizer_metadata(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        facts_of(tmp_path / "none.gguf")
    with pytest.raises(ModelError):
        facts_of(tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("<QcIIQ", 1, b"k", 9, 8, 1 << 19) + bytes(8 << 19),  # a list of half a million empty strings
        struct.pack("<QcIQ", 1, b"k", 8, 40 << 20) + bytes(40 << 20),  # a string of 40 MiB
        struct.pack("<QcIIQ", 1, b"k", 9, 4, 10 << 20) + bytes(40 << 20),  # ten million numbers
    ],
)
def test_a_header_full_of_nothing_is_passed_over_without_being_held(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(gguf({}, count=1) + body)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=r"bad\.gguf cannot be read"):
            facts_of(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20  # bytes


@pytest.mark.parametrize(
    "config",
    [
        {**QWEN3_4B, "num_key_value_heads": [8] * 36},
        {**QWEN3_4B, "num_key_value_heads": {"all": 8}},
        {**QWEN3_4B, "hidden_size": 2560.0},
        {**QWEN3_4B, "vocab_size": None},
        {**QWEN3_4B, "max_position_embeddings": -262_144},
        {**QWEN3_4B, "num_attention_heads": 1 << 40},
        {"text_config": {"text_config": QWEN3_4B}},
        {"text_config": []},
    ],
)
def test_a_config_of_the_wrong_types_is_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=r"m cannot be read.*Fetch the model again, or choose another one"):
        facts_of(folder_with(tmp_path / "m", config, model__safetensors=1))


@pytest.mark.parametrize("extra", [{"quantization_config": "fp8"}, {"quantization_config": []}, {"torch_dtype": 7}])
def test_odd_words_about_the_numbers_cost_only_those_words(tmp_path: Path, extra: dict[str, Any]) -> None:
    facts = facts_of(folder_with(tmp_path / "m", {**QWEN3_4B, **extra}, model__safetensors=1))
    assert facts.shape.layers == 36
    assert facts.quantization in ("", "BF16")


def test_a_folder_named_like_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.gguf").mkdir()
    with pytest.raises(ModelError, match=r"odd\.gguf cannot be read"):
        facts_of(tmp_path / "odd.gguf")


def test_weights_that_are_cut_short_are_refused_before_an_engine_reads_beyond_their_end(
    models_dir: Path, tmp_path: Path
) -> None:
    whole = next((models_dir / "smollm2-135m-instruct").glob("*.gguf"))
    facts_of(whole)
    short = tmp_path / "short.gguf"
    with whole.open("rb") as file:
        short.write_bytes(file.read(whole.stat().st_size - 1))
    with pytest.raises(ModelError, match="cut short"):
        facts_of(short)
