"""Tokens: words, numbers and marks of a sentence with their places, each with what it is compared by."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from docmind.sentences import content_terms, normal_number

Kind = Literal["word", "number", "mark"]

_TOKEN = re.compile(
    r"(?P<currency>US\$|[$£€¥₹])|(?P<number>\d[\d.,]*[½¼¾]?|[½¼¾])(?P<ordinal>st|nd|rd|th)?(?![^\W\d_]{3})"
    r"|(?P<word>[^\W\d_]+\d\w*|[^\W\d_]+(?:['’][^\W\d_]+)*\.?(?:(?<=[A-Z]\.)(?:[A-Z]\.)+)?|\w+)|(?P<mark>[%‰°]|\S)"
)
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)}

_YEARS = range(1000, 2100)


@dataclass(frozen=True, slots=True, eq=False)  # each stands for itself: sentences are read once and kept
class Word:
    """A word, number or mark of a sentence.

    Attributes:
        text: As it is written.
        start: Its first character's place in the sentence.
        end: The place behind its last.
        kind: What it is.
        key: What it is compared by: a stem, or a value.
        keys: All values that a number may have: in 'from 5 to 10 million' the five may be millions.
        unit: What a number counts, where that is a known unit.
        telling: Whether it carries meaning of its own, as names, numbers and content words do.
        name: Whether it is capitalised, which at the beginning of a sentence tells nothing.
        first: Whether it stands at the beginning of the sentence.
        lower: In small letters, with a straight apostrophe.
    """

    text: str
    start: int
    end: int
    kind: Kind
    key: str
    keys: frozenset[str]
    unit: str | None = None
    telling: bool = False
    name: bool = False
    first: bool = False
    lower: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", self.text.casefold().replace("’", "'"))


def pieces(sentence: str) -> Iterator[Word]:
    """The words, numbers and marks of a sentence; a number stands without its unit."""
    first = True
    for found in _TOKEN.finditer(sentence):
        text, kind = found[0], found.lastgroup
        start, end = found.span()
        if found["number"]:
            digits = found["number"].rstrip(".,")
            end = start + len(digits) if digits != found["number"] and not found["ordinal"] else end
            key = _ordinal(int(digits)) if found["ordinal"] and digits.isdigit() else _plain(digits)
            yield Word(sentence[start:end], start, end, "number", key, frozenset((key,)), telling=True, first=first)
            first = False
        elif found["word"]:
            if text.endswith(".") and text.count(".") == 1:
                text, end = text[:-1], end - 1
            yield _word(text, start, end, first)
            first = False
        else:
            yield Word(text, start, end, "mark", text, frozenset((text,)), first=first)
            if kind == "mark" and text in ':“"':
                first = True


def _word(text: str, start: int, end: int, first: bool) -> Word:
    plain = re.sub(r"['’]s$", "", text).replace(".", "")
    lower = plain.casefold().replace("’", "'")
    if lower in _ORDINALS:
        key = _ordinal(_ORDINALS[lower])
        return Word(text, start, end, "word", key, frozenset((key,)), telling=True, first=first)
    terms = [lower] if any(c.isdigit() for c in lower) else content_terms(plain)
    key = content_terms(forms()[lower])[0] if lower in forms() and content_terms(forms()[lower]) else ""
    key = key or (terms[0] if terms else lower)
    own = frozenset((key, *terms[:1]))
    name = plain[:1].isupper() and bool(terms) and (len(plain) > 1 or not first)
    return Word(text, start, end, "word", key, own, telling=bool(terms), name=name, first=first)


def value_of(digits: str) -> float:
    """The value of digits; not a number where they have none, as 4.10.2 has not."""
    fraction = _FRACTIONS.get(digits[-1], 0.0)
    whole = digits.rstrip("½¼¾").replace(",", "").strip(".")
    try:
        return float(whole or 0) + fraction
    except ValueError:
        return float("nan")


def _plain(digits: str) -> str:
    """A number without unit keeps its noughts: section 4.10 is not section 4.1."""
    value = value_of(digits)
    written = normal_number(digits)
    return written if math.isnan(value) or ("." in written and written.endswith("0")) else written_value(value)


def written_value(value: float) -> str:
    """One spelling for one value."""
    return f"{value:.12g}"


def is_year(word: Word) -> bool:
    """Whether a number is a year, as far as one can tell."""
    return word.kind == "number" and word.unit is None and word.text.isdigit() and int(word.text) in _YEARS


def _ordinal(number: int) -> str:
    return f"#{number}"


@cache
def forms() -> dict[str, str]:
    """Irregular forms of verbs, each with its verb."""
    return {form: verb for form, _, verb in (line.partition(" ") for line in lines("forms.txt"))}


def lines(name: str) -> Iterator[str]:
    """The lines of a list in this folder, without its remarks."""
    for line in files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line


def words_in(line: str) -> frozenset[str]:
    """The words of a line, as a set."""
    return frozenset(line.split())
