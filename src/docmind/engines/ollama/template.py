"""How many tokens Ollama's template puts around messages, measured by asking Ollama itself.

Ollama renders its own templates and hands out neither the rendered text nor its length beforehand. But it says after
each answer how many tokens it read, so a few conversations of one letter a message tell what surrounds the letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from docmind.errors import EngineError

# Digits, spaces, marks and scripts that tokenizers cut in different ways: one that is not the model's own shows here.
_SAMPLE = "In 2024, we've paid 1,234.56 € (x_1 = 7) for  naïve 日本語 🦩 tests;\n\n\tdon't SHOUT! if a<b: return 'ok'."


@dataclass(frozen=True, slots=True)
class TemplateTokens:
    """Tokens that a template puts around messages.

    Attributes:
        each: Around one message.
        with_system: Besides, where the first message is the system's.
        without_system: Besides, where it is not: some templates then bring words of their own.
        continues: Whether a last message from the assistant is left open, as the beginning of its answer.
    """

    each: int
    with_system: int
    without_system: int
    continues: bool

    def around(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens around these messages, and before the answer."""
        started = self.continues and bool(messages) and messages[-1].role == MessageRole.ASSISTANT
        system = bool(messages) and messages[0].role == MessageRole.SYSTEM
        return self.each * (len(messages) - started) + (self.with_system if system else self.without_system)


def measure(read: Callable[[Sequence[ChatMessage]], int], count: Callable[[str], int]) -> TemplateTokens:
    """Measure a template.

    Args:
        read: Asks for one token after some messages and tells how many tokens the server read.
        count: Tokens of a text.

    Raises:
        EngineError: the server's tokenizer is not the one that counts.
    """

    def read_turns(first: int, *contents: str) -> int:
        roles = (MessageRole.SYSTEM, MessageRole.USER, MessageRole.ASSISTANT, MessageRole.USER)[first:]
        return read([ChatMessage(role=role, content=text) for role, text in zip(roles, contents, strict=False)])

    letter = count("x")
    user = read_turns(1, "x")
    counted, found = count(_SAMPLE) - letter, read_turns(1, _SAMPLE) - user
    if counted != found:
        raise EngineError(
            f"DocMind counts {counted + letter} tokens in a sample of text, Ollama {found + letter}: prompts might be "
            "cut unseen. Point DOCMIND_SERVER_TOKENIZER to a folder with the model's own tokenizer.json."
        )
    two, three, four = read_turns(0, "x", "x"), read_turns(0, "x", "x", "x"), read_turns(0, "x", "x", "x", "x")
    each = -(-(four - two - 2 * letter) // 2)  # rounded up
    return TemplateTokens(
        each=each,
        with_system=two - 2 * (each + letter),
        without_system=user - (each + letter),
        # Otherwise the assistant's message is closed and another one opened, which takes a message's worth of tokens.
        continues=three - two < each + letter,
    )
