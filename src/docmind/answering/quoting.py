"""Quoting: where a model is only trusted to point, what is shown are the document's own letters.

A small model miscopies: it drops a 'not', it rounds a number. So what it wrote only says which statement it meant. That
one is printed as it stands, with the one beside it where it cannot be read alone, or where both are about as near.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docmind.answering.evidence import Evidence, embed, neighbours, worth_quoting
from docmind.answering.expected import depends_on_a_case, does_what_is_asked_for, has_what_is_asked_for
from docmind.answering.refusal import role_defined
from docmind.embeddings import Embedder
from docmind.sentences import CELL

# What the model wrote decides between statements that are about as near to the question. A weight of 0.4 or more made
# the small starter choose worse than none at all.
_MEANT_WEIGHT = 0.1
# A neighbour that is the next best, and nearly as good, belongs to the quotation.
_NEARLY_AS_GOOD = 0.2
_WHICH = re.compile(r"\b(?:which|what) (\w+)", re.IGNORECASE)
# A statement without a thing of the kind that is asked for.
_LACKED_KIND = 0.3
_LACKED_DEED = 0.25  # without the verb of a question 'who does it'
_IN_A_CASE = 0.5  # a statement that holds in a case only, of which the question says nothing
_SPEAKS_OF_IT = 0.5  # the same of a next sentence that refers to the best one: 'Today, this is known as'
_SEVERAL = 2  # figures in a row, of which nobody knows which one is asked for
_ADDS = 0.1  # of the weight of the question's words


@dataclass(frozen=True, slots=True)
class Quotation:
    """One statement of a passage, or two that follow one another, in their order.

    Attributes:
        parts: The statements.
        best: The one that was chosen.
    """

    parts: tuple[Evidence, ...]
    best: Evidence

    @property
    def evidence(self) -> Evidence:
        """All of it as one piece of evidence, which can be cited."""
        return replace(self.best, text=" ".join(part.text for part in self.parts))


def choose(question: str, written: str, evidence: Sequence[Evidence], embedder: Embedder) -> list[Quotation]:
    """The quotations that answer best, at most two, the best first.

    Headings tell nothing, nor does a row of several figures whose columns nobody names: none of them is chosen.

    Args:
        question: What was asked.
        written: What the model wrote; '' where it wrote nothing.
        evidence: The statements that it was given.
        embedder: Compares meanings.
    """
    candidates = [item for item in evidence if _tells(item)]
    if not candidates:
        return []
    meant = embed([written], embedder)[0] if written.strip() else None
    scores = {
        id(item): worth_quoting(item)[1]
        + (_MEANT_WEIGHT * float(meant @ item.vector) if meant is not None else 0.0)
        + role_defined(question, item)
        - (0.0 if has_what_is_asked_for(question, item.quoted) else _LACKED_KIND)
        - (0.0 if does_what_is_asked_for(question, item.terms) else _LACKED_DEED)
        - (_IN_A_CASE if depends_on_a_case(question, item.text) else 0.0)
        - (1.0 if item.statement.asks else 0.0)
        for item in evidence
    }
    ranked = sorted(candidates, key=lambda item: -scores[id(item)])
    best, *others = ranked
    pairs = [
        pair
        for pair in neighbours(evidence)
        if any(item is best for item in pair)
        and _belong_together(question, *pair, best=best, scores=scores, next_best=next(iter(others), best))
    ]
    parts = max(pairs, key=lambda pair: sum(scores[id(item)] for item in pair)) if pairs else (best,)
    others = [item for item in others if all(item is not part for part in parts)]
    return [Quotation(parts, best), *(Quotation((item,), item) for item in others[:1])]


def _tells(item: Evidence) -> bool:
    """Whether a statement can be an answer at all: a heading tells nothing, nor does a row of several figures whose
    columns nobody names. 'Rent | 950' names itself what it tells."""
    statement = item.statement
    if not statement.is_row:
        return not statement.heading
    figures = sum(any(character.isdigit() for character in cell) for cell in statement.text.split(CELL))
    return CELL in statement.lead or figures < _SEVERAL


def of_each_document(question: str, evidence: Sequence[Evidence]) -> list[Quotation]:
    """Who has the role that a question asks for in each of several documents that say so; nothing where one does.

    Args:
        question: What was asked: 'Who is the landlord?' of three contracts.
        evidence: The statements of the passages.
    """
    found: dict[str | None, Quotation] = {}
    for item in sorted(evidence, key=lambda item: -item.relevance):
        if role_defined(question, item):
            found.setdefault(item.node.ref_doc_id, Quotation((item,), item))
    return list(found.values()) if len(found) > 1 else []


def _belong_together(
    question: str,
    before: Evidence,
    after: Evidence,
    *,
    best: Evidence,
    scores: Mapping[int, float],
    next_best: Evidence,
) -> bool:
    """Whether the best statement is quoted with the one beside it."""
    if any(item.statement.is_row or item.statement.heading for item in (before, after)):
        return False
    if after is best and (best.statement.refers_back or _says_only_what_kind(question, best)):
        return True
    # 'It was opened in 1962' goes with the sentence that says what was, where it holds more of what was asked for.
    if before is best and after.statement.refers_back and after.shared + after.before >= best.shared + _ADDS:
        return True
    other = after if before is best else before
    within = _SPEAKS_OF_IT if other is after and after.statement.refers_back else _NEARLY_AS_GOOD
    return other is next_best and scores[id(other)] >= scores[id(best)] - within


def _says_only_what_kind(question: str, item: Evidence) -> bool:
    """Whether 'which town' is answered by 'The town', whose name stands in the sentence before."""
    return any(re.match(rf"\W*the {re.escape(kind)}\b", item.text, re.IGNORECASE) for kind in _WHICH.findall(question))
