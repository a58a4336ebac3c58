"""A question: what is asked, of which documents, after what, and whether the model thinks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from docmind.sentences import split_sentences

ThinkFirst = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same chat and the answer that was shown.

    Attributes:
        question: What was asked, said so that it stands alone.
        answer: What was shown; '' where nothing was found.
        gist: The answer in a sentence; '' where nobody has said which.
    """

    question: str
    answer: str
    gist: str = ""

    @property
    def said(self) -> str:
        """The answer in a sentence: the one that was chosen, or its first."""
        return self.gist or next(iter(split_sentences(self.answer)), "")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        text: In the user's words.
        scope: Ids of the documents to ask; None asks all.
        history: Earlier turns, oldest first.
        thinking: Whether the model thinks first; None leaves it to the settings.
        stands_alone: Whether the text is to be taken as it is, because the user has said it anew; where it is not, a
            follow-up takes what it leaves out from the history.
        pinned: Ids of documents or passages that the user has pinned: what of them is nearest to the question is read
            in any case, before anything else.
        fresh: Whether it is answered anew although an answer to it is kept.
        evenly: Whether documents that it names are searched like all others.
        awaited: Ids of documents that are not read yet and would be in the scope if they were.
        each: Whether each document is to be asked by itself, though the question does not say so.
    """

    text: str
    scope: tuple[str, ...] | None = None
    history: tuple[Turn, ...] = ()
    thinking: ThinkFirst | None = None
    stands_alone: bool = False
    pinned: tuple[str, ...] = ()
    fresh: bool = False
    evenly: bool = False
    awaited: tuple[str, ...] = ()
    each: bool = False
