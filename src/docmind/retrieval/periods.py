"""Periods: quarters, half-years, months and days, each in one spelling, in questions and in the names of documents.

'2022-Q2', '2022-H1', '2022-08' and '2022-08-30'. A fiscal year is taken for the year that it is called by, as it is
where the year alone is asked for: the name of a document counts as its company does.
"""

from __future__ import annotations

import re
from typing import Final

from docmind.dates import dates
from docmind.sentences import MONTHS

_PART = (
    r"(?:(?P<{0}kind>[QH])(?P<{0}behind>[1-4])|(?P<{0}before>[1-4])(?P<{0}joined>[QH])"
    r"|(?P<{0}ordinal>first|second|third|fourth|1st|2nd|3rd|4th)[\s-](?:(?:fiscal|financial|calendar)[\s-])?"
    r"(?P<{0}word>quarter|half)(?:[\s-]year)?)"
)
_FISCAL = r"(?:(?:(?:fiscal|financial|calendar)(?:\s+year)?|[FC]Y|year)\s*)"
_YEAR = rf"(?:{_FISCAL}?['’]?(?P<{{0}}year>(?:19|20)\d\d)|(?:[FC]Y\s?['’]?|['’]|(?<=[QH]))(?P<{{0}}short>\d\d))"
_LAST = _YEAR.format("last_")
_FIRST = _YEAR.format("first_")
_PERIOD = re.compile(
    rf"\b(?:{_PART.format('a_')}[\s,-]*(?:(?:of|in|for)\s+)?(?:(?:the|its)\s+)?{_LAST}"
    rf"|{_FIRST}(?:['’]s)?[\s,-]*{_PART.format('b_')})\b",
    re.IGNORECASE,
)
# 'Q2 and Q3 2022': the year is said once for all of them.
_SEVERAL = re.compile(
    r"\b([QH][1-4](?:\s*(?:,|and|or|to|vs\.?|versus|[-–])\s*[QH][1-4])+)\s+(?:of\s+)?((?:19|20)\d\d)\b", re.IGNORECASE
)
_MONTH_NAME = re.compile(rf"\b(?:{MONTHS})\b(?=\W{{0,2}}\s\d)", re.IGNORECASE)
_ORDINALS: Final = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
_CENTURY: Final = "20"
_MONTH: Final = len("2022-08")
_DAY: Final = len("2022-08-30")


def periods(text: str) -> set[str]:
    """The periods that a text names, years alone left out."""
    several = {
        f"{found[2]}-{part.upper()}"
        for found in _SEVERAL.finditer(text)
        for part in re.findall(r"[QHqh][1-4]", found[1])
    }
    # People who ask write 'may 2022'; documents do not.
    days = {date for date in dates(_MONTH_NAME.sub(lambda name: name[0].capitalize(), text)) if len(date) >= _MONTH}
    return several | days | {_spelling(found) for found in _PERIOD.finditer(text)}


def with_months(named: set[str]) -> set[str]:
    """Periods, and the months in which the days among them lie: what is of a day is of its month."""
    return named | {period[:_MONTH] for period in named if len(period) == _DAY}


def _spelling(found: re.Match[str]) -> str:
    said = {name.partition("_")[2]: value for name, value in found.groupdict().items() if value}
    year = said.get("year") or _CENTURY + said["short"]
    kind = (said.get("kind") or said.get("joined") or said["word"])[0].upper()
    number = said.get("behind") or said.get("before") or said["ordinal"].casefold()
    return f"{year}-{'H' if kind == 'H' else 'Q'}{_ORDINALS.get(number, number[0])}"
