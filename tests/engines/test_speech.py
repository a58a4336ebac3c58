"""What a model says is taken apart rightly, wherever the pieces are cut."""

from __future__ import annotations

import itertools

import pytest

from docmind.engines.output_parser import OutputParser, Spoken, ToolCall, tool_call

COMMANDS = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")


def take_apart(pieces: list[str], *, thinking: bool = False) -> list[Spoken]:
    """What was said, neighbours of one kind joined."""
    speech = OutputParser(COMMANDS, thinking=thinking)
    stretches = [*itertools.chain.from_iterable(speech.feed(piece) for piece in pieces), *speech.finish()]
    return [
        Spoken(kind, "".join(item.text for item in group))
        for kind, group in itertools.groupby(stretches, key=lambda item: item.kind)
    ]


def cuts(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


ANSWERS = {
    "plain": ("Rent is <b>1,450</b> < 2,000.", [Spoken("text", "Rent is <b>1,450</b> < 2,000.")]),
    "ends": ("Done.<|im_end|>", [Spoken("text", "Done.")]),
    "in the middle": ("One<|im_start|>two", [Spoken("text", "Onetwo")]),
    "thinks": ("<think>\nHm.\n</think>\n\nYes.", [Spoken("thinking", "\nHm.\n"), Spoken("text", "\n\nYes.")]),
    "calls": (
        'Let me look.<tool_call>\n{"name": "find", "arguments": {"q": "rent"}}\n</tool_call><|im_end|>',
        [Spoken("text", "Let me look."), Spoken("tool", '\n{"name": "find", "arguments": {"q": "rent"}}\n')],
    ),
    "almost a mark": ("a <|im_en b <thin c <", [Spoken("text", "a <|im_en b <thin c <")]),
    "stray end": ("Yes.</think> No.", [Spoken("text", "Yes. No.")]),
    "unfinished call": ('Hm.<tool_call>{"name": "fi', [Spoken("text", "Hm.")]),
}


@pytest.mark.parametrize("size", range(1, 14))
@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_is_said_however_it_is_cut(name: str, size: int) -> None:
    text, expected = ANSWERS[name]
    assert take_apart(cuts(text, size)) == expected


@pytest.mark.parametrize("size", range(1, 14))
def test_a_template_that_opened_the_thoughts_is_believed(size: int) -> None:
    said = take_apart(cuts("Let me see.\n</think>\n\nIt is 31.", size), thinking=True)
    assert said == [Spoken("thinking", "Let me see.\n"), Spoken("text", "\n\nIt is 31.")]


def test_text_is_not_held_back_longer_than_needed() -> None:
    speech = OutputParser(COMMANDS)
    assert list(speech.feed("The rent")) == [Spoken("text", "The rent")]
    assert list(speech.feed(" is <")) == [Spoken("text", " is ")]
    assert list(speech.feed("5")) == [Spoken("text", "<5")]


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
