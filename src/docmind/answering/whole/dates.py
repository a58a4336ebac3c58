"""Dates as documents write them, each as one spelling that sorts: '2023-01-28', '2023-01', '2023'."""

from __future__ import annotations

import re

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
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


def dates(text: str) -> list[str]:
    """The dates in a text, in its order; a date whose day or month cannot be told for certain gives what can."""
    found: list[tuple[int, str]] = []
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            begin, end = match.span()
            if any(begin < other_end and other_begin < end for other_begin, other_end in taken):
                continue
            taken.append((begin, end))
            found.append((begin, _normal({name: value for name, value in match.groupdict().items() if value})))
    return [date for _, date in sorted(found)]


def _normal(parts: dict[str, str]) -> str:
    if month := parts.get("month"):
        short = month.casefold()[:3]
        parts["number"] = str(next(n for n, name in enumerate(_MONTHS, start=1) if name.startswith(short)))
    known = [parts["year"], *(f"{int(parts[name]):02}" for name in ("number", "day") if name in parts)]
    return "-".join(known)


def date_words(date: str) -> str:
    """A normalised date for people: '28 January 2023'."""
    year, *rest = date.split("-")
    month = [_MONTHS[int(rest[0]) - 1].capitalize()] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join([*day, *month, year])
