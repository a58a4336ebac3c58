"""What a model writes, taken apart while it streams: text, thinking, tool calls; never a special token.

Qwen3 and its kin wrap their thoughts in <think>...</think> and calls of tools in <tool_call>...</tool_call>, and end
turns with tokens such as <|im_end|>. Any of these may arrive split over several pieces.

Where tools were offered, calls without tags are taken, too: Qwen2.5-Coder-1.5B writes bare objects, one or several, in
a ```json fence or in none, and in doubled braces where its template shows them so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "thinking", "tool"]

_MARKS: dict[str, Kind] = {"<think>": "thinking", "</think>": "text", "<tool_call>": "tool", "</tool_call>": "text"}
_FENCE = re.compile(r"```\w*|`{1,2}$")  # or what may become one
_JSON = json.JSONDecoder(strict=False)  # small models break lines inside strings


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
        tools: Names of the functions that the model may call.
    """

    def __init__(
        self, special_tokens: Iterable[str] = (), *, thinking: bool = False, tools: Collection[str] = ()
    ) -> None:
        self._marks = sorted({*_MARKS, *special_tokens} - {""}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._marks)))
        self._beginnings = {mark[:length] for mark in self._marks for length in range(1, len(mark))}
        self._longest = max(map(len, self._marks)) - 1
        self._kind: Kind = "thinking" if thinking else "text"
        self._held = ""
        self._call = ""
        self._untagged = UntaggedCalls(tools)

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
        yield from self._untagged.finish()
        self._call = ""

    def _segment(self, text: str) -> Iterator[Segment]:
        if self._kind == "tool":
            self._call += text
        elif self._kind == "text":
            yield from self._untagged.feed(text)
        elif text:
            yield Segment(self._kind, text)

    def _pass(self, mark: str) -> Iterator[Segment]:
        """Another kind of text begins, or a special token is passed over."""
        if mark not in _MARKS:
            return
        yield from self._untagged.finish()
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


class UntaggedCalls:
    """Takes calls without tags at the end of a text, and lets everything else through.

    A line that may begin one is held back until it is certain that it does not.

    Args:
        tools: Names of the functions that the model may call; an object that names another one is text.
    """

    def __init__(self, tools: Collection[str]) -> None:
        self._tools = tools
        self._held = ""
        self._in_line = False  # whether the beginning of this line was let through

    def feed(self, text: str) -> Iterator[Segment]:
        """What is certain to be text after another piece."""
        self._held += text
        while self._held and (self._in_line or self._calls() is None):
            line, end, rest = self._held.partition("\n")
            self._held, self._in_line = rest, not end
            yield Segment("text", line + end)

    def finish(self) -> Iterator[Segment]:
        """The calls, or what was held back and turned out to be text."""
        calls = self._calls()
        if calls:
            yield from (Segment("tool", json.dumps(call)) for call in calls)
        elif self._held:
            yield Segment("text", self._held)
        self._held = ""

    def _calls(self) -> list[Any] | None:
        """The finished calls in what is held back; None where it can no longer be calls and nothing else."""
        if not self._tools:
            return None
        calls, rest = list[Any](), self._held.lstrip()
        while rest:
            if fence := _FENCE.match(rest):
                rest = rest[fence.end() :].lstrip()
                continue
            if rest[0] not in "{[":
                return None
            try:
                value, rest = _decoded(rest)
            except ValueError:
                break  # not finished yet
            more = value if isinstance(value, list) else [value]
            if any((call := _call_in(each)) is None or call.name not in self._tools for each in more):
                return None
            calls += more
        return calls


def tool_call(text: str) -> ToolCall | None:
    """The call that a model wrote between its tags; None where it wrote something else."""
    try:
        value, rest = _decoded(text.strip())
    except ValueError:  # a small model's JSON may break off
        return None
    return None if rest else _call_in(value)


def _decoded(text: str) -> tuple[Any, str]:
    """The JSON value that a text begins with, and what follows it.

    Raises:
        ValueError: it is not finished, or none.
    """
    doubled = text.startswith("{{")
    try:
        value, end = _JSON.raw_decode(text, int(doubled))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if doubled and text[end : end + 1] != "}":
        raise ValueError("the second brace is missing")
    return value, text[end + doubled :].lstrip()


def _call_in(value: Any) -> ToolCall | None:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", {})
    if isinstance(arguments, str):  # some models wrap the arguments once more
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return None
    return ToolCall(value["name"], arguments) if isinstance(arguments, dict) else None
