"""A model's own template decides what it can do, and where its answer begins."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from llama_index.core.base.llms.types import ChatMessage, MessageRole, TextBlock, ThinkingBlock, ToolCallBlock

from docmind.engines import THINKING, Piece, PreparedPrompt
from docmind.engines.template import TemplateEngine

_TOOLS = "{% if tools %}[tools]{% for tool in tools %}{{ tool | tojson }}{% endfor %}[/tools]{% endif %}"
_TURNS = (
    "{% for message in messages %}[{{ message.role }}]{{ message.content }}"
    "{% for call in message.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}"
    "{% endfor %}[assistant]"
)
_SWITCH = "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
# The three ways in which models of the Qwen3 family treat thinking.
TEMPLATES = {"switched": _TOOLS + _TURNS + _SWITCH, "always": _TOOLS + _TURNS + "<think>\n", "never": _TURNS}
FIND = {"type": "function", "function": {"name": "find", "description": "Finds.", "parameters": {}}}


class Scripted(TemplateEngine):
    """An engine whose model always says the same."""

    template: str
    words: str = ""

    def encode(self, text: str) -> str:
        """One token a character."""
        return text

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """The template, rendered as the libraries do."""
        template = ImmutableSandboxedEnvironment().from_string(self.template)
        return template.render(messages=turns, tools=tools, enable_thinking=thinking)

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """The words, three characters at a time."""
        for start in range(0, len(self.words), 3):
            yield Piece(self.words[start : start + 3], 1)


def engine(kind: str, words: str = "") -> Scripted:
    made = Scripted(
        engine_name="scripted", model_name="scripted", context_window=9000, template=TEMPLATES[kind], words=words
    )
    made.modes = made.modes_of_template()
    return made


def test_what_a_model_can_do_is_found_out_from_its_template() -> None:
    assert engine("switched").modes == {"plain", "thinking", "tools"}
    assert engine("always").modes == {"thinking", "tools"}
    assert engine("never").modes == {"plain"}


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("wished", [True, False])
def test_a_model_thinks_where_it_can_and_is_asked_to_or_cannot_but(kind: str, wished: bool) -> None:
    options = engine(kind).options({"thinking": wished})
    assert options.thinking is {"switched": wished, "always": True, "never": False}[kind]
    assert (options.sampling == THINKING) is options.thinking


@pytest.mark.parametrize(
    ("kind", "words"),
    [("switched", "<think>\nHm, 31?\n</think>\n\nIt is 31.<|im_end|>"), ("always", "Hm, 31?\n</think>\n\nIt is 31.")],
)
def test_thoughts_are_kept_apart_however_the_template_opens_them(kind: str, words: str) -> None:
    made = engine(kind, words)
    message = made.chat([ChatMessage(content="How high?")], thinking=True).message
    thoughts, text = message.blocks
    assert isinstance(thoughts, ThinkingBlock)
    assert (thoughts.content or "").strip() == "Hm, 31?"
    assert isinstance(text, TextBlock)
    assert text.text.replace("<|im_end|>", "").strip() == "It is 31."


def test_a_call_of_a_tool_arrives_as_one() -> None:
    made = engine("switched", 'I look.\n<tool_call>\n{"name": "find", "arguments": {"q": "rent"}}\n</tool_call>')
    *_, last = made.stream_chat([ChatMessage(content="Rent?")], tools=[FIND])
    text, call = last.message.blocks
    assert isinstance(text, TextBlock)
    assert text.text.strip() == "I look."
    assert isinstance(call, ToolCallBlock)
    assert (call.tool_name, call.tool_kwargs) == ("find", {"q": "rent"})


def test_a_conversation_with_tools_is_told_in_the_templates_own_way() -> None:
    made = engine("switched")
    messages = [
        ChatMessage(role=MessageRole.USER, content="Rent?"),
        ChatMessage(
            role=MessageRole.ASSISTANT,
            blocks=[TextBlock(text="I look."), ToolCallBlock(tool_name="find", tool_kwargs={"q": "rent"})],
        ),
        ChatMessage(role=MessageRole.TOOL, content="900"),
    ]
    rendered = made.render(messages, made.options({"tools": [FIND]}))
    assert rendered.startswith('[tools]{"function": {"description": "Finds."')
    assert '<tool_call>{"arguments": {"q": "rent"}, "name": "find"}</tool_call>[tool]900[assistant]' in rendered


def test_the_beginning_of_an_answer_is_put_into_the_models_mouth() -> None:
    made = engine("never")
    messages = [ChatMessage(content="Rent?"), ChatMessage(role=MessageRole.ASSISTANT, content='"The')]
    assert made.render(messages, made.options({})) == '[user]Rent?[assistant]"The'
    assert made.count_prompt(messages, made.options({})) == len('[user]Rent?[assistant]"The')
