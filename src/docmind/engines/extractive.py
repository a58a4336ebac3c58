"""An engine without a model: it answers with the sentences of the prompt that share most words with the question.

It invents nothing, needs no memory and is the same every time, which suits tests and machines without models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms.callbacks import llm_completion_callback

from docmind.engines.base import Engine
from docmind.errors import ContextWindowError, EngineError
from docmind.sentences import content_terms, split_sentences

_SENTENCES = 2


class ExtractiveEngine(Engine):
    """Quotes instead of writing. The question is the prompt's last line, the rest is what it may quote."""

    engine_name: str = "extractive"
    model_name: str = "none"
    context_window: int = 32_768

    _closed: bool = PrivateAttr(default=False)

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex serialises it."""
        return "ExtractiveEngine"

    @property
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex asks of a model."""
        return LLMMetadata(context_window=self.context_window, is_chat_model=True, model_name=self.model_name)

    def count_tokens(self, text: str) -> int:
        """Words and marks: this engine has no other tokens."""
        return len(re.findall(r"\w+|[^\w\s]", text))

    def render(self, messages: Sequence[ChatMessage]) -> str:
        """The last user message: instructions mean nothing to this engine."""
        return next((m.content or "" for m in reversed(messages) if m.role == MessageRole.USER), "")

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: ARG002 - the seam's signature
        """Stream the sentences, word by word.

        Args:
            prompt: Passages, and the question in the last line.
            formatted: Makes no difference: this engine has no template.
            kwargs: `max_tokens`, the longest answer in words and marks.

        Raises:
            ContextWindowError: the prompt exceeds the window.
            EngineError: the engine was closed.
        """
        self._check_open()
        tokens = self.count_tokens(prompt)
        if tokens > self.context_window:
            raise ContextWindowError(
                f"The prompt has {tokens:,} words and marks, but the extractive engine reads {self.context_window:,}. "
                "Ask about fewer documents or lower DOCMIND_PROMPT_PASSAGES."
            )
        return self._stream(prompt, kwargs.get("max_tokens"))

    def close(self) -> None:
        """See `Engine.close`."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The engine was closed. Open DocMind again to ask.")

    def _stream(self, prompt: str, longest: int | None) -> CompletionResponseGen:
        text = ""
        for word in re.findall(r"\S+\s*", " ".join(self._choose(prompt))):
            self._check_open()
            if longest is not None and self.count_tokens(text + word) > longest:
                break
            text += word
            yield CompletionResponse(text=text, delta=word)
        if not text:
            yield CompletionResponse(text="", delta="")  # LlamaIndex fails on a stream of nothing

    def _choose(self, prompt: str) -> list[str]:
        passages, _, question = prompt.rstrip().rpartition("\n")
        wanted = set(content_terms(question))
        scored = [(len(wanted & set(content_terms(sentence))), sentence) for sentence in split_sentences(passages)]
        best = sorted(scored, key=lambda pair: -pair[0])[:_SENTENCES]
        chosen = [sentence for score, sentence in best if score > 0]
        # One sentence that says it all beats two of which one merely shares a word.
        return chosen[:1] if len(best) > 1 and best[0][0] > best[1][0] else chosen
