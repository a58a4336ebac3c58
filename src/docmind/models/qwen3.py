"""The Qwen3 family: the shapes its makers published, and the forms in which its weights can be had.

Sources: config.json and model card of each Qwen repository. `window` is what config.json says
(max_position_embeddings); the 8B and 14B models were trained on 32,768 of their 40,960 tokens, and the rest is room for
the answer. Sizes are those of the files to copy; where the hub's listing could not be checked they are computed from
the parameters, to about 5%.
"""

from __future__ import annotations

from dataclasses import dataclass

from docmind.models.facts import ModelFacts, Shape, WeightsFormat
from docmind.models.model import HubRepository, Model
from docmind.models.modes import Mode

_VOCABULARY = 151_936
_LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class _Family:
    """What all forms of a model share."""

    name: str
    description: str
    shape: Shape
    window: int
    parameters: int
    active_parameters: int
    answer_tokens: int
    modes: tuple[Mode, ...]
    experts: bool = False

    def form(self, suffix: str, hub: HubRepository, kind: WeightsFormat, numbers: str, size_bytes: int) -> Model:
        """The model in one form."""
        family = ("qwen3moe" if kind == "gguf" else "qwen3_moe") if self.experts else "qwen3"
        return Model(
            name=self.name + suffix,
            kind="language",
            source=hub,
            description=self.description,
            licence=_LICENCE,
            size_bytes=size_bytes,
            max_tokens=self.window,
            facts=ModelFacts(family, self.shape, self.window, size_bytes, kind, numbers),
            parameters=self.parameters,
            active_parameters=self.active_parameters,
            answer_tokens=self.answer_tokens,
            modes=self.modes,
        )


_4B = Shape(layers=36, kv_heads=8, head_size=128, attention_heads=32, hidden_size=2_560, vocabulary=_VOCABULARY)
_8B = Shape(layers=36, kv_heads=8, head_size=128, attention_heads=32, hidden_size=4_096, vocabulary=_VOCABULARY)
_14B = Shape(layers=40, kv_heads=8, head_size=128, attention_heads=40, hidden_size=5_120, vocabulary=_VOCABULARY)
_30B = Shape(layers=48, kv_heads=4, head_size=128, attention_heads=32, hidden_size=2_048, vocabulary=_VOCABULARY)

_INSTRUCT_30B = _Family(
    name="qwen3-30b-a3b-instruct-2507",
    description="The best writer here; a mixture of experts, so it is fast for its size.",
    shape=_30B,
    window=262_144,
    parameters=30_532_122_624,
    active_parameters=3_300_000_000,
    answer_tokens=16_384,
    modes=("plain", "tools"),
    experts=True,
)
_INSTRUCT_4B = _Family(
    name="qwen3-4b-instruct-2507",
    description="Reads long documents and writes well in many languages.",
    shape=_4B,
    window=262_144,
    parameters=4_022_468_096,
    active_parameters=4_022_468_096,
    answer_tokens=16_384,
    modes=("plain", "tools"),
)
_THINKING_4B = _Family(
    name="qwen3-4b-thinking-2507",
    description="Thinks before every answer: for hard questions, slowly.",
    shape=_4B,
    window=262_144,
    parameters=4_022_468_096,
    active_parameters=4_022_468_096,
    answer_tokens=32_768,
    modes=("tools", "thinking"),
)
_HYBRID_14B = _Family(
    name="qwen3-14b",
    description="Answers at once, or thinks first where a question is hard.",
    shape=_14B,
    window=40_960,
    parameters=14_768_307_200,
    active_parameters=14_768_307_200,
    answer_tokens=32_768,
    modes=("plain", "tools", "thinking"),
)
_HYBRID_8B = _Family(
    name="qwen3-8b",
    description="Answers at once, or thinks first where a question is hard; the smaller of two.",
    shape=_8B,
    window=40_960,
    parameters=8_190_735_360,
    active_parameters=8_190_735_360,
    answer_tokens=32_768,
    modes=("plain", "tools", "thinking"),
)

# Best first, and of one model the form that a GPU runs fastest before those for a CPU.
QWEN3: tuple[Model, ...] = (
    _INSTRUCT_30B.form(
        "-fp8", HubRepository("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8"), "safetensors", "FP8", 31_200_000_000
    ),
    _INSTRUCT_30B.form("", HubRepository("Qwen/Qwen3-30B-A3B-Instruct-2507"), "safetensors", "BF16", 61_064_245_248),
    _INSTRUCT_30B.form(
        "-openvino", HubRepository("OpenVINO/Qwen3-30B-A3B-Instruct-2507-int4-ov"), "openvino", "INT4", 16_300_000_000
    ),
    _INSTRUCT_30B.form(
        "-gguf",
        HubRepository("unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF", "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf"),
        "gguf",
        "Q4_K_M",
        18_556_686_912,
    ),
    _INSTRUCT_4B.form("-fp8", HubRepository("Qwen/Qwen3-4B-Instruct-2507-FP8"), "safetensors", "FP8", 5_200_000_000),
    _INSTRUCT_4B.form("", HubRepository("Qwen/Qwen3-4B-Instruct-2507"), "safetensors", "BF16", 8_044_936_192),
    _INSTRUCT_4B.form(
        "-gguf",
        HubRepository("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),
        "gguf",
        "Q4_K_M",
        2_497_281_120,
    ),
    _HYBRID_14B.form("", HubRepository("Qwen/Qwen3-14B"), "safetensors", "BF16", 29_536_614_400),
    _HYBRID_14B.form("-awq", HubRepository("Qwen/Qwen3-14B-AWQ"), "safetensors", "AWQ", 10_000_000_000),
    _HYBRID_14B.form("-openvino", HubRepository("OpenVINO/Qwen3-14B-int4-ov"), "openvino", "INT4", 8_500_000_000),
    _HYBRID_14B.form(
        "-gguf", HubRepository("Qwen/Qwen3-14B-GGUF", "Qwen3-14B-Q4_K_M.gguf"), "gguf", "Q4_K_M", 9_001_752_960
    ),
    _HYBRID_8B.form("", HubRepository("Qwen/Qwen3-8B"), "safetensors", "BF16", 16_381_470_720),
    _HYBRID_8B.form("-awq", HubRepository("Qwen/Qwen3-8B-AWQ"), "safetensors", "AWQ", 6_100_000_000),
    _HYBRID_8B.form("-openvino", HubRepository("OpenVINO/Qwen3-8B-int4-ov"), "openvino", "INT4", 4_900_000_000),
    _HYBRID_8B.form(
        "-gguf", HubRepository("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf"), "gguf", "Q4_K_M", 5_027_783_488
    ),
    _THINKING_4B.form("-fp8", HubRepository("Qwen/Qwen3-4B-Thinking-2507-FP8"), "safetensors", "FP8", 5_200_000_000),
    _THINKING_4B.form("", HubRepository("Qwen/Qwen3-4B-Thinking-2507"), "safetensors", "BF16", 8_044_936_192),
    _THINKING_4B.form(
        "-gguf",
        HubRepository("unsloth/Qwen3-4B-Thinking-2507-GGUF", "Qwen3-4B-Thinking-2507-Q4_K_M.gguf"),
        "gguf",
        "Q4_K_M",
        2_497_281_120,
    ),
)
