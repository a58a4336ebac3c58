"""Engines that hold the model's own chat template and complete the text it makes."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole, ToolCallBlock

from docmind.engines.base import Engine, PreparedPrompt
from docmind.engines.options import Options
from docmind.models.model import Mode


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
    def encode(self, text: str) -> Any:
        """The tokens of a text in the model's own markup, as `PreparedPrompt.ids` holds them."""

    def count_tokens(self, text: str) -> int:
        """See `Engine.count_tokens`."""
        return len(self.encode(text))

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

    def prepare_prompt(self, messages: Sequence[ChatMessage], options: Options) -> PreparedPrompt:
        """See `Engine.prepare_prompt`."""
        return self._prepared(self.render(messages, options), options, messages)

    def prepare_completion(self, prompt: str, formatted: bool, **kwargs: Any) -> PreparedPrompt:
        """See `Engine.prepare_completion`; the model's own markup is known."""
        if not formatted:
            return super().prepare_completion(prompt, formatted, **kwargs)
        return self._prepared(prompt, self.options(kwargs))

    def _prepared(self, text: str, options: Options, messages: Sequence[ChatMessage] = ()) -> PreparedPrompt:
        ids = self.encode(text)
        return PreparedPrompt(tuple(messages), options, len(ids), text, ids)

    def starts_thinking(self, prompt: PreparedPrompt) -> bool:
        """See `Engine.starts_thinking`."""
        return _opens_thoughts(prompt.text)

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
