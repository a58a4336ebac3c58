"""The Qwen3 family: the shapes its makers published, and the forms in which its weights can be had.

Sources: config.json and model card of each Qwen repository. `window` is what config.json says
(max_position_embeddings); the 8B and 14B models were trained on 32,768 of their 40,960 tokens, and the rest is room for
the answer. Sizes are those of the files to copy; where the hub's listing could not be checked they are computed from
the parameters, to about 5%.
"""

from __future__ import annotations

from docmind.models.facts import ModelFacts, Shape, WeightsFormat
from docmind.models.model import HubRepository, Mode, Model

_VOCABULARY = 151_936
_4B = Shape(layers=36, kv_heads=8, head_size=128, attention_heads=32, hidden_size=2_560, vocabulary=_VOCABULARY)
_8B = Shape(layers=36, kv_heads=8, head_size=128, attention_heads=32, hidden_size=4_096, vocabulary=_VOCABULARY)
_14B = Shape(layers=40, kv_heads=8, head_size=128, attention_heads=40, hidden_size=5_120, vocabulary=_VOCABULARY)
_30B = Shape(layers=48, kv_heads=4, head_size=128, attention_heads=32, hidden_size=2_048, vocabulary=_VOCABULARY)


def _forms(
    name: str,
    description: str,
    shape: Shape,
    window: int,
    parameters: int,
    modes: tuple[Mode, ...],
    *forms: tuple[str, str, int, str],
    active_parameters: int | None = None,
) -> tuple[Model, ...]:
    """One model in all its forms: suffix of the name, numbers of the weights, bytes, repository and its one file."""
    models = []
    for suffix, numbers, size_bytes, hub in forms:
        kind: WeightsFormat = "gguf" if suffix == "-gguf" else "openvino" if suffix == "-openvino" else "safetensors"
        experts = "" if active_parameters is None else "moe" if kind == "gguf" else "_moe"
        owner, repository, *file = hub.split("/")
        model = Model(
            name=name + suffix,
            kind="language",
            source=HubRepository(f"{owner}/{repository}", *file),
            description=description,
            licence="Apache-2.0",
            size_bytes=size_bytes,
            max_tokens=window,
            facts=ModelFacts(f"qwen3{experts}", shape, window, size_bytes, kind, numbers),
            parameters=parameters,
            active_parameters=active_parameters or parameters,
            modes=modes,
        )
        models.append(model)
    return tuple(models)


# Best first, and of one model the form that a GPU runs fastest before those for a CPU.
QWEN3: tuple[Model, ...] = (
    *_forms(
        "qwen3-30b-a3b-instruct-2507",
        "The best writer here; a mixture of experts, so it is fast for its size.",
        *(_30B, 262_144, 30_532_122_624, ("plain", "tools")),
        ("-fp8", "FP8", 31_200_000_000, "Qwen/Qwen3-30B-A3B-Instruct-2507-FP8"),
        ("", "BF16", 61_064_245_248, "Qwen/Qwen3-30B-A3B-Instruct-2507"),
        ("-openvino", "INT4", 16_300_000_000, "OpenVINO/Qwen3-30B-A3B-Instruct-2507-int4-ov"),
        (
            *("-gguf", "Q4_K_M", 18_556_686_912),
            "unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF/Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
        ),
        active_parameters=3_300_000_000,
    ),
    *_forms(
        "qwen3-4b-instruct-2507",
        "Reads long documents and writes well in many languages.",
        *(_4B, 262_144, 4_022_468_096, ("plain", "tools")),
        ("-fp8", "FP8", 5_200_000_000, "Qwen/Qwen3-4B-Instruct-2507-FP8"),
        ("", "BF16", 8_044_936_192, "Qwen/Qwen3-4B-Instruct-2507"),
        ("-gguf", "Q4_K_M", 2_497_281_120, "unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
    ),
    *_forms(
        "qwen3-14b",
        "Answers at once, or thinks first where a question is hard.",
        *(_14B, 40_960, 14_768_307_200, ("plain", "tools", "thinking")),
        ("", "BF16", 29_536_614_400, "Qwen/Qwen3-14B"),
        ("-awq", "AWQ", 10_000_000_000, "Qwen/Qwen3-14B-AWQ"),
        ("-openvino", "INT4", 8_500_000_000, "OpenVINO/Qwen3-14B-int4-ov"),
        ("-gguf", "Q4_K_M", 9_001_752_960, "Qwen/Qwen3-14B-GGUF/Qwen3-14B-Q4_K_M.gguf"),
    ),
    *_forms(
        "qwen3-8b",
        "Answers at once, or thinks first where a question is hard; the smaller of two.",
        *(_8B, 40_960, 8_190_735_360, ("plain", "tools", "thinking")),
        ("", "BF16", 16_381_470_720, "Qwen/Qwen3-8B"),
        ("-awq", "AWQ", 6_100_000_000, "Qwen/Qwen3-8B-AWQ"),
        ("-openvino", "INT4", 4_900_000_000, "OpenVINO/Qwen3-8B-int4-ov"),
        ("-gguf", "Q4_K_M", 5_027_783_488, "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf"),
    ),
    *_forms(
        "qwen3-4b-thinking-2507",
        "Thinks before every answer: for hard questions, slowly.",
        *(_4B, 262_144, 4_022_468_096, ("tools", "thinking")),
        ("-fp8", "FP8", 5_200_000_000, "Qwen/Qwen3-4B-Thinking-2507-FP8"),
        ("", "BF16", 8_044_936_192, "Qwen/Qwen3-4B-Thinking-2507"),
        ("-gguf", "Q4_K_M", 2_497_281_120, "unsloth/Qwen3-4B-Thinking-2507-GGUF/Qwen3-4B-Thinking-2507-Q4_K_M.gguf"),
    ),
)
