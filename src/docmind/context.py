"""Context: how many passages fit the model's window, counted exactly, never cut silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llama_index.core.schema import BaseNode

from docmind.engines import Engine
from docmind.errors import ContextWindowError
from docmind.prompts import Style, answer_prompt


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits.

    Attributes:
        text: The prompt in the model's own template.
        passages: The passages it holds, best first.
        tokens: Its exact length in the model's tokens.
        stops: The answer ends before any of these.
    """

    text: str
    passages: tuple[BaseNode, ...]
    tokens: int
    stops: tuple[str, ...]


def fit_prompt(
    style: Style, question: str, passages: Sequence[BaseNode], hint: str, engine: Engine, answer_tokens: int
) -> FittedPrompt:
    """Build the prompt with as many of the passages, best first, as leave room for the answer.

    Raises:
        ContextWindowError: not even the question with one passage fits.
    """
    room = engine.context_window - answer_tokens
    for count in range(len(passages), 0, -1):
        prompt = answer_prompt(style, question, passages[:count], hint, engine.escape)
        text = engine.render(prompt.messages) + prompt.opening
        tokens = engine.count_tokens(text)
        if tokens <= room:
            return FittedPrompt(text, tuple(passages[:count]), tokens, prompt.stops)
    raise ContextWindowError(
        f"The question leaves no room for a passage in the {engine.context_window:,} tokens that {engine.model_name} "
        "reads. Ask a shorter question, or lower DOCMIND_ANSWER_TOKENS."
    )
