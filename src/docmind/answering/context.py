"""Context: how many passages fit the model's window, counted exactly, never cut silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.schema import BaseNode

from docmind.answering.prompts import answer_prompt
from docmind.engines import Engine
from docmind.errors import ContextWindowError
from docmind.records import AnswerStyle


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits.

    Attributes:
        messages: What the model is told; a last message from the assistant is the beginning of its answer.
        passages: The passages it holds, best first.
        tokens: Its length in the model's tokens.
        max_tokens: Room for the answer, thinking included.
        thinking: Whether the model thinks first.
        stops: The answer ends before any of these.
    """

    messages: tuple[ChatMessage, ...]
    passages: tuple[BaseNode, ...]
    tokens: int
    max_tokens: int
    thinking: bool
    stops: tuple[str, ...]


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
    options = engine.options({"max_tokens": max_tokens, "thinking": thinking})
    for count in range(len(passages), 0, -1):
        prompt = answer_prompt(style, question, passages[:count], hint, engine.escape)
        messages = prompt.messages
        if prompt.opening:
            messages = (*messages, ChatMessage(role=MessageRole.ASSISTANT, content=prompt.opening))
        tokens = engine.prompt_tokens(messages, options)
        if tokens + max_tokens <= engine.context_window:
            return FittedPrompt(messages, tuple(passages[:count]), tokens, max_tokens, options.thinking, prompt.stops)
    raise ContextWindowError(
        f"The question leaves no room for a passage in the {engine.context_window:,} tokens that {engine.model_name} "
        "reads. Ask a shorter question, or lower DOCMIND_ANSWER_TOKENS."
    )
