"""What a model writes, taken apart while it streams: text, thinking, tool calls; never a special token.

Qwen3 and its kin wrap their thoughts in <think>...</think> and calls of tools in <tool_call>...</tool_call>, and end
turns with tokens such as <|im_end|>. Any of these may arrive split over several pieces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "thinking", "tool"]

_MARKS: dict[str, Kind] = {"<think>": "thinking", "</think>": "text", "<tool_call>": "tool", "</tool_call>": "text"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of what the model writes, all of one kind; a tool call comes whole, as the text inside its tags."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants called, with its arguments by name."""

    name: str
    arguments: dict[str, Any]


class OutputParser:
    """Takes apart one answer.

    Args:
        special_tokens: Strings that never reach the user, besides the tags of thinking and tool calls.
        thinking: Whether the answer begins inside its thoughts, because the template has opened them.
    """

    def __init__(self, special_tokens: Iterable[str] = (), *, thinking: bool = False) -> None:
        self._marks = sorted({*_MARKS, *special_tokens} - {""}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._marks)))
        self._beginnings = {mark[:length] for mark in self._marks for length in range(1, len(mark))}
        self._longest = max(map(len, self._marks)) - 1
        self._kind: Kind = "thinking" if thinking else "text"
        self._held = ""
        self._call = ""

    def feed(self, piece: str) -> Iterator[Segment]:
        """What is certain after another piece; the rest is held back until it is."""
        text = self._held + piece
        start = 0
        for mark in self._pattern.finditer(text):
            yield from self._segment(text[start : mark.start()])
            yield from self._pass(mark[0])
            start = mark.end()
        text = text[start:]
        keep = self._unfinished(text)
        self._held = text[len(text) - keep :]
        yield from self._segment(text[: len(text) - keep])

    def finish(self) -> Iterator[Segment]:
        """What was held back and turned out to be text; an unfinished tool call is not one, and is dropped."""
        held, self._held = self._held, ""
        yield from self._segment(held)
        self._call = ""

    def _segment(self, text: str) -> Iterator[Segment]:
        if self._kind == "tool":
            self._call += text
        elif text:
            yield Segment(self._kind, text)

    def _pass(self, mark: str) -> Iterator[Segment]:
        """Another kind of text begins, or a special token is passed over."""
        if mark not in _MARKS:
            return
        if mark == "</tool_call>" and self._kind == "tool":
            yield Segment("tool", self._call)
        self._call = ""
        self._kind = _MARKS[mark]

    def _unfinished(self, text: str) -> int:
        """Characters at the end that may be the beginning of a mark."""
        for length in range(min(self._longest, len(text)), 0, -1):
            if text[-length:] in self._beginnings:
                return length
        return 0


def tool_call(text: str) -> ToolCall | None:
    """The call that a model wrote between its tags; None where it wrote something else."""
    try:
        call = json.loads(text)
    except ValueError:  # a small model's JSON may break off
        return None
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None
    arguments = call.get("arguments", {})
    if isinstance(arguments, str):  # some models wrap the arguments once more
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return None
    return ToolCall(call["name"], arguments) if isinstance(arguments, dict) else None
