"""Context: what a model reads for a question, fitted to its window with its own tokenizer, and what was left out.

There is one order in which things give way, and each is named:

    duplicates   a text that stands there already is never read twice
    shortened    passages from the last to the second, to the sentences nearest to the question
    summarised   whole turns of the chat, the oldest first, each to a line
    dropped      passages from the last to the second, then turns of the chat, then the best passage where others are
                 pinned; what the user has pinned goes last of all
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.schema import BaseNode

from docmind.answering.budget import answer_reserve, prompt_limit
from docmind.answering.events import LeftOut, Parts
from docmind.answering.history import NO_CHAT, ChatSoFar
from docmind.answering.prompts import AnswerPrompt, answer_prompt
from docmind.answering.shortening import (
    Relevance,
    place_of,
    shared_words,
    shortened_to_its_sentences,
    without_duplicates,
)
from docmind.engines import Engine, PreparedPrompt
from docmind.errors import ContextWindowError
from docmind.records import AnswerLength, AnswerStyle

_NO_ROOM = "the window has no room for it"


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits.

    Attributes:
        prepared: What the model reads, rendered and counted.
        passages: The passages it holds, pinned ones first, then best first.
        stops: The answer ends before any of these.
        parts: What it is made of, in tokens.
        limit: The part of the window that is meant for a prompt, in tokens.
        left_out: What gave way, in that order.
    """

    prepared: PreparedPrompt
    passages: tuple[BaseNode, ...]
    stops: tuple[str, ...]
    parts: Parts
    limit: int
    left_out: tuple[LeftOut, ...]

    @property
    def tokens(self) -> int:
        """Its length in the model's tokens."""
        return self.prepared.tokens


def fit_prompt(
    style: AnswerStyle,
    question: str,
    passages: Sequence[BaseNode],
    hint: str,
    engine: Engine,
    max_tokens: int,
    *,
    thinking: bool = False,
    history: ChatSoFar = NO_CHAT,
    pinned: Collection[str] = (),
    relevance: Relevance | None = None,
    length: AnswerLength = "usual",
) -> FittedPrompt:
    """Build the prompt with as much of the passages and of the chat as leaves room for the answer.

    Args:
        style: Whether the model writes or quotes.
        question: What is asked.
        passages: What may be read, best first.
        hint: The sentence nearest to the question.
        engine: Renders and counts.
        max_tokens: Longest answer, thoughts included.
        thinking: Whether the model thinks first.
        history: Earlier turns; a model that quotes is shown none.
        pinned: Ids of passages that go last of all.
        relevance: How near a sentence of a passage is to the question; by the words they share where it is not given.
        length: How much a model that writes is asked for.

    Raises:
        ContextWindowError: not even the question with a part of one passage fits.
    """
    reserve = answer_reserve(engine.context_window, max_tokens)
    limit = prompt_limit(engine.context_window, reserve, engine.longest_prompt)
    distinct, left_out = without_duplicates(passages, pinned)
    plan = _Plan(
        [*(node for node in distinct if node.node_id in pinned), *(n for n in distinct if n.node_id not in pinned)],
        frozenset(pinned),
        history if style == "write" else NO_CHAT,
        relevance or shared_words(question),
        engine.count_tokens,
        left_out=left_out,
    )
    while True:
        prompt = answer_prompt(
            style,
            question,
            plan.passages,
            hint,
            engine.escape,
            history=plan.history,
            shortened=plan.shortened,
            length=length,
        )
        messages = prompt.messages
        if prompt.opening:
            messages = (*messages, ChatMessage(role=MessageRole.ASSISTANT, content=prompt.opening))
        prepared = engine.prepare(messages, max_tokens=max_tokens, thinking=thinking)
        if prepared.tokens <= limit:
            parts = _parts(prompt, prepared.tokens, reserve, engine.count_tokens)
            return FittedPrompt(prepared, tuple(plan.passages), prompt.stops, parts, limit, tuple(plan.left_out))
        if not plan.give_way(prepared.tokens - limit):
            raise ContextWindowError(
                f"The question leaves no room for a passage in the {engine.context_window:,} tokens that "
                f"{engine.model_name} reads. Ask a shorter question, or lower DOCMIND_ANSWER_TOKENS."
            )


def _parts(prompt: AnswerPrompt, tokens: int, reserve: int, count: Callable[[str], int]) -> Parts:
    """What a prompt is made of; the marks between its parts belong to the instructions, so that the sum is exact."""
    passages = min(count(prompt.passages), tokens)
    question = min(count(prompt.question), tokens - passages)
    history = min(count(prompt.history) if prompt.history else 0, tokens - passages - question)
    return Parts(tokens - passages - question - history, history, passages, question, reserve)


@dataclass(slots=True)
class _Plan:
    """What is to be read, as it gives way step by step."""

    passages: list[BaseNode]
    pinned: frozenset[str]
    history: ChatSoFar
    relevance: Relevance
    count: Callable[[str], int]
    left_out: list[LeftOut]
    shortened: dict[str, str] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)  # those of which nothing can be cut

    def give_way(self, tokens: int) -> bool:
        """Leave out about so many tokens; whether there was anything."""
        left = tokens
        gave_way = False
        while left > 0:
            saved = self._step()
            if saved is None:
                return gave_way
            gave_way, left = True, left - saved
        return True

    def _step(self) -> int | None:
        """The next thing in the order; the tokens that it saves, or None where nothing is left that may go."""
        free = [node for node in self.passages if node.node_id not in self.pinned]
        best = self.passages[:1] if not self.pinned else free[:1]
        for node in reversed(free):
            if node not in best and (saved := self._shorten(node)):
                return saved
        if len(self.history.turns) > 1:
            turn = self.history.turns[0]
            self.history = self.history.with_one_more_summarised()
            self._note(LeftOut(turn.question, "summarised", _NO_ROOM))
            return self.count(turn.answer)
        if len(free) > 1:
            return self._drop(free[-1])
        if self.history:
            turn, self.history = self.history.without_oldest()
            self._note(LeftOut(turn.question, "dropped", _NO_ROOM))
            return self.count(f"{turn.question} {turn.answer}")
        if len(self.passages) > 1:
            return self._drop(free[0] if free else self.passages[-1])
        return self._shorten(self.passages[0]) if self.passages else None

    def _shorten(self, node: BaseNode) -> int | None:
        if node.node_id in self.shortened or node.node_id in self.whole:
            return None
        text = shortened_to_its_sentences(node, self.relevance, self.count)
        if text is None:
            self.whole.add(node.node_id)
            return None
        self.shortened[node.node_id] = text
        self._note(LeftOut(place_of(node), "shortened", "the window has room for its nearest sentences only"))
        return max(1, self.count(node.get_content()) - self.count(text))

    def _drop(self, node: BaseNode) -> int:
        self.passages.remove(node)
        self._note(LeftOut(place_of(node), "dropped", _NO_ROOM))
        return max(1, self.count(self.shortened.pop(node.node_id, node.get_content())))

    def _note(self, left_out: LeftOut) -> None:
        # What is dropped in the end was not merely shortened before.
        self.left_out = [item for item in self.left_out if item.what != left_out.what or item.how == "dropped"]
        self.left_out.append(left_out)
