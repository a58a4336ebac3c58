"""Judge: does what was written stand in the documents, and does it answer what was asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docmind.answering.citations import AnswerSentence, Citation, align, cite, nearest
from docmind.answering.correction import correction
from docmind.answering.evidence import Evidence
from docmind.answering.grounding import Grounding
from docmind.answering.prompts import NOT_FOUND_REPLY
from docmind.answering.quoting import Quotation, choose, of_each_document
from docmind.answering.refusal import answer_score
from docmind.answering.second_opinion import second_opinion
from docmind.answering.writing import Draft
from docmind.checking import Checker
from docmind.embeddings import Embedder
from docmind.sentences import content_terms

NOT_FOUND = "I did not find an answer to this in the documents. The closest passages are shown instead."
STOPPED = "You stopped this answer before its first word."

_NEAREST = 5  # passages shown where nothing answers
# From this score on an answer is shown as one. See docs/benchmarks/answers.md for what it lets through.
_ANSWERS = 1.05
# A model that says NOT FOUND, or something that does not hold, has read the passages: it is overruled by a statement
# that is plainly about the question.
_ANSWERS_PLAINLY = 1.4
# What a model wrote and the check supports was read by one who knows the language, if only a little.
_ANSWERS_WRITTEN = 0.9
# Where a model's answer rests on the very statement that would be quoted, both have found it.
_ANSWERS_TOGETHER = 0.8
# A statement that is so much nearer to the question than what a model's answer rests on is quoted in its place.
_PLAINLY_BETTER = 0.4


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is shown.

    Attributes:
        text: The answer, or that there is none.
        sentences: The answer's sentences, each supported or not.
        citations: Their sources; where nothing was found, the nearest passages.
        rejected: What the model wrote where none of it is supported; None where it is shown, or said nothing.
            A quotation may answer in its place.
        alternative: Where a statement is quoted, the next best one.
        correction: What the documents say in place of what the question takes for granted; '' where nothing.
    """

    text: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    rejected: str | None = None
    alternative: Citation | None = None
    correction: str = ""


def judge(
    question: str,
    draft: Draft,
    grounding: Grounding,
    embedder: Embedder,
    support_threshold: float,
    checker: Checker | None = None,
) -> Judgement:
    """Tie a draft to the evidence that its model was given, and decide whether it is shown.

    Args:
        question: What was asked.
        draft: What was written.
        grounding: The evidence.
        embedder: Compares meanings.
        support_threshold: Score (0 to 1) from which a sentence counts as supported.
        checker: A model that is asked too, where there is one.
    """
    text = draft.written.text.strip()
    if draft.written.stopped and not text:
        return Judgement(STOPPED)
    evidence = grounding.of(draft.passages)
    if each := of_each_document(question, grounding.evidence):
        lines = [("\n• " if number else "• ") + item.best.quoted for number, item in enumerate(each)]
        sentences = tuple(AnswerSentence(line, True, 1.0, (number,)) for number, line in enumerate(lines, start=1))
        return Judgement("".join(lines), sentences, cite([item.evidence for item in each]))
    if draft.style == "quote":
        quotations = choose(question, text, evidence, embedder)
        return _quotation(question, quotations, evidence, _ANSWERS if not draft.written.stopped else None)
    sentences, citations = align(question, text, evidence, embedder, support_threshold)
    sentences = second_opinion(checker, sentences, citations)
    # At its start only: documents say "not found" too, and quoting that is no refusal.
    refused = text.lstrip("\"'* ").casefold().startswith(NOT_FOUND_REPLY.casefold())
    quotations = choose(question, "", evidence, embedder)
    if (
        text
        and not refused
        and (draft.written.stopped or _answers(question, sentences, citations, quotations, evidence))
    ):
        return Judgement(text, sentences, citations)
    # What it wrote does not hold: the documents answer themselves where they can.
    instead = _quotation(question, quotations, evidence, _ANSWERS_PLAINLY)
    return replace(instead, rejected=text if text and (instead.sentences or not refused) else None)


def not_found(evidence: Sequence[Evidence], rejected: str | None = None) -> Judgement:
    """What is shown where nothing answers: the nearest passages."""
    return Judgement(NOT_FOUND, citations=nearest(evidence)[:_NEAREST], rejected=rejected)


def _quotation(
    question: str, quotations: Sequence[Quotation], evidence: Sequence[Evidence], threshold: float | None
) -> Judgement:
    """The statement that answers, in the document's own letters; `threshold` is the least score of an answer."""
    if not quotations:
        return not_found(evidence)
    best, *others = quotations
    corrected = correction(question, best.best)
    if not corrected and threshold is not None and answer_score(question, best.parts, evidence) < threshold:
        return not_found(evidence)
    sentences = tuple(AnswerSentence(part.quoted, True, 1.0, (1,)) for part in best.parts)
    (alternative,) = cite([item.evidence for item in others]) or (None,)
    text = " ".join(filter(None, (corrected, *(sentence.text for sentence in sentences))))
    return Judgement(text, sentences, cite([best.evidence]), alternative=alternative, correction=corrected)


def _answers(
    question: str,
    sentences: Sequence[AnswerSentence],
    citations: Sequence[Citation],
    quotations: Sequence[Quotation],
    evidence: Sequence[Evidence],
) -> bool:
    """Whether what a model wrote tells more than the question did, and its source answers what was asked."""
    asked = set(content_terms(question))
    if not any(item.supported and set(content_terms(item.text)) - asked for item in sentences):
        return False
    quotes = {citation.quote for citation in citations}
    source = [item for item in evidence if item.text in quotes]
    score = answer_score(question, source, evidence)
    best = quotations[0]
    if any(part.text in quotes for part in best.parts):
        # The model and the search found the same place: each is the other's witness.
        return score >= _ANSWERS_TOGETHER and not correction(question, best.best)
    return score >= _ANSWERS_WRITTEN and answer_score(question, best.parts, evidence) - score < _PLAINLY_BETTER
