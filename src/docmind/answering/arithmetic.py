"""Arithmetic: where a question needs a sum, a difference, a ratio or a growth, its numbers are found and we compute.

A model's own reckoning is never shown. Both numbers are cited; where either cannot be told for certain, because several
sentences say different ones, nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from docmind.answering.citations import AnswerSentence, Citation, cite
from docmind.answering.evidence import Evidence
from docmind.answering.whole.quantities import Quantity, comparable, quantities, rounded, written
from docmind.sentences import content_terms

Operation = Literal["difference", "change", "growth", "sum", "ratio", "share", "average"]

NOT_COMPUTED = (
    "This needs a calculation, and I did not find both of its numbers with certainty, so nothing was computed. The "
    "nearest passages are shown instead."
)

_COMPARATIVE = r"(?:more|less|fewer|higher|lower|larger|longer|greater|older|taller|bigger|cheaper|dearer)"
_PERCENT = r"(?:percent(?:age)?|per cent|%)"
_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    ("growth", rf"\b{_PERCENT}\s+(?:change|increase|decrease|growth|rise|decline)\b|\bgrowth rate\b"),
    ("growth", rf"\bby (?:what|how many) {_PERCENT}"),
    ("share", r"\bwhat (?:percentage|share|proportion|per cent|percent) of\b"),
    ("ratio", r"\bratio (?:of|between)\b|\bhow many times (?:as|more|larger|higher|bigger|greater)\b"),
    ("average", r"\b(?:average|mean) (?:of|between)\b"),
    ("change", r"\bhow (?:much|many|far)\b.*\b(?:did|has|have|was|were)\b.*\bfrom\b.*\bto\b"),
    ("change", r"\bchange in\b.*\bfrom\b.*\bto\b"),
    ("difference", rf"\bdifference (?:between|in|of)\b|\bby how (?:much|many)\b|\bhow (?:much|many) {_COMPARATIVE}\b"),
    ("sum", r"\b(?:sum|total) of\b|\b(?:in total|altogether|combined|taken together|added (?:up|together))\b"),
)
_ASKING = re.compile(
    r"\b(?:what|which|how|much|many|is|was|are|were|the|difference|sum|total|ratio|average|mean|percentage|percent|"
    r"change|increase|decrease|growth|rate|altogether|combined|together|taken|added|up|calculate|compute|by|in|of|"
    r"more|less|fewer|higher|lower|larger|longer|greater|older|taller|bigger|cheaper|dearer|times|share|proportion|"
    r"did|does|do|has|have|had|rise|rose|grow|grew|fall|fell|drop|dropped|decline|declined|far|as)\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"\s(?:did|does|do|was|were|is|are|has|have|had|will)\s")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_OF = re.compile(r"\s(?:of|for|in|at)\s")
_ENOUGH = 0.5  # share of the words around both numbers that a source has, in its sentence or its headings
_TIE = 0.01


@dataclass(frozen=True, slots=True)
class Calculation:
    """What a question wants computed.

    Attributes:
        operation: How.
        first: Words that only the first number is about.
        second: Words that only the second is about.
        common: Words that both are about.
    """

    operation: Operation
    first: frozenset[str]
    second: frozenset[str]
    common: frozenset[str]


@dataclass(frozen=True, slots=True)
class Computed:
    """A result: the calculation as a sentence, and the places of its numbers."""

    sentence: AnswerSentence
    citations: tuple[Citation, ...]


def calculation_of(question: str) -> Calculation | None:
    """What a question wants computed of which two numbers; None where it wants nothing of the kind."""
    text = question.strip().rstrip("?.! ")
    operation = next((name for name, form in _OPERATIONS if re.search(form, text, re.IGNORECASE)), None)
    pair = _pair(text) if operation else None
    if operation is None or pair is None:
        return None
    first, second, around = pair
    one, other, common = _terms(first), _terms(second), _terms(around)
    for told_by in (_years, _names):
        if told_by(first) and told_by(second) and told_by(first) != told_by(second):
            # 'revenue in 2022 than in 2021', 'did Ann earn than Bob': only the years, only the names differ.
            common |= (one | other) - told_by(first) - told_by(second)
            one, other = told_by(first), told_by(second)
            break
    else:
        if not _OF.search(first) and (whose := _OF.search(second)):  # 'the rent and the deposit of the shop'
            common |= _terms(second[whose.start() :])
    common |= one & other
    one, other = one - common, other - common
    if not one or not other or one == other:
        return None
    return Calculation(operation, frozenset(one), frozenset(other), frozenset(common - one - other))


# The two things that a question is about, and where the words around them stand.
_PAIRS = (
    r"(?P<around>.*)\bbetween (?P<first>.+?) and (?P<second>.+)$",
    r"(?P<around>.*)\bfrom (?P<first>.+?) to (?P<second>.+)$",
    rf"\b{_COMPARATIVE}\b(?P<first>.+?)\bthan\b(?P<second>.+)$",
    rf"\b(?:share|proportion|{_PERCENT}) of (?P<second>.+?) (?:is|was|were|are) (?P<first>.+)$",
    r"\b(?:sum|total|ratio|average|mean) of (?P<first>.+?) (?:and|to) (?P<second>.+)$",
    r"(?P<first>.+?) and (?P<second>.+?)(?: (?:in total|altogether|combined|taken together|together).*)?$",
)


def _pair(text: str) -> tuple[str, str, str] | None:
    """The two things that a question is about, and the words around them."""
    for form in _PAIRS:
        if found := re.search(form, text, re.IGNORECASE):
            second, *rest = _VERB.split(found["second"], maxsplit=1) if "than" in form else [found["second"]]
            around = found.groupdict().get("around") or " ".join(rest)
            return found["first"], second, around
    return None


def _terms(text: str) -> set[str]:
    return set(content_terms(_ASKING.sub(" ", text)))


def _names(text: str) -> set[str]:
    return {term for word in re.findall(r"(?<=\w )[A-Z][\w’'-]+|^\s*[A-Z][\w’'-]+", text) for term in _terms(word)}


def _years(text: str) -> set[str]:
    return set(_YEAR.findall(text))


def compute(calculation: Calculation, evidence: Sequence[Evidence]) -> Computed | None:
    """The result, with both places; None where either number cannot be told for certain.

    Args:
        calculation: What is wanted.
        evidence: Sentences of the documents.
    """
    first = _operand(calculation.first, calculation.second, calculation.common, evidence)
    second = _operand(calculation.second, calculation.first, calculation.common, evidence)
    if first is None or second is None:
        return None
    (one, one_at), (other, other_at) = first, second
    if one_at is other_at and one.start == other.start:
        return None  # one number cannot be both
    if not comparable(one, other):
        return None
    text = _worked_out(calculation.operation, one, other)
    if text is None:
        return None
    sources = [one_at] if one_at is other_at else [one_at, other_at]
    citations = cite(sources)
    return Computed(AnswerSentence(text, True, 1.0, tuple(citation.n for citation in citations)), citations)


def _operand(
    own: frozenset[str], others: frozenset[str], common: frozenset[str], evidence: Sequence[Evidence]
) -> tuple[Quantity, Evidence] | None:
    """The one number that the evidence has for an operand; None where there is none, or several differ."""
    found: list[tuple[float, Quantity, Evidence]] = []
    for item in evidence:
        known = item.terms | item.context
        if not own <= known:
            continue
        covered = len(common & known) / len(common) if common else 1.0
        if covered < _ENOUGH:
            continue
        if quantity := _quantity(item, own, others):
            found.append((covered, quantity, item))
    if not found:
        return None
    best = max(covered for covered, _, _ in found)
    nearest = [(quantity, item) for covered, quantity, item in found if covered >= best - _TIE]
    if len({(quantity.value, quantity.unit) for quantity, _ in nearest}) != 1:
        return None
    return nearest[0]


def _quantity(item: Evidence, own: frozenset[str], others: frozenset[str]) -> Quantity | None:
    """The number of a sentence that belongs to some words of it; None where that is not plain."""
    here = quantities(item.text)
    counted = [quantity for quantity in here if quantity.noun and set(content_terms(quantity.noun)) & own]
    if len(counted) == 1:
        return counted[0]
    if len(here) == 1 and not others & item.terms:
        return here[0]
    mine, theirs = _place(item.text, own), _place(item.text, others)
    if len(here) == 2 and mine is not None and theirs is not None and comparable(*here):
        return here[0] if mine < theirs else here[1]  # 'A and B were 5 and 7', '5 in 2021 and 7 in 2022'
    return None


def _place(text: str, terms: frozenset[str]) -> int | None:
    """Where the first of some words stands in a text."""
    for word in re.finditer(r"\w[\w’'-]*", text):
        if set(content_terms(word.group())) & terms:
            return word.start()
    return None


def _worked_out(operation: Operation, one: Quantity, other: Quantity) -> str | None:
    """The calculation and its result; None where it would divide by nought."""
    scale = one.scale if one.scale == other.scale else ""

    def said(value: Decimal) -> str:
        return written(value, one.unit, scale)

    first, second = said(one.value), said(other.value)
    divisor = one.value if operation == "growth" else other.value
    if operation in ("growth", "share", "ratio") and not divisor:
        return None
    match operation:
        case "sum":
            worked = f"{first} + {second} = {said(one.value + other.value)}"
        case "difference":
            more, less = (first, second) if one.value >= other.value else (second, first)
            worked = f"{more} - {less} = {said(abs(one.value - other.value))}"
        case "change":
            worked = f"{second} - {first} = {said(other.value - one.value)}"
        case "average":
            worked = f"({first} + {second}) / 2 = {said(rounded((one.value + other.value) / 2))}"
        case "growth":
            percent = rounded((other.value - one.value) / one.value * 100)
            worked = f"({second} - {first}) / {first} = {written(percent, '%')}"
        case "share":
            worked = f"{first} / {second} = {written(rounded(one.value / other.value * 100), '%')}"
        case "ratio":
            worked = f"{first} / {second} = {written(rounded(one.value / other.value), None)}"
    return worked
