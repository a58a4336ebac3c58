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
