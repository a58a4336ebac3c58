"""A reranker: how well passages answer a question, told by a model that reads each together with the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docmind.errors import DocMindError


@dataclass(frozen=True, slots=True)
class Reranker:
    """A cross-encoder.

    Attributes:
        name: Its folder's name.
        score: A question and passages in; how well each answers it, 0 to 1, in their order. Raises `ModelError` where
            it cannot be computed.
    """

    name: str
    score: Callable[[str, Sequence[str]], list[float]]


def unusable(name: str, error: DocMindError) -> Reranker:
    """A reranker that could not be opened: whoever asks it is told why, and it is not opened anew each time."""

    def score(*_: object) -> list[float]:
        raise error

    return Reranker(name, score)
