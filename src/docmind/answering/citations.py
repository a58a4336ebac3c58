"""Citations: each sentence of an answer, tied to the sentence of the documents that supports it, or marked.

The check does not trust the model. A sentence is supported when its words and its meaning stand in one place of the
passages, every number and name in it stands there too, and it does not deny what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docmind.answering.evidence import Evidence, embed
from docmind.embeddings import Embedder
from docmind.records import Locator
from docmind.sentences import content_terms, names, numbers, split_sentences

# Words are stronger evidence than similar meaning: embeddings hardly tell 'may' from 'must' or one month from another.
_WORDS_WEIGHT = 0.6
# What the question said already needs less proof than what the answer adds to it.
_ASKED_WEIGHT = 0.5
# A number or name that the source lacks, or a denial of it, caps the score below any sensible threshold.
_CONTRADICTED = 0.3
# Among places that support a sentence equally well, the one nearer to the question is cited.
_RELEVANCE_WEIGHT = 0.05
_NEGATIONS = re.compile(r"\b(?:no|not|never|none|nor|neither|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[A-Z][\w'’-]+")
_MARKER = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document.

    Attributes:
        n: Its number in the answer, from 1.
        document: The document's name.
        document_id: The document's id.
        locator: Where in it the sentence stands.
        heading: Section path of the passage.
        quote: The sentence, as it stands in the document.
        passage: The passage around it.
    """

    n: int
    document: str
    document_id: str
    locator: Locator
    heading: str
    quote: str
    passage: str

    @property
    def place(self) -> str:
        """Document and locator in words."""
        return self.locator.words(self.document)


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer, whether the passages support it, how strongly (0 to 1) and which citations do."""

    text: str
    supported: bool
    score: float
    citations: tuple[int, ...]


def align(
    question: str, answer: str, evidence: Sequence[Evidence], embedder: Embedder, threshold: float
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """Find, for each sentence of an answer, the sentence of the passages that supports it.

    Args:
        question: What was asked.
        answer: The model's words; citation marks of its own are ignored.
        evidence: The sentences of the passages that the model was given.
        embedder: Compares meanings.
        threshold: Score from which a sentence is supported.
    """
    sentences = answer_sentences(answer)
    if not sentences or not evidence:
        return tuple(AnswerSentence(text, False, 0.0, ()) for text in sentences), ()
    asked = frozenset(content_terms(question))
    aligned: list[AnswerSentence] = []
    cited: list[Evidence] = []
    for sentence, vector in zip(sentences, embed(sentences, embedder), strict=True):
        scores = [_score(sentence, item, float(vector @ item.vector), asked) for item in evidence]
        best = max(range(len(scores)), key=lambda i: scores[i] + _RELEVANCE_WEIGHT * evidence[i].relevance)
        supported = scores[best] >= threshold
        if supported and evidence[best] not in cited:
            cited.append(evidence[best])
        numbered = (cited.index(evidence[best]) + 1,) if supported else ()
        aligned.append(AnswerSentence(sentence, supported, round(scores[best], 3), numbered))
    return tuple(aligned), cite(cited)


def nearest(evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """The sentence of each passage nearest to the question, the nearest first: what to show when nothing answers."""
    best: dict[str, Evidence] = {}
    for item in evidence:
        known = best.get(item.node.node_id)
        if known is None or item.relevance > known.relevance:
            best[item.node.node_id] = item
    return cite(sorted(best.values(), key=lambda item: -item.relevance))


def cite(evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """Citations of those sentences, numbered from 1."""
    return tuple(
        Citation(
            n=number,
            document=item.node.metadata["document"],
            document_id=str(item.node.ref_doc_id),
            locator=Locator.from_values(item.node.metadata),
            heading=item.node.metadata["heading"],
            quote=item.text,
            passage=item.node.get_content(),
        )
        for number, item in enumerate(evidence, start=1)
    )


def answer_sentences(answer: str) -> list[str]:
    """The sentences of an answer without citation marks; a bare '1.' joins the sentence that it numbers."""
    sentences: list[str] = []
    prefix = ""
    for sentence in split_sentences(_MARKER.sub("", answer)):
        if re.fullmatch(r"\W*\d{1,2}[.)]\W*", sentence):
            prefix += sentence + " "
        elif not re.search(r"\w", sentence):
            continue
        else:
            sentences.append(prefix + sentence)
            prefix = ""
    if prefix:
        sentences.append(prefix.strip())
    return sentences


def _score(sentence: str, evidence: Evidence, similarity: float, asked: frozenset[str]) -> float:
    if sentence.rstrip(" \"'”").endswith("?"):
        return 0.0  # a question states nothing
    weights = {term: _ASKED_WEIGHT if term in asked else 1.0 for term in content_terms(sentence)}
    total = sum(weights.values())
    if not total:
        return 0.0
    known = evidence.terms | evidence.context
    covered = sum(weight for term, weight in weights.items() if term in known) / total
    contradicted = (
        not numbers(sentence) <= numbers(evidence.text) | {term for term in evidence.context if term[0].isdigit()}
        or _names_something_else(sentence, evidence, asked)
        or bool(_NEGATIONS.search(sentence)) != bool(_NEGATIONS.search(evidence.text))
    )
    score = max(0.0, min(1.0, _WORDS_WEIGHT * covered + (1 - _WORDS_WEIGHT) * similarity))
    return min(score, _CONTRADICTED) if contradicted else score


def _names_something_else(sentence: str, evidence: Evidence, asked: frozenset[str]) -> bool:
    """Whether the sentence names something that the source does not; its passage may tell who a question is about."""
    if _begins_with_another_name(sentence, evidence, asked):
        return True
    named = {term for name in names(sentence) for term in content_terms(name)}
    unknown = named - evidence.terms - evidence.context
    return bool(unknown) and not unknown <= asked & frozenset(content_terms(evidence.node.get_content()))


def _begins_with_another_name(sentence: str, evidence: Evidence, asked: frozenset[str]) -> bool:
    """Whether the first word, which is always capitalised, is a name put in the place of one in the source.

    It is taken for one when the source lacks it and has a capitalised word that the sentence lacks.
    """
    first = set(content_terms(sentence.split(" ", 1)[0])) - evidence.terms - evidence.context - asked
    if not first or not sentence[:1].isupper():
        return False
    capitalised = {term for word in _CAPITALISED.findall(evidence.text) for term in content_terms(word)}
    return bool(capitalised - set(content_terms(sentence)))
