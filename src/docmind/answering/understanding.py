"""Understand: what a question asks for, before anything is looked up.

A follow-up is said anew so that it stands alone, and that text is what all later stages take: it is searched, compared
with the documents, told the model and checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from docmind.answering.follow_up import rewrite
from docmind.answering.question import Question, ThinkFirst, Turn
from docmind.answering.routing import needs_thinking
from docmind.errors import LibraryError


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as the next stages take it.

    Attributes:
        text: What is asked, so that it stands alone, without white space around it.
        asked: The same in the user's words.
        history: Earlier turns, oldest first.
        pinned: Ids of documents and passages that are read in any case.
        scope: Ids of the documents to ask; None asks all.
        thinking: Whether it is hard enough to let the model think first, or the user wants it to.
    """

    text: str
    scope: tuple[str, ...] | None
    thinking: bool
    asked: str
    history: tuple[Turn, ...] = ()
    pinned: tuple[str, ...] = ()

    @property
    def asked_as(self) -> str | None:
        """The text where it is not the user's own."""
        return self.text if self.text != self.asked else None


def understand(question: Question, think_first: ThinkFirst) -> Understood:
    """Read a question.

    Args:
        question: As it was asked.
        think_first: What holds where the question does not say.

    Raises:
        LibraryError: it is empty.
    """
    asked = text = question.text.strip()
    if not asked:
        raise LibraryError("The question is empty. Type what you want to know.")
    if not question.stands_alone and (said := rewrite(asked, question.history)):
        text = said.text
    thinking = needs_thinking(text, question.thinking or think_first)
    return Understood(text, question.scope, thinking, asked, question.history, question.pinned)
