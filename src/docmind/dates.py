"""Dates as documents write them, each as one spelling that sorts: '2023-01-28', '2023-01', '2023'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docmind.sentences import MONTHS

_MONTHS = tuple(MONTHS.casefold().split("|"))
_MONTH = r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|" \
         r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"  # fmt: skip
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"\b(?P<year>1[5-9]\d\d|20\d\d)-(?P<number>0[1-9]|1[0-2])-(?P<day>[12]\d|3[01]|0[1-9])\b",
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
        r"\b(?P<day>1[3-9]|2\d|3[01])[./](?P<number>0?[1-9]|1[0-2])[./](?P<year>1[5-9]\d\d|20\d\d)\b",
        rf"\b{_MONTH},?\s+{_YEAR}\b",
        r"\b(?:in|since|until|during|from|by|of|year|before|after|late|early|mid)[ -](?P<year>1[5-9]\d\d|20\d\d)\b",
    )
)
# Those that leave the year out; nothing but a proof of words needs them.
_WITHOUT_YEAR = tuple(
    re.compile(form) for form in (rf"\b{_MONTH}\s+{_DAY}\b(?![.,:]?\d)", rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?!\w)")
)


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in a text.

    Attributes:
        begin: The first character's place in the text.
        end: The place behind the last.
        parts: What is known of 'day', 'number' (of the month) and 'year'.
        places: Where in the text each of them stands, as the month stands for its number.
    """

    begin: int
    end: int
    parts: Mapping[str, int]
    places: Mapping[str, tuple[int, int]]


def dates(text: str) -> list[str]:
    """The dates in a text, in its order; a date whose day or month cannot be told for certain gives what can."""
    return [_normal(found.parts) for found in sorted(_found(text, _FORMS), key=lambda found: found.begin)]


def dates_in(text: str) -> list[DateFound]:
    """The dates in a text with their places, in its order; years alone are none, days and months without a year are."""
    found = [each for each in _found(text, (*_FORMS, *_WITHOUT_YEAR)) if "number" in each.parts]
    return sorted(found, key=lambda each: each.begin)


def _found(text: str, forms: tuple[re.Pattern[str], ...]) -> Iterator[DateFound]:
    taken: list[tuple[int, int]] = []
    for form in forms:
        for match in form.finditer(text):
            begin, end = match.span()
            if any(begin < other_end and other_begin < end for other_begin, other_end in taken):
                continue
            taken.append((begin, end))
            groups = [name for name, value in match.groupdict().items() if value]
            named = {("number" if name == "month" else name): name for name in groups}  # a month stands for its number
            parts = {part: _value(name, match[name]) for part, name in named.items()}
            yield DateFound(begin, end, parts, {part: match.span(name) for part, name in named.items()})


def _value(name: str, written: str) -> int:
    if name != "month":
        return int(written)
    short = written.casefold()[:3]
    return next(n for n, month in enumerate(_MONTHS, start=1) if month.startswith(short))


def month_name(number: int) -> str:
    """The month of that number in the year, in small letters."""
    return _MONTHS[number - 1]


def _normal(parts: Mapping[str, int]) -> str:
    return "-".join([str(parts["year"]), *(f"{parts[name]:02}" for name in ("number", "day") if name in parts)])


def date_words(date: str) -> str:
    """A normalised date for people: '28 January 2023'."""
    year, *rest = date.split("-")
    month = [_MONTHS[int(rest[0]) - 1].capitalize()] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join([*day, *month, year])
