"""Understand: what a question asks for, before anything is looked up.

A follow-up is said anew so that it stands alone, and that text is what all later stages take: it is searched, told the
model and, without what it says of how to answer it, compared with the documents and checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docmind.answering.follow_up import LONGEST_FOLLOW_UP, leans_on_history, rewrite
from docmind.answering.follow_up.model import SayAnew
from docmind.answering.instructions import without_instructions
from docmind.answering.parts import parts_of
from docmind.answering.question import Question, ThinkFirst, Turn
from docmind.answering.routing import needs_thinking
from docmind.errors import LibraryError

# A period of this kind is a length of time, and documents tell it as one: 'by giving two months' written notice'.
_PERIOD = re.compile(
    r"^\W*what(?: is| was|['’]s) the "
    r"((?:[a-z-]+ ){0,2}(?:notice|grace|warranty|guarantee|retention|probation|probationary|payment|cooling-off|trial"
    r"|limitations?|lock-up|vesting|waiting|cure|return|refund|claim|subscription|billing|holding|non-compete|renewal"
    r"|delivery|storage|response|review|objection|withdrawal|cancellation|termination) period\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as the next stages take it.

    Attributes:
        text: The question, so that it stands alone, without white space around it: what a model is told.
        asks: The same without what it says of how to answer it: what is compared with the documents.
        asked: The same in the user's words.
        history: Earlier turns, oldest first.
        pinned: Ids of documents and passages that are read in any case.
        scope: Ids of the documents to ask; None asks all.
        thinking: Whether it is hard enough to let the model think first, or the user wants it to.
        parts: Where several things are asked at once, each as a question of its own; otherwise none.
        evenly: Whether documents that it names are searched like all others.
        awaited: Ids of documents that are not read yet and would be in the scope if they were.
    """

    text: str
    asks: str
    scope: tuple[str, ...] | None
    thinking: bool
    asked: str
    history: tuple[Turn, ...] = ()
    pinned: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    evenly: bool = False
    awaited: tuple[str, ...] = ()

    @property
    def asked_as(self) -> str | None:
        """The text where it is not the user's own."""
        return self.text if self.text != self.asked else None


def understand(question: Question, think_first: ThinkFirst, say_anew: SayAnew | None = None) -> Understood:
    """Read a question.

    Args:
        question: As it was asked.
        think_first: What holds where the question does not say.
        say_anew: Has a model say a follow-up anew where the rules are not sure of it; None leaves it to the rules.

    Raises:
        LibraryError: it is empty.
    """
    # A command line gives bytes that are no text as lone surrogates, which no model and no file takes.
    asked = question.text.encode("utf-8", "replace").decode("utf-8").strip()
    if not asked:
        raise LibraryError("The question is empty. Type what you want to know.")
    alone = question.stands_alone or len(asked) > LONGEST_FOLLOW_UP
    text = asked if alone else _standing_alone(asked, question.history, say_anew)
    asks = without_instructions(text)
    parts = tuple(_a_length_of_time(part) for part in parts_of(asks))
    text, asks = _a_length_of_time(text), _a_length_of_time(asks)
    thinking = needs_thinking(text, question.thinking or think_first)
    return Understood(
        text,
        asks,
        question.scope,
        thinking,
        asked,
        question.history,
        question.pinned,
        parts,
        question.evenly,
        question.awaited,
    )


def _a_length_of_time(text: str) -> str:
    return _PERIOD.sub(r"How long is the \1", text)


def _standing_alone(asked: str, history: Sequence[Turn], say_anew: SayAnew | None) -> str:
    """A follow-up as it stands alone: by rules where they are sure, by the model where it keeps to what was said."""
    by_rules = rewrite(asked, history)
    if by_rules and by_rules.sure:
        return by_rules.text
    said = say_anew(asked, history) if say_anew and history and (by_rules or leans_on_history(asked)) else None
    return said or (by_rules.text if by_rules else asked)
