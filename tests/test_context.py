"""From passages to an answer, a prompt is rendered and counted once, however often it is looked at."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import TextNode

from docmind.answering.context import fit_prompt
from docmind.answering.events import Token
from docmind.answering.generation import Written, generate
from docmind.engines import Piece, PreparedPrompt
from docmind.engines.template import TemplateEngine
from docmind.errors import ContextWindowError

QUESTION = "How many pounds is the rent a month?"
PASSAGES = [
    TextNode(
        text=f"Clause {number}: the rent is 900 pounds a month.",
        metadata={"title": "Lease", "heading": "", "page": None},
    )
    for number in range(1, 9)
]


class CountingEngine(TemplateEngine):
    """Notes what it renders and counts. One token a word."""

    engine_name: str = "counting"
    model_name: str = "counting"
    context_window: int = 10_000

    _rendered: list[str] = PrivateAttr(default_factory=list)
    _encoded: list[str] = PrivateAttr(default_factory=list)

    def apply_template(
        self, turns: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], thinking: bool
    ) -> str:
        """See `TemplateEngine.apply_template`."""
        self._rendered.append("".join(f"[{turn['role']}]{turn['content']}" for turn in turns) + "[assistant]")
        return self._rendered[-1]

    def encode(self, text: str) -> list[str]:
        """See `TemplateEngine.encode`."""
        self._encoded.append(text)
        return text.split()

    def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
        """See `Engine.pieces`."""
        yield Piece(f"I read {len(prompt.ids)} words.", 4)


def whole_prompts(engine: CountingEngine) -> list[str]:
    """What was counted and is no part of a prompt."""
    return [text for text in engine._encoded if text.startswith("[system]")]


def test_a_prompt_that_fits_at_once_is_rendered_and_counted_once() -> None:
    engine, written = CountingEngine(), Written()
    fitted = fit_prompt("write", QUESTION, PASSAGES, "", engine, 100)
    events = list(generate(engine, fitted, lambda: False, written))
    assert events == [Token(f"I read {fitted.tokens} words.")]
    assert len(fitted.passages) == len(PASSAGES)
    assert len(engine._rendered) == 1
    assert whole_prompts(engine) == engine._rendered


def test_each_prompt_that_is_tried_is_rendered_and_counted_once() -> None:
    whole = fit_prompt("write", QUESTION, PASSAGES, "", CountingEngine(), 100)
    engine = CountingEngine(context_window=whole.tokens + 100 - 20)
    fitted = fit_prompt("write", QUESTION, PASSAGES, "", engine, 100)
    list(generate(engine, fitted, lambda: False, Written()))
    assert 0 < len(fitted.passages) < len(PASSAGES)
    assert len(set(engine._rendered)) == len(engine._rendered) < len(PASSAGES)
    assert whole_prompts(engine) == engine._rendered


def test_where_not_even_one_passage_fits_it_is_said() -> None:
    with pytest.raises(ContextWindowError, match="DOCMIND_ANSWER_TOKENS"):
        fit_prompt("write", QUESTION, PASSAGES, "", CountingEngine(context_window=110), 100)


def test_a_chat_or_a_completion_renders_and_counts_once_too() -> None:
    engine = CountingEngine()
    engine.complete("Hello")
    assert len(engine._rendered) == len(engine._encoded) == 1
    engine.complete("[user]Hello[assistant]", formatted=True)
    assert (len(engine._rendered), len(engine._encoded)) == (1, 2)
