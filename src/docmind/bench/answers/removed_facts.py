"""A document without a fact: everything in it that answers a question, taken out."""

from __future__ import annotations

import re

from docmind.bench.answers.evaluation_set import EvaluationQuestion
from docmind.bench.answers.scoring import normal, stands_in
from docmind.sentences import content_terms, split_sentences

# A document of which less is left says too little to be asked.
_PARAGRAPHS_LEFT = 2
# A sentence that shares so many of its telling words with the one that answers says the same in other words.
_NEARLY_THE_SAME = 0.7


def without_fact(text: str, question: EvaluationQuestion) -> str | None:
    """A text of paragraphs, without the paragraph that answers a question and whatever else holds its answer.

    Returns:
        What is left; None where the answer is not there, stands in a heading, or too little would be left.
    """
    paragraphs = [paragraph for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]
    if any(stands_in(question.answers, each) for each in paragraphs if _is_heading(each)):
        return None
    asked = set(content_terms(question.question))
    holding = [each for each in paragraphs if stands_in(question.answers, each)]
    if not holding:
        return None
    given = [each for each in holding if question.passage and normal(question.passage) in normal(each)]
    source = given[0] if given else max(holding, key=lambda each: len(asked & set(content_terms(each))))
    telling = [set(content_terms(s)) for s in split_sentences(source) if stands_in(question.answers, s)]
    left = [
        each if _is_heading(each) else _without(each, question, telling) for each in paragraphs if each is not source
    ]
    left = [each for each in left if each]
    if sum(not _is_heading(each) for each in left) < _PARAGRAPHS_LEFT:
        return None
    return "\n\n".join(left) + "\n"


def _without(paragraph: str, question: EvaluationQuestion, telling: list[set[str]]) -> str:
    """A paragraph without the sentences that hold the answer, or say nearly what a telling sentence says."""
    sentences = split_sentences(paragraph)
    kept = [s for s in sentences if not stands_in(question.answers, s) and not _said_by(telling, s)]
    if len(kept) == len(sentences):
        # The answer may go over the end of a sentence, as far as sentences are told apart.
        return "" if stands_in(question.answers, paragraph) else paragraph
    joined = " ".join(kept)
    return "" if stands_in(question.answers, joined) else joined


def _said_by(telling: list[set[str]], sentence: str) -> bool:
    terms = set(content_terms(sentence))
    return any(terms and len(terms & said) / len(terms) >= _NEARLY_THE_SAME for said in telling)


def _is_heading(paragraph: str) -> bool:
    return paragraph.lstrip().startswith("#")
