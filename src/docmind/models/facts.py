"""What a language model is, according to its own files: architecture, shape, window, weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from docmind.errors import ModelError
from docmind.models.gguf import PassedOver, read_header

WeightsFormat = Literal["gguf", "safetensors", "openvino"]

_LONGEST_CONFIG = 4 << 20  # bytes; real ones have a few thousand
_LARGEST_NUMBER = 1 << 24  # no layer, head, token or window is counted in more
_OPENVINO_MODEL = "openvino_model"
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")

# Value of 'general.file_type'; source: enum llama_ftype in llama.cpp's include/llama.h.
_GGUF_NUMBERS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip
_TORCH_NUMBERS = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a transformer that decide how much memory it takes.

    Attributes:
        layers: Transformer blocks.
        kv_heads: Heads whose keys and values are kept for every token.
        head_size: Numbers in a key, and in a value.
        attention_heads: Heads that ask.
        hidden_size: Numbers that stand for a token between two layers.
        vocabulary: Tokens there are.
    """

    layers: int
    kv_heads: int
    head_size: int
    attention_heads: int
    hidden_size: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What must be known of a model before it is loaded.

    Attributes:
        architecture: Its family as its files spell it: 'llama', 'qwen3', 'qwen3moe' (GGUF), 'qwen3_moe' (config.json).
        shape: Its sizes.
        window: Longest text it was made for, in tokens.
        weight_bytes: Bytes of all its weights.
        format: In which form they lie on disk.
        quantization: In which numbers: 'BF16', 'FP8', 'AWQ', 'INT4', 'Q4_K_M'; '' where the files do not say.
    """

    architecture: str
    shape: Shape
    window: int
    weight_bytes: int
    format: WeightsFormat
    quantization: str = ""


def facts_of(path: Path) -> ModelFacts:
    """The facts of a model on disk; only headers are read.

    Args:
        path: A .gguf file (the first of a split model), or a folder with a config.json.

    Raises:
        ModelError: the files are damaged, or do not tell.
    """
    try:
        return _of_gguf(path) if path.suffix == ".gguf" else _of_folder(path)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:  # what hostile JSON comes to
        raise _unreadable(path, error) from error


def weight_bytes(path: Path) -> int:
    """Bytes of all the weights of a model on disk.

    Args:
        path: A .gguf file (the first of a split model), or a folder.

    Raises:
        ModelError: they are not all here.
    """
    try:
        return sum(file.stat().st_size for file in (shards_of(path) if path.suffix == ".gguf" else _weights(path)[1]))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def tokenizer_metadata(path: Path) -> dict[str, Any]:
    """What a .gguf file says of its tokenizer and chat template, by the names of the GGUF specification.

    Raises:
        ModelError: the file is damaged, or does not tell.
    """
    try:
        metadata = read_header(path, keep="tokenizer.")
        tokens, kinds = (metadata.get(f"tokenizer.ggml.{name}") for name in ("tokens", "token_type"))
        if not isinstance(tokens, list) or not isinstance(kinds, list) or len(tokens) != len(kinds):
            raise ValueError("it does not say its tokens and their types")
        if not all(isinstance(token, str) for token in tokens):
            raise ValueError("its tokens are no text")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return metadata


def shards_of(path: Path) -> list[Path]:
    """All files of a GGUF model: itself, or every part of a split one ('-00001-of-00003')."""
    if not _SHARD.search(path.stem):
        return [path]
    stem, count = path.stem[: -len("-00001-of-00003")], int(path.stem[-5:])
    parts = sorted(path.parent.glob(f"{_literally(stem)}-?????-of-{count:05}.gguf"))
    if len(parts) != count:
        raise ValueError(f"{len(parts)} of its {count} parts are here")
    return parts


def is_split(path: Path) -> bool:
    """Whether the path is a part of a split GGUF model."""
    return path.suffix == ".gguf" and bool(_SHARD.search(path.stem))


def _of_gguf(path: Path) -> ModelFacts:
    header = read_header(path)
    family = str(header.get("general.architecture", ""))

    def told(key: str) -> Any:
        return header.get(f"{family}.{key}")

    vocabulary = told("vocab_size") or header.get("tokenizer.ggml.tokens")
    shape = _shape(
        layers=told("block_count"),
        heads=told("attention.head_count"),
        kv_heads=told("attention.head_count_kv"),
        head_size=told("attention.key_length"),
        hidden_size=told("embedding_length"),
        vocabulary=vocabulary.length if isinstance(vocabulary, PassedOver) else vocabulary,
    )
    numbers = header.get("general.file_type")
    quantization = _GGUF_NUMBERS.get(numbers, "") if isinstance(numbers, int) else ""
    window = _number(told("context_length"), "window")
    return ModelFacts(family, shape, window, weight_bytes(path), "gguf", quantization)


def _of_folder(folder: Path) -> ModelFacts:
    whole = _json(folder / "config.json")
    # Models that also read pictures keep the language model's numbers one level down.
    part = whole.get("text_config")
    config = part if isinstance(part, dict) else whole
    shape = _shape(
        layers=config.get("num_hidden_layers"),
        heads=config.get("num_attention_heads"),
        kv_heads=config.get("num_key_value_heads"),
        head_size=config.get("head_dim"),
        hidden_size=config.get("hidden_size"),
        vocabulary=config.get("vocab_size"),
    )
    form, _ = _weights(folder)
    return ModelFacts(
        architecture=str(config.get("model_type", "")),
        shape=shape,
        window=_number(config.get("max_position_embeddings"), "window"),
        weight_bytes=weight_bytes(folder),
        format=form,
        quantization=_openvino_numbers(folder) if form == "openvino" else _torch_numbers(whole),
    )


def _shape(
    *, layers: object, heads: object, kv_heads: object, head_size: object, hidden_size: object, vocabulary: object
) -> Shape:
    """What a file says, checked; it may leave out the KV heads and the size of a head."""
    asking, hidden = _number(heads, "number of heads"), _number(hidden_size, "size")
    return Shape(
        layers=_number(layers, "number of layers"),
        kv_heads=_number(kv_heads or asking, "number of KV heads"),
        head_size=_number(head_size or hidden // asking, "head size"),
        attention_heads=asking,
        hidden_size=hidden,
        vocabulary=_number(vocabulary, "vocabulary"),
    )


def _weights(folder: Path) -> tuple[WeightsFormat, list[Path]]:
    if (folder / f"{_OPENVINO_MODEL}.xml").is_file():
        return "openvino", [folder / f"{_OPENVINO_MODEL}.bin"]
    # Some publishers add the same weights once more as 'consolidated'; the loaders read 'model*'.
    files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("*.safetensors"))
    if not files:
        raise ValueError("no weights in it: neither model.safetensors nor openvino_model.xml")
    return "safetensors", files


def _torch_numbers(config: Mapping[str, Any]) -> str:
    quantized = config.get("quantization_config")
    if isinstance(quantized, dict):
        return str(quantized.get("quant_method", "")).upper()
    return _TORCH_NUMBERS.get(str(config.get("torch_dtype") or config.get("dtype")), "")


def _openvino_numbers(folder: Path) -> str:
    try:
        quantized = _json(folder / "openvino_config.json").get("quantization_config")
    except (OSError, ValueError, AttributeError):  # an extra that optimum writes; loading does not need it
        return ""
    weights = quantized.get("weight_quantization_config", quantized) if isinstance(quantized, dict) else {}
    bits = weights.get("bits") if isinstance(weights, dict) else None
    return f"INT{bits}" if isinstance(bits, int) else ""


def _json(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        text = file.read(_LONGEST_CONFIG + 1)
    if len(text) > _LONGEST_CONFIG:
        raise ValueError(f"{path.name} is longer than any real one")
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds no settings")
    return value


def _number(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST_NUMBER:
        raise ValueError(f"it does not say its {what}")
    return value


def _literally(text: str) -> str:
    """A file name as a glob pattern that matches it alone."""
    return re.sub(r"([*?[])", r"[\1]", text)


def _unreadable(path: Path, error: Exception) -> ModelError:
    return ModelError(
        f"{path.name} cannot be read ({error}). Fetch the model again, or choose another one from `docmind models`."
    )
