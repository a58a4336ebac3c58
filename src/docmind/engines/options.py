"""How one answer is to be written: style, length, sampling, thinking, tools, and the form it must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from docmind.records import AnswerStyle

Preset = Literal["precise", "model"]

# Below it a model invents more than it reads; SmolLM2-135M has 0.1 GB in four bits, 0.3 GB in sixteen.
SMALL_MODEL_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen.

    Attributes:
        temperature: 0 always takes the likeliest token, and the other three are then without meaning.
        top_p: Smallest set of tokens whose probabilities add up to this.
        top_k: At most so many tokens; 0 is all.
        min_p: Only tokens at least this share as likely as the likeliest.
        seed: Makes sampling repeatable; None leaves it to chance.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        return self.temperature == 0.0


# An answer about a document has to say what the document says, the same each time.
PRECISE = Sampling()
# Source of both: 'Best Practices' on the model cards of Qwen3-4B-Instruct-2507 and Qwen3-4B-Thinking-2507.
INSTRUCT = Sampling(temperature=0.7, top_p=0.8, top_k=20, min_p=0.0)
THINKING = Sampling(temperature=0.6, top_p=0.95, top_k=20, min_p=0.0)


def sampling_for(preset: Preset, *, thinking: bool) -> Sampling:
    """The sampling of a preset. A thinking model always samples: taking the likeliest token makes it go in circles."""
    if thinking:
        return THINKING
    return PRECISE if preset == "precise" else INSTRUCT


def best_style_for(weight_bytes: int) -> AnswerStyle:
    """Whether a model of so many bytes is trusted with words of its own; 0 is not known, and trusted."""
    return "quote" if 0 < weight_bytes < SMALL_MODEL_BYTES else "write"


@dataclass(frozen=True, slots=True)
class Options:
    """What an engine is told beside the prompt.

    Attributes:
        max_tokens: Longest answer, thinking included.
        sampling: How tokens are chosen.
        thinking: Whether to think before answering.
        tools: Functions that the model may call, as JSON-schema declarations of the OpenAI form.
        json_schema: The answer must be JSON of this schema; None leaves it free.
    """

    max_tokens: int
    sampling: Sampling = PRECISE
    thinking: bool = False
    tools: Sequence[Mapping[str, Any]] = ()
    json_schema: Mapping[str, Any] | None = None
