"""Budget: how much of the documents a model reads for one question, and how long it may write.

Both follow the speed that was measured on this machine, so that two cores and a large card each do what they can in
the time a person waits. Where the settings say a number, that number holds.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from llama_index.core.schema import BaseNode

from docmind.engines.speed import Speed
from docmind.records import AnswerStyle
from docmind.retrieval.hybrid import USUAL_LIMIT
from docmind.settings import Settings

# Where no speed is known: servers of somebody else, an NPU, which reads its whole fixed shape whatever is in it, and
# the engine without a model.
USUAL_PASSAGES = 3
USUAL_PASSAGE_TOKENS = 240  # chunks are packed up to what the embedding model reads, which is 256 tokens or more
# A model that quotes copies from the wrong passage the more often the more there are.
_QUOTING_PASSAGES = 3
_MOST_PASSAGES = 50
_WINDOW_SHARE = 2  # passages fill half the window at most
_WRITING_SECONDS = 20
_MOST_ANSWER_TOKENS = 2_048
_ANSWER_SHARE = 8  # an answer fills an eighth of the window at most
# Of a window of 131,072 tokens 8,192 are kept for the answer, and a prompt of 120,000 is safe: models answer worse
# close to their window's end. Smaller windows have as large shares, larger ones the same numbers.
_WINDOW, _RESERVE, _SAFE = 131_072, 8_192, 120_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What one question may take.

    Attributes:
        passages: Passages that the model is given, at most.
        passage_tokens: Tokens of all of them together; the first is given in any case. None leaves it to the window.
        answer_tokens: Longest answer, without thoughts.
    """

    passages: int
    passage_tokens: int | None
    answer_tokens: int

    @property
    def usual_passages(self) -> int:
        """How many passages of the usual length that makes."""
        if self.passage_tokens is None:
            return self.passages
        return min(self.passages, max(1, round(self.passage_tokens / USUAL_PASSAGE_TOKENS)))


def budget_for(settings: Settings, style: AnswerStyle, window: int, speed: Speed | None) -> Budget:
    """The budget of a question.

    Args:
        settings: Passages and length of answers, where they are set; seconds until the first word.
        style: Whether the model writes or quotes.
        window: Prompt and answer together, in tokens.
        speed: How fast the model is here; None where nobody knows.
    """
    if settings.prompt_passages is not None:
        passages, tokens = settings.prompt_passages, None
    elif speed is None:
        passages, tokens = USUAL_PASSAGES, None
    else:
        passages = _QUOTING_PASSAGES if style == "quote" else _MOST_PASSAGES
        tokens = min(int(speed.reads * settings.first_word_seconds), window // _WINDOW_SHARE)
    answer = settings.answer_room
    if settings.answer_tokens is None and speed is not None and style == "write":
        longest = min(_MOST_ANSWER_TOKENS, window // _ANSWER_SHARE)
        answer = max(answer, min(longest, int(speed.writes * _WRITING_SECONDS)))
    return Budget(passages, tokens, answer)


def answer_reserve(window: int, answer_tokens: int) -> int:
    """Tokens of a window that no prompt may take: the answer's, and a sixteenth of the window at least."""
    return max(answer_tokens, min(_RESERVE, window * _RESERVE // _WINDOW))


def prompt_limit(window: int, reserve: int, longest_prompt: int | None = None) -> int:
    """The longest prompt that is made.

    Args:
        window: Prompt and answer together, in tokens.
        reserve: Kept free for the answer.
        longest_prompt: What the device takes, where that is less than the window.
    """
    return min(window - reserve, _SAFE, window * _SAFE // _WINDOW, longest_prompt or window)


def passages_to_retrieve(settings: Settings, budget: Budget | None) -> int:
    """How many passages to search for; `budget` is None where no engine is open yet."""
    if settings.retrieve_chunks is not None:
        return settings.retrieve_chunks
    wanted = budget.usual_passages if budget else settings.prompt_passages or 0
    return max(USUAL_LIMIT, wanted)


def within(
    budget: Budget, passages: Sequence[BaseNode], count: Callable[[str], int], pinned: Container[str] = ()
) -> Sequence[BaseNode]:
    """The passages that the budget holds, the first ones of those given, and before them those that are pinned.

    Args:
        budget: What the question may take; what is pinned comes on top, because the user has asked for it.
        passages: Best first.
        count: Tokens of a text.
        pinned: Ids of passages that are read in any case.
    """
    kept = [passage for passage in passages if passage.node_id in pinned]
    chosen = [passage for passage in passages if passage.node_id not in pinned][: budget.passages]
    if budget.passage_tokens is None:
        return [*kept, *chosen]
    left = budget.passage_tokens
    for number, passage in enumerate(chosen):
        left -= count(passage.get_content())
        if left < 0:
            return [*kept, *chosen[: max(1, number)]]
    return [*kept, *chosen]
