"""Judge: does what was written stand in the documents, and does it answer what was asked?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

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
_NOT_FOUND_OF_PARTS = "Not found in the documents:"
STOPPED = "You stopped this answer before its first word."

NO_PARTS: Mapping[str, Grounding] = MappingProxyType({})
"""A question that is one question."""
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
    parts: Mapping[str, Grounding] = NO_PARTS,
) -> Judgement:
    """Tie a draft to the evidence that its model was given, and decide whether it is shown.

    Args:
        question: What was asked.
        draft: What was written.
        grounding: The evidence.
        embedder: Compares meanings.
        support_threshold: Score (0 to 1) from which a sentence counts as supported.
        checker: A model that is asked too, where there is one.
        parts: The questions that it is made of, each with the evidence for it; none where it is one question.
    """
    text = draft.written.text.strip()
    if draft.written.stopped and not text:
        return Judgement(STOPPED)
    evidence = grounding.of(draft.passages)
    if each := of_each_document(question, grounding.evidence):
        items = [AnswerSentence(item.best.quoted, True, 1.0, (number,)) for number, item in enumerate(each, start=1)]
        return _listed(items, cite([item.evidence for item in each]))
    if draft.style == "quote":
        if parts and not draft.written.stopped:
            return _of_each_part(parts, evidence, embedder, _ANSWERS)
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
    if parts:
        instead = _of_each_part(parts, evidence, embedder, _ANSWERS_PLAINLY)
    else:
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


def _of_each_part(
    parts: Mapping[str, Grounding], evidence: Sequence[Evidence], embedder: Embedder, threshold: float
) -> Judgement:
    """What answers each of the questions that a question is made of, and which of them nothing answers."""
    items: list[AnswerSentence] = []
    citations: list[Citation] = []  # each as if it were the first
    for part, grounding in parts.items():
        found = _quotation(part, choose(part, "", grounding.evidence, embedder), grounding.evidence, threshold)
        if not found.sentences:
            items.append(AnswerSentence(f"{_NOT_FOUND_OF_PARTS} {part}", False, 0.0, ()))
            continue
        (citation,) = found.citations
        if citation not in citations:
            citations.append(citation)
        item = AnswerSentence(found.text, True, 1.0, (citations.index(citation) + 1,))
        if item not in items:  # one statement may answer both
            items.append(item)
    if not citations:
        return not_found(evidence)
    return _listed(items, [replace(citation, n=number) for number, citation in enumerate(citations, start=1)])


def _listed(items: Sequence[AnswerSentence], citations: Sequence[Citation]) -> Judgement:
    """Answers below one another, each as an item of a list; one alone as it is."""
    if len(items) == 1:
        return Judgement(items[0].text, tuple(items), tuple(citations))
    lines = [replace(item, text=("\n• " if number else "• ") + item.text) for number, item in enumerate(items)]
    return Judgement("".join(line.text for line in lines), tuple(lines), tuple(citations))


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
    if not quotations:  # the passages hold nothing but headings and figures
        return score >= _ANSWERS_WRITTEN
    best = quotations[0]
    if any(part.text in quotes for part in best.parts):
        # The model and the search found the same place: each is the other's witness.
        return score >= _ANSWERS_TOGETHER and not correction(question, best.best)
    return score >= _ANSWERS_WRITTEN and answer_score(question, best.parts, evidence) - score < _PLAINLY_BETTER
