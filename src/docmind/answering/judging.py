"""Judge: does what was written stand in the documents, and does it answer what was asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docmind.answering.citations import AnswerSentence, Citation, align, nearest
from docmind.answering.evidence import Evidence
from docmind.answering.grounding import Grounding
from docmind.answering.prompts import NOT_FOUND_REPLY
from docmind.answering.writing import Draft
from docmind.embeddings import Embedder
from docmind.sentences import content_terms, names, numbers

NOT_FOUND = "I did not find an answer to this in the documents. The nearest passages are shown instead."
STOPPED = "You stopped this answer before its first word."

_NEAREST = 5  # passages shown where nothing answers
# An answer that rests on a sentence far less near to the question than the nearest one answers something else.
_NEAR_THE_NEAREST = 0.6
# A model that was told to quote and did not quote faithfully is not believed: a changed word changes the meaning.
_QUOTED = 0.85


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is shown.

    Attributes:
        text: The answer, or that there is none.
        sentences: The answer's sentences, each supported or not.
        citations: Their sources; where nothing was found, the nearest passages.
        rejected: What the model wrote where none of it is supported; None where it is shown, or said nothing.
    """

    text: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    rejected: str | None = None


def judge(question: str, draft: Draft, grounding: Grounding, embedder: Embedder, support_threshold: float) -> Judgement:
    """Align a draft with the evidence that its model was given, and decide whether it is shown.

    Args:
        question: What was asked.
        draft: What was written.
        grounding: The evidence.
        embedder: Compares meanings.
        support_threshold: Score (0 to 1) from which a sentence counts as supported.
    """
    text = draft.written.text.strip()
    if draft.written.stopped and not text:
        return Judgement(STOPPED)
    evidence = grounding.of(draft.passages)
    threshold = max(support_threshold, _QUOTED if draft.style == "quote" else 0.0)
    sentences, citations = align(question, text, evidence, embedder, threshold)
    # At its start only: documents say "not found" too, and quoting that is no refusal.
    refused = text.lstrip("\"'* ").casefold().startswith(NOT_FOUND_REPLY.casefold())
    if text and not refused and (draft.written.stopped or _answers(question, sentences, citations, evidence)):
        return Judgement(text, sentences, citations)
    return not_found(evidence, rejected=None if refused else text or None)


def not_found(evidence: Sequence[Evidence], rejected: str | None = None) -> Judgement:
    """What is shown where nothing answers: the nearest passages."""
    return Judgement(NOT_FOUND, citations=nearest(evidence)[:_NEAREST], rejected=rejected)


def _answers(
    question: str,
    sentences: Sequence[AnswerSentence],
    citations: Sequence[Citation],
    evidence: Sequence[Evidence],
) -> bool:
    """Whether a supported sentence tells more than the question did, and its source is about what was asked."""
    asked = set(content_terms(question))
    if not any(item.supported and set(content_terms(item.text)) - asked for item in sentences):
        return False
    specific = {*content_terms(" ".join(names(question))), *numbers(question)}
    quotes = {citation.quote for citation in citations}
    best = max((item.relevance for item in evidence), default=0.0)
    for item in evidence:
        near = item.text in quotes and item.relevance >= _NEAR_THE_NEAREST * best
        if near and (not specific or specific & {*item.context, *content_terms(item.node.get_content())}):
            return True
    return False
