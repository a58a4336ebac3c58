"""A question: what is asked, of which documents, after what, and whether the model thinks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThinkFirst = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same chat and the answer that was shown."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        text: In the user's words.
        scope: Ids of the documents to ask; None asks all.
        history: Earlier turns, oldest first. Each question is answered by itself so far.
        thinking: Whether the model thinks first; None leaves it to the settings.
    """

    text: str
    scope: tuple[str, ...] | None = None
    history: tuple[Turn, ...] = ()
    thinking: ThinkFirst | None = None
