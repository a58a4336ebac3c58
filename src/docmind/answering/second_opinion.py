"""A second opinion: where the user has put a checker into the models folder, it may take support away, never give it.

The rules of `proof/` find what contradicts word by word. A model of natural language inference also finds what only the
sense of a sentence tells. It reads statements that say something by themselves; a bare '2012' means nothing to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.proof.proving import Doubt, statement_of
from docmind.checking import Checker

# Contradiction must be likelier than the other two together: a checker in doubt changes nothing.
_CONTRADICTS = 0.5


def second_opinion(
    checker: Checker | None, sentences: Sequence[AnswerSentence], citations: Sequence[Citation]
) -> tuple[AnswerSentence, ...]:
    """The sentences, those that a checker finds contradicted by their sources no longer supported.

    Args:
        checker: What is asked; None leaves all as they are.
        sentences: An answer's sentences.
        citations: The sources that they name by number.
    """
    quotes = {citation.n: citation.quote for citation in citations}
    asked = [item for item in sentences if item.supported and statement_of("", item.text).is_sentence]
    if checker is None or not asked:
        return tuple(sentences)
    pairs = [(" ".join(quotes[number] for number in item.citations), item.text) for item in asked]
    denied = {
        id(item)
        for item, relation in zip(asked, checker.relate(pairs), strict=True)
        if relation.contradiction > _CONTRADICTS
    }
    return tuple(_denied(item, checker) if id(item) in denied else item for item in sentences)


def _denied(sentence: AnswerSentence, checker: Checker) -> AnswerSentence:
    reason = f"{checker.name} reads the opposite in the source"
    return replace(sentence, supported=False, score=0.0, doubts=(Doubt(0, len(sentence.text), reason),))
