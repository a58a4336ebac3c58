"""Evidence: the statements of the retrieved passages, each with its meaning and how near it is to the question.

It is gathered once a question and serves five steps: the gate, the preview, the prompt of small models, the choice of
a quotation and the check of answers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt
from llama_index.core.schema import BaseNode

from docmind.answering.alike import alike_to
from docmind.answering.statements import NOTHING, Statement, statements_of
from docmind.embeddings import Embedder
from docmind.records import SECTION_SEPARATOR, TABLE
from docmind.sentences import content_terms

Vector = npt.NDArray[np.float32]

# A statement with fewer telling words is a label or a fragment; it may support an answer but never is one.
_TELLING_WORDS = 3
# A line without an end may be a heading or a row: as a preview, a sentence that is nearly as near tells more.
_UNFINISHED = 0.2
# How near a statement is to a question, fitted to which sentences answered questions and rounded: its meaning, the
# weight of the question's words that it holds, and of those that only the sentence before it or its headings hold.
_WORDS_WEIGHT = 1.2
_BEFORE_WEIGHT = 0.35
_HEADING_WEIGHT = 0.1
_JOINT_WEIGHT = 0.4  # the meaning of the sentence before it and itself together
# What asks and tells nothing: an answer to 'how often must it be cleaned' says neither 'often' nor 'must'.
_ASKING = re.compile(
    r"\bhow (?:often|many|much|long|old|far)\b|\b(?:what|which) (?:kind|type|sort)s? of\b"
    r"|\b(?:must|shall|could|would|might|(?-i:may)|(?:ought|needs?|needed) to)\b|^\W*May\b(?! \d)",
    re.IGNORECASE,
)
# A word that asks for the same as the question's: 'payable' where it says 'due'.
_ALIKE_WEIGHT = 0.8
# Words that are so alike are one word misspelt (difflib's ratio, 0 to 1); short ones are too often two words.
_MISSPELT = 0.8
_SHORTEST_MISSPELT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A statement that an answer may rest on.

    Attributes:
        text: The sentence or row, as it stands in the passage.
        node: The passage.
        terms: Its telling words; those of its table's header and caption with them.
        context: The telling words of the document's title and of the section path.
        vector: Its meaning, of unit length.
        similarity: Cosine similarity (-1 to 1) to the question.
        shared: Share of the question's telling words that it holds (0 to 1), rare words weighing more.
        before: Share of those that only the statement before it in the passage holds, or a heading over it there.
        under: Share of those that only title and section path hold.
        joint: Cosine similarity to the question of the statement before it, or the heading over it, and itself, read as
            one; its own, where that is greater.
        position: Its number in the passage, from 0.
        statement: What it is in its passage.
    """

    text: str
    node: BaseNode
    terms: frozenset[str]
    context: frozenset[str]
    vector: Vector
    similarity: float
    shared: float
    before: float = 0.0
    under: float = 0.0
    joint: float = 0.0
    position: int = 0
    statement: Statement = NOTHING

    @property
    def quoted(self) -> str:
        """It as an answer: a row with the caption and the header of its table, a line each."""
        return self.statement.read_alone

    @property
    def relevance(self) -> float:
        """How near it is to the question: above 1.1 for most that answer one, below for the nearest of most others."""
        worth = self.similarity + _WORDS_WEIGHT * self.shared
        worth += _JOINT_WEIGHT * self.joint + _BEFORE_WEIGHT * self.before + _HEADING_WEIGHT * self.under
        return worth - (1.0 if len(self.terms) < _TELLING_WORDS or self.statement.heading else 0.0)


def apart(passages: Iterable[BaseNode]) -> list[tuple[Statement, BaseNode]]:
    """The statements of passages, in reading order, each with its passage."""
    return [
        (statement, node)
        for node in passages
        for statement in statements_of(node.get_content(), node.metadata.get(TABLE, ""))
    ]


def weigh(question: str, statements: Sequence[tuple[Statement, BaseNode]]) -> dict[str, float]:
    """The question's telling words, each with its share of their weight (together 1): inverse document frequency.

    What few statements of the passages hold weighs more, and what none holds most: log((n + 1) / (df + 0.5)). A row
    holds the words of its table's header, as all the others of the table do.
    """
    frequency = Counter(term for statement, _ in statements for term in set(content_terms(statement.read_alone)))
    telling = content_terms(_ASKING.sub(" ", question))
    asked = dict.fromkeys(spelt_there(term, frequency) or term for term in telling)
    weights = {term: math.log((len(statements) + 1) / (frequency[term] + 0.5)) + 0.01 for term in asked}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()}


def spelt_there(term: str, there: Collection[str]) -> str | None:
    """A term of a text in that text's spelling, where the question misspells it; None where it stands there in none."""
    if term in there:
        return term
    if len(term) < _SHORTEST_MISSPELT or term[0].isdigit():
        return None
    alike = get_close_matches(term, [other for other in there if other[:1] == term[:1]], n=1, cutoff=_MISSPELT)
    return alike[0] if alike else None


def gather(question: str, passages: Iterable[BaseNode], embedder: Embedder) -> list[Evidence]:
    """The evidence of passages, the question's words weighed by what these passages hold."""
    statements = apart(passages)
    return compare(question, statements, embedder, weigh(question, statements))


def compare(
    question: str,
    statements: Sequence[tuple[Statement, BaseNode]],
    embedder: Embedder,
    weights: Mapping[str, float],
) -> list[Evidence]:
    """The statements as evidence, in their order; headings that stand in the section path are left out.

    Args:
        question: What is asked.
        statements: Where to look, as `apart` gives them.
        embedder: Compares meanings.
        weights: What each of the question's telling words weighs.
    """
    found = [(statement, node) for statement, node in statements if _is_text(statement, node)]
    if not found:
        return []
    texts = [statement.read_alone for statement, _ in found]
    preceding = _preceding(found)
    pairs = [f"{texts[place]} {text}" for text, places in zip(texts, preceding, strict=True) for place in places]
    *vectors, asked = embed([*texts, *pairs, question], embedder)
    joint = iter(vectors[len(texts) :])
    terms = [frozenset(content_terms(text)) for text in texts]
    evidence: list[Evidence] = []
    for number, ((statement, node), vector) in enumerate(zip(found, vectors[: len(texts)], strict=True)):
        before = frozenset[str]().union(*(terms[place] for place in preceding[number]))
        context = frozenset(content_terms(f"{node.metadata['title']} {node.metadata['heading']}"))
        held = terms[number]
        own = frozenset(content_terms(statement.text)) if statement.is_row else held
        if not _share(weights, own):  # of all that was asked for only the header speaks: so does it over any other row
            held, context = own, context | held
        evidence.append(
            Evidence(
                text=statement.text,
                node=node,
                terms=terms[number],
                context=context,
                vector=vector,
                similarity=float(vector @ asked),
                shared=_share(weights, held),
                before=_share(weights, before - held),
                under=_share(weights, context - held - before),
                joint=max(float(read @ asked) for read in (vector, *islice(joint, len(preceding[number])))),
                position=evidence[-1].position + 1 if preceding[number] else 0,
                statement=statement,
            )
        )
    return evidence


def _preceding(found: Sequence[tuple[Statement, BaseNode]]) -> list[list[int]]:
    """For each statement the places of what it may hang on: the one before it in its passage, and a heading over it.

    The headings meant here stand in the passage itself, where a format does not tell them from the text. A row has what
    stands over it in its caption.
    """
    places: list[list[int]] = []
    heading: int | None = None
    for number, (statement, node) in enumerate(found):
        if number == 0 or found[number - 1][1] is not node:
            heading = None
            places.append([])
        elif heading in (None, number - 1) or statement.is_row or statement.heading:
            places.append([number - 1])
        else:
            places.append([number - 1, heading])
        if statement.heading and not statement.is_row:
            heading = number
    return places


def most_telling(evidence: Sequence[Evidence]) -> Evidence:
    """The statement nearest to the question that can be read alone: it is whole, and asks nothing itself."""
    return max(evidence, key=worth_quoting)


def worth_quoting(item: Evidence) -> tuple[bool, float]:
    """Sorts statements by how well each would answer: its relevance, less where it is no whole sentence."""
    whole = item.statement.whole or item.statement.is_row
    return not item.statement.asks, item.relevance - (0.0 if whole else _UNFINISHED)


def neighbours(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Statements that follow one another in a passage."""
    return [pair for pair in pairwise(evidence) if pair[0].node is pair[1].node]


def embed(texts: Sequence[str], embedder: Embedder) -> list[Vector]:
    """Vectors of unit length, so that a dot product is a cosine."""
    vectors = np.array(embedder.model.get_text_embedding_batch(list(texts)), dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return list(vectors / np.where(lengths == 0, 1, lengths))


def _share(weights: Mapping[str, float], terms: frozenset[str]) -> float:
    alike = alike_to(terms)
    return sum(
        weight if term in terms else _ALIKE_WEIGHT * weight if term in alike else 0.0
        for term, weight in weights.items()
    )


def _is_text(statement: Statement, node: BaseNode) -> bool:
    headings = str(node.metadata["heading"]).split(SECTION_SEPARATOR)
    return bool(re.search(r"\w", statement.text)) and statement.text not in headings
