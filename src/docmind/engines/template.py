"""Engines that hold the model's own chat template and complete the text it makes."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    CompletionResponseGen,
    MessageRole,
    ToolCallBlock,
)
from llama_index.core.llms.callbacks import llm_completion_callback

from docmind.engines.base import Engine, Piece, as_completions
from docmind.engines.options import Mode, Options


class TemplateEngine(Engine):
    """An engine that completes text, and so knows exactly what the model reads."""

    @abstractmethod
    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """Turns in the model's own chat template, ending where the answer begins.

        Args:
            turns: What `as_turns` makes.
            tools: Declarations of functions, for the template's own way of telling the model.
            thinking: What the template is told as `enable_thinking`.
        """

    @abstractmethod
    def complete_text(self, prompt: str, options: Options) -> Generator[Piece, None, None]:
        """Go on from a text in the model's own markup; see `Engine.pieces`."""

    def render(self, messages: Sequence[ChatMessage], options: Options) -> str:
        """The text that the model reads. A last message from the assistant is the beginning of its answer."""
        opening = ""
        if messages and messages[-1].role == MessageRole.ASSISTANT:
            *messages, last = messages
            opening = last.content or ""
        prompt = self.apply_template(as_turns(messages), options.tools, options.thinking)
        if options.json_schema is not None and _opens_thoughts(prompt):
            prompt += "</think>\n\n"  # the schema holds from the first token on
        return prompt + opening

    def count_prompt(self, messages: Sequence[ChatMessage], options: Options) -> int:
        """See `Engine.count_prompt`."""
        return self.count_tokens(self.render(messages, options))

    def pieces(self, messages: Sequence[ChatMessage], options: Options) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        return self.complete_text(self.render(messages, options), options)

    def starts_thinking(self, messages: Sequence[ChatMessage], options: Options) -> bool:
        """See `Engine.starts_thinking`."""
        return _opens_thoughts(self.render(messages, options))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        """Stream the answer to a single message, or, where `formatted`, go on from a text in the model's markup."""
        if not formatted:
            return as_completions(self.stream_chat([ChatMessage(content=prompt)], **kwargs))
        options = self.options(kwargs)
        self.check_window(self.count_tokens(prompt), options)
        return as_completions(self.responses(lambda: self.complete_text(prompt, options), _opens_thoughts(prompt)))

    def modes_of_template(self) -> frozenset[Mode]:
        """What the template can do, found out by trying it."""
        turns = [{"role": "user", "content": "Hi"}]
        tool = {"type": "function", "function": {"name": "find_modes", "description": "", "parameters": {}}}
        thinking, plain = self.apply_template(turns, (), True), self.apply_template(turns, (), False)
        modes: set[Mode] = set()
        if "find_modes" in self.apply_template(turns, (tool,), False):
            modes.add("tools")
        if thinking != plain or _opens_thoughts(thinking):
            modes.add("thinking")
        if not _opens_thoughts(plain):
            modes.add("plain")
        return frozenset(modes)


def as_turns(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Messages in the form that chat templates read: role and content, calls of tools and their results."""
    turns = []
    for message in messages:
        turn: dict[str, Any] = {"role": MessageRole(message.role).value, "content": message.content or ""}
        calls = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
        if calls:
            turn["tool_calls"] = [
                {"type": "function", "function": {"name": call.tool_name, "arguments": _arguments(call)}}
                for call in calls
            ]
        turns.append(turn)
    return turns


def _arguments(call: ToolCallBlock) -> Any:
    return json.loads(call.tool_kwargs) if isinstance(call.tool_kwargs, str) else call.tool_kwargs


def _opens_thoughts(prompt: str) -> bool:
    """Whether the last tag of thinking in the prompt is one that opens, at its very end."""
    return prompt.rstrip().endswith("<think>")
