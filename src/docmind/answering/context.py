"""Context: how many passages fit the model's window, counted exactly, never cut silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.schema import BaseNode

from docmind.answering.prompts import answer_prompt
from docmind.engines import Engine, PreparedPrompt
from docmind.errors import ContextWindowError
from docmind.records import AnswerStyle


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits.

    Attributes:
        prepared: What the model reads, rendered and counted.
        passages: The passages it holds, best first.
        stops: The answer ends before any of these.
    """

    prepared: PreparedPrompt
    passages: tuple[BaseNode, ...]
    stops: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """Its length in the model's tokens."""
        return self.prepared.tokens


def fit_prompt(
    style: AnswerStyle,
    question: str,
    passages: Sequence[BaseNode],
    hint: str,
    engine: Engine,
    max_tokens: int,
    *,
    thinking: bool = False,
) -> FittedPrompt:
    """Build the prompt with as many of the passages, best first, as leave room for the answer.

    Raises:
        ContextWindowError: not even the question with one passage fits.
    """
    for count in range(len(passages), 0, -1):
        prompt = answer_prompt(style, question, passages[:count], hint, engine.escape)
        messages = prompt.messages
        if prompt.opening:
            messages = (*messages, ChatMessage(role=MessageRole.ASSISTANT, content=prompt.opening))
        prepared = engine.prepare(messages, max_tokens=max_tokens, thinking=thinking)
        if prepared.tokens + max_tokens <= engine.context_window:
            return FittedPrompt(prepared, tuple(passages[:count]), prompt.stops)
    raise ContextWindowError(
        f"The question leaves no room for a passage in the {engine.context_window:,} tokens that {engine.model_name} "
        "reads. Ask a shorter question, or lower DOCMIND_ANSWER_TOKENS."
    )
