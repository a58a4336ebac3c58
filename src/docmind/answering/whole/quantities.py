"""Quantities: numbers with their units in a sentence, and exact arithmetic with them, in the words of their sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from docmind.answering.proof.words import read

_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "INR": "₹"}
_SCALES = (("trillion", Decimal("1e12")), ("billion", Decimal("1e9")), ("million", Decimal("1e6")),
           ("thousand", Decimal("1e3")))  # fmt: skip
_TIMES = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a sentence.

    Attributes:
        value: What it is, scales like 'million' reckoned in.
        unit: What it counts, where that is a known unit: 'USD', '%', 'km'.
        text: As it is written.
        start: Its first character's place in the sentence.
        end: The place behind its last.
        noun: The word behind it, where it has no unit: 'tackles'.
    """

    value: Decimal
    unit: str | None
    text: str
    start: int
    end: int
    noun: str = ""

    @property
    def scale(self) -> str:
        """'million' where it is written so; '' for none."""
        return next((name for name, _ in _SCALES if re.search(rf"\b{name}\b", self.text, re.IGNORECASE)), "")


def quantities(sentence: str) -> list[Quantity]:
    """The numbers of a sentence that count or measure something; years, clause numbers and days of dates do not."""
    words = [word for word in read(sentence) if word.text.strip()]
    found = []
    for at, word in enumerate(words):
        if word.kind != "number":
            continue
        try:
            value = Decimal(word.key)
        except InvalidOperation:
            continue
        if word.unit is None and _PART_OF_A_NAME.search(sentence[: word.start]):
            continue
        before = words[at - 1].lower if at else ""
        after = words[at + 1] if at + 1 < len(words) else None
        if word.first and after is not None and after.text[:1].isupper() and re.fullmatch(r"[\d.]+", word.text):
            continue  # '2.1 The rent is ...'
        if before in _MONTHS or before in _NUMBERED or (after is not None and after.lower in _MONTHS):
            continue
        noun = after.text if after is not None and after.kind == "word" and after.telling and not word.unit else ""
        quantity = Quantity(value, word.unit, word.text, word.start, word.end, noun)
        if not _YEAR.fullmatch(word.text) or word.unit or _counts_what_follows(before, noun):
            found.append(quantity)
    return found


_MONTH_NAMES = """
january february march april june july august september october november december jan feb mar apr jun jul aug sep sept
oct nov dec
"""
_MONTHS = frozenset(_MONTH_NAMES.split())
_WHAT_IS_NUMBERED = "page section clause chapter item note number no no. article part form figure table rule act"
_NUMBERED = frozenset(_WHAT_IS_NUMBERED.split())


_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_PART_OF_A_NAME = re.compile(r"(?:[A-Z][.\-\u2010\u2011]?|[a-z][\-\u2010\u2011])$")  # 'X.25', 'MP3', 'Covid-19'
# 'in 2000 people moved'; and of what is no person 'the 1901 census', 'of 1945 letters'.
_LEADS_TO_A_YEAR = "in since by until till during before after"
_MAY_LEAD_TO_A_YEAR = "the a an this that its their each every of from between and to"
_BEFORE_ANY_YEAR = frozenset(_LEADS_TO_A_YEAR.split())
_BEFORE_A_YEAR = _BEFORE_ANY_YEAR | frozenset(_MAY_LEAD_TO_A_YEAR.split())
_PERSONS = re.compile(
    r"people|persons|children|(?:wo)?men|soldiers|employees|workers|students|pupils|members|residents|inhabitants|"
    r"visitors|players|voters|passengers|patients|guests|volunteers"
)
_PLURAL = re.compile(r"[a-z]+[^aius\W]s")


def _counts_what_follows(before: str, noun: str) -> bool:
    """Whether a number that may be a year counts: '2000 soldiers', but neither 'the 1901 census' nor '2012 season'."""
    if _PERSONS.fullmatch(noun):
        return before not in _BEFORE_ANY_YEAR
    return bool(_PLURAL.fullmatch(noun)) and before not in _BEFORE_A_YEAR


def comparable(first: Quantity, second: Quantity) -> bool:
    """Whether two numbers may be subtracted: both have the same unit, or both count without one."""
    return first.unit == second.unit


def written(value: Decimal, unit: str | None, scale: str = "") -> str:
    """A value as people write it: '25', '$1.5 million', '12.5%'."""
    factor = next((factor for name, factor in _SCALES if name == scale), Decimal(1))
    shown = _plain(value / factor)
    sign, digits = ("-", shown[1:]) if shown.startswith("-") else ("", shown)
    scaled = f" {scale}" if scale else ""
    if unit == "%":
        return f"{sign}{digits}%"
    if unit in _SYMBOLS:
        return f"{sign}{_SYMBOLS[unit]}{digits}{scaled}"
    plural = f"{unit}s" if unit in _TIMES and value != 1 else unit or ""
    return f"{sign}{digits}{scaled}{f' {plural}' if plural else ''}"


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half up, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
