"""Feedback as an evaluation set: the questions whose right answer is known, in the form of `docmind bench answers`.

Nothing of a document that was deleted or replaced goes into it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from docmind.answering.citations import Citation
from docmind.answering.events import Answer
from docmind.answering.stored import from_stored
from docmind.storage.feedback import Feedback, FeedbackTable


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a user thinks of an answer, and the answer.

    Attributes:
        feedback: What the user said.
        answer: What it is about.
        gone: Whether a document that the answer quotes was deleted or replaced since.
    """

    feedback: Feedback
    answer: Answer
    gone: bool

    @property
    def question(self) -> str:
        """What was asked, so that it stands alone."""
        return self.answer.asked_as or self.answer.question

    @property
    def right_answers(self) -> tuple[str, ...]:
        """What is known to answer the question: the user's words, or what they called helpful; () where nothing is."""
        if self.feedback.right_answer:
            return (self.feedback.right_answer,)
        if not (self.feedback.helpful and self.answer.found):
            return ()
        supported = [sentence.text for sentence in self.answer.sentences if sentence.supported]
        return tuple(dict.fromkeys((*supported, *(citation.quote for citation in self._cited))))

    @property
    def source(self) -> Citation | None:
        """Where the answer stands: the passage with the right answer in it, or the first that was cited."""
        known = self.right_answers
        holding = (item for item in self.answer.citations if any(text in item.passage for text in known))
        return next(holding, next(iter(self.answer.citations), None))

    @property
    def _cited(self) -> list[Citation]:
        cited = {number for sentence in self.answer.sentences if sentence.supported for number in sentence.citations}
        return [citation for citation in self.answer.citations if citation.n in cited]


def opinions(table: FeedbackTable, ready: Collection[str]) -> list[Opinion]:
    """All feedback, the oldest first; `ready` are the ids of the documents that are there."""
    return list(_opinions(table.all(), ready))


def evaluation_lines(given: Iterable[Opinion]) -> list[dict[str, Any]]:
    """A line of an evaluation set for each question whose right answer and document are known."""
    lines = []
    for opinion in given:
        source, known = opinion.source, opinion.right_answers
        if opinion.gone or source is None or not known:
            continue
        lines.append(
            {
                "id": f"feedback-{opinion.feedback.message_id}",
                "question": opinion.question,
                "document": source.document,
                "answer": list(known),
                "passage": source.passage,
                "helpful": opinion.feedback.helpful,
                "why": opinion.feedback.why,
                "answered": opinion.answer.text,
            }
        )
    return lines


def evaluation_text(lines: Iterable[dict[str, Any]]) -> str:
    """The lines as a questions.jsonl holds them."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _opinions(given: Iterable[tuple[Feedback, dict[str, Any]]], ready: Collection[str]) -> Iterable[Opinion]:
    for feedback, stored in given:
        answer = from_stored(stored)
        if isinstance(answer, Answer):
            gone = any(citation.document_id not in ready for citation in answer.citations)
            yield Opinion(feedback, answer, gone)
