"""What a model writes is taken apart rightly, wherever the pieces are cut."""

from __future__ import annotations

import itertools

import pytest

from docmind.engines.output_parser import OutputParser, Segment, ToolCall, tool_call

COMMANDS = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")


def take_apart(pieces: list[str], *, thinking: bool = False) -> list[Segment]:
    """What was written, neighbours of one kind joined."""
    parser = OutputParser(COMMANDS, thinking=thinking)
    segments = [*itertools.chain.from_iterable(parser.feed(piece) for piece in pieces), *parser.finish()]
    return [
        Segment(kind, "".join(item.text for item in group))
        for kind, group in itertools.groupby(segments, key=lambda item: item.kind)
    ]


def cuts(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


ANSWERS = {
    "plain": ("Rent is <b>1,450</b> < 2,000.", [Segment("text", "Rent is <b>1,450</b> < 2,000.")]),
    "ends": ("Done.<|im_end|>", [Segment("text", "Done.")]),
    "in the middle": ("One<|im_start|>two", [Segment("text", "Onetwo")]),
    "thinks": ("<think>\nHm.\n</think>\n\nYes.", [Segment("thinking", "\nHm.\n"), Segment("text", "\n\nYes.")]),
    "calls": (
        'Let me look.<tool_call>\n{"name": "find", "arguments": {"q": "rent"}}\n</tool_call><|im_end|>',
        [Segment("text", "Let me look."), Segment("tool", '\n{"name": "find", "arguments": {"q": "rent"}}\n')],
    ),
    "almost a mark": ("a <|im_en b <thin c <", [Segment("text", "a <|im_en b <thin c <")]),
    "stray end": ("Yes.</think> No.", [Segment("text", "Yes. No.")]),
    "unfinished call": ('Hm.<tool_call>{"name": "fi', [Segment("text", "Hm.")]),
}


@pytest.mark.parametrize("size", range(1, 14))
@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_is_said_however_it_is_cut(name: str, size: int) -> None:
    text, expected = ANSWERS[name]
    assert take_apart(cuts(text, size)) == expected


@pytest.mark.parametrize("size", range(1, 14))
def test_a_template_that_opened_the_thoughts_is_believed(size: int) -> None:
    said = take_apart(cuts("Let me see.\n</think>\n\nIt is 31.", size), thinking=True)
    assert said == [Segment("thinking", "Let me see.\n"), Segment("text", "\n\nIt is 31.")]


FIND = '{"name": "find", "arguments": {"q": "rent"}}'
COUNT = '{"name": "count", "arguments": {"of": "a {b} ```c"}}'
GREET = '{"name": "greet", "arguments": {}}'  # no such function was offered
# What Qwen2.5-Coder-1.5B wrote in one engine or another, and what it might.
WITHOUT_TAGS = {
    "bare": (FIND + "<|im_end|>", "", [FIND]),
    "several": (f"{FIND}\n\n{COUNT}", "", [FIND, COUNT]),
    "a fence": (f"```json\n{FIND}\n{COUNT}\n```<|im_end|>", "", [FIND, COUNT]),
    "a fence after words": (f"Let me look.\n\n```json\n{FIND}\n```\n", "Let me look.\n", [FIND]),
    "two fences": (f"```json\n{FIND}\n```\n\n```json\n{COUNT}\n```", "", [FIND, COUNT]),
    "doubled braces": (f"{{{FIND}}}\n{{{COUNT}}}", "", [FIND, COUNT]),
    "doubled braces in tags": (f"<tool_call>\n{{{FIND}}}\n</tool_call>", "", [FIND]),
    "a list": (f"[{FIND}, {COUNT}]", "", [FIND, COUNT]),
    "the last one breaks off": (f"{FIND}\n{COUNT[:20]}", "", [FIND]),
    "another function": (f"{GREET}\nHello!", f"{GREET}\nHello!", []),
    "an example of a call": (f"So:\n```json\n{FIND}\n```\nFill it in.", f"So:\n```json\n{FIND}\n```\nFill it in.", []),
    "within a sentence": (f"Such as {FIND}", f"Such as {FIND}", []),
    "data": ('{"rent": 900}\n', '{"rent": 900}\n', []),
    "code": ("```python\nx = {}\n```\n", "```python\nx = {}\n```\n", []),
    "breaks off": (FIND[:-2], FIND[:-2], []),
}


@pytest.mark.parametrize("size", (1, 2, 5, 1000))
@pytest.mark.parametrize("name", WITHOUT_TAGS)
def test_calls_without_tags_are_taken_where_tools_were_offered(name: str, size: int) -> None:
    written, text, calls = WITHOUT_TAGS[name]
    parser = OutputParser(COMMANDS, tools=("find", "count"))
    segments = [*itertools.chain.from_iterable(map(parser.feed, cuts(written, size))), *parser.finish()]
    assert "".join(segment.text for segment in segments if segment.kind == "text") == text
    taken = [tool_call(segment.text) for segment in segments if segment.kind == "tool"]
    assert taken == [tool_call(call) for call in calls]


def test_words_are_not_held_back_where_tools_were_offered() -> None:
    parser = OutputParser(COMMANDS, tools=("find",))
    assert list(parser.feed("The {rent")) == [Segment("text", "The {rent")]
    assert list(parser.feed("} is\n- 900")) == [Segment("text", "} is\n"), Segment("text", "- 900")]
    assert list(parser.feed("\n`")) == [Segment("text", "\n")]
    assert list(parser.feed("x` it")) == [Segment("text", "`x` it")]


@pytest.mark.parametrize("name", WITHOUT_TAGS)
def test_where_no_tools_were_offered_they_are_text(name: str) -> None:
    written = WITHOUT_TAGS[name][0].replace("<|im_end|>", "")
    if "<tool_call>" not in written:
        assert take_apart(cuts(written, 3)) == [Segment("text", written)]


def test_text_is_not_held_back_longer_than_needed() -> None:
    parser = OutputParser(COMMANDS)
    assert list(parser.feed("The rent")) == [Segment("text", "The rent")]
    assert list(parser.feed(" is <")) == [Segment("text", " is ")]
    assert list(parser.feed("5")) == [Segment("text", "<5")]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ('{"name": "find", "arguments": {"q": "rent"}}', ToolCall("find", {"q": "rent"})),
        ('\n{"name": "list", "arguments": {}}\n', ToolCall("list", {})),
        ('{"name": "list"}', ToolCall("list", {})),
        ('{"name": "find", "arguments": "{\\"q\\": 1}"}', ToolCall("find", {"q": 1})),
        ('{"name": "find", "arguments": [1]}', None),
        ('{"name": 3}', None),
        ('{"name": "fi', None),
        ("[]", None),
        ("", None),
    ],
)
def test_calls_are_read_and_broken_ones_are_not(text: str, call: ToolCall | None) -> None:
    assert tool_call(text) == call
