"""Understand: what a question asks for, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass

from docmind.answering.question import Question, ThinkFirst
from docmind.answering.routing import needs_thinking
from docmind.errors import LibraryError


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as the next stages take it.

    Attributes:
        text: What is asked, without white space around it.
        scope: Ids of the documents to ask; None asks all.
        thinking: Whether it is hard enough to let the model think first, or the user wants it to.
    """

    text: str
    scope: tuple[str, ...] | None
    thinking: bool


def understand(question: Question, think_first: ThinkFirst) -> Understood:
    """Read a question.

    Args:
        question: As it was asked.
        think_first: What holds where the question does not say.

    Raises:
        LibraryError: it is empty.
    """
    text = question.text.strip()
    if not text:
        raise LibraryError("The question is empty. Type what you want to know.")
    return Understood(text, question.scope, needs_thinking(text, question.thinking or think_first))
