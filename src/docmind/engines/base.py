"""What every engine is: a LlamaIndex LLM plus exact token counts, safe text and an end."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, CompletionResponse
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.llms.custom import CustomLLM

from docmind.prompts import Style


class Engine(CustomLLM):
    """A language model in this process or behind it. Safe to call from several threads at once."""

    engine_name: str
    model_name: str
    context_window: int
    best_style: Style = "write"  # a model too small to be trusted with its own words quotes instead

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Tokens of a text that already carries the model's own markup, counted with its own tokenizer."""

    @abstractmethod
    def render(self, messages: Sequence[ChatMessage]) -> str:
        """Messages in the model's own chat template, ending where the answer begins."""

    def special_tokens(self) -> frozenset[str]:
        """Strings that the model's tokenizer reads as commands rather than text."""
        return frozenset()

    def escape(self, text: str) -> str:
        """Text from a document or a user with every command string broken, so that it stays text."""
        commands = sorted(self.special_tokens(), key=len, reverse=True)
        if not commands:
            return text
        pattern = "|".join(re.escape(command) for command in commands)
        # A space after the first character keeps it readable; once more in case breaking one formed another.
        for _ in range(2):
            text = re.sub(pattern, lambda match: f"{match[0][0]} {match[0][1:]}", text)
        return text

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """The whole answer at once; see `stream_complete`."""
        answer = CompletionResponse(text="")
        for answer in self.stream_complete(prompt, formatted=formatted, **kwargs):  # noqa: B007 - the last one is the whole
            pass
        return answer

    def close(self) -> None:
        """Stop what is running and free the model."""
