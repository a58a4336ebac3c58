"""Tables as text: rows are lines, cells stand apart, and the first rows name the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from docmind.sentences import CELL

_YEAR = re.compile(r"\W*(?:FY\s?)?(?:1[5-9]|20)\d\d\W*")
# '30 Sept 2025', 'Q3 2025', 'Year ended December 31, 2023', '31.12.2023'; 'CHF 1950' is none.
_TELLS_TIME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|[qh][1-4]\b|year|month|quarter|week|half|period|ended)"
    r"|\d[./-]\d",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\W*(?:(?:[QH][1-4]|\d{1,2}|[^\W\d_]+)[\W_]+){1,6}(?:1[5-9]|20)\d\d\W*"
    r"|\W*(?:\d\d?([./-])\d\d?\1(?:1[5-9]|20)\d\d|(?:1[5-9]|20)\d\d([./-])\d\d?\2\d\d?)\W*"
)
# 'December 31,' where the year stands in the row below.
_DAY = re.compile(r"\W*[^\W\d_]{3,9}\.?\s\d{1,2},?\W*")
_SENTENCE = re.compile(r"[.!?;:]\W*$")
_BRACKETED = re.compile(r"\s*\(.{1,80}\)\s*")
_MOST_HEADER_ROWS = 3
CAPTION_WORDS = 25
"""What stands above a table and has more words is a paragraph, not its caption."""


def names_columns(row: str, below: str = "") -> bool:
    """Whether most cells of a row are words, years or dates: a header, as far as one can tell from the text.

    Dates name columns where there are two of them and figures below, no dates: of 'Spring term | 8 January 2025 |
    28 March 2025' they are what the row tells.

    Args:
        row: A row, its cells apart.
        below: The next row of the table; '' where there is none.
    """
    cells = [cell for cell in row.split(CELL) if cell.strip()]
    worded = sum(bool(_YEAR.fullmatch(cell)) or not any(character.isdigit() for character in cell) for cell in cells)
    if worded * 3 >= 2 * len(cells):
        return True
    if below and _names_years(below) and (worded + sum(map(_is_day, cells))) * 3 >= 2 * len(cells):
        return True
    dates = sum(map(_is_date, cells))
    under = below.split(CELL)[1:]
    named = dates > 1 and any(character.isdigit() for character in "".join(under)) and not any(map(_is_date, under))
    return named and (worded + dates) * 3 >= 2 * len(cells)


def _is_day(cell: str) -> bool:
    return bool(_TELLS_TIME.search(cell) and _DAY.fullmatch(cell))


def _is_date(cell: str) -> bool:
    return bool(_TELLS_TIME.search(cell) and _DATE.fullmatch(cell))


def header_rows(rows: Sequence[str]) -> list[str]:
    """The rows at the top of a table that name its columns: the first such row, and rows of years right below it."""
    if len(rows) < 2 or not names_columns(rows[0], rows[1]):
        return []
    return [rows[0], *takewhile(_names_years, rows[1:_MOST_HEADER_ROWS])]


def _names_years(row: str) -> bool:
    """Whether a row is one of years: '($ in millions) | 2023 | 2022'."""
    cells = [cell for cell in row.split(CELL) if any(character.isdigit() for character in cell)]
    return bool(cells) and all(_YEAR.fullmatch(cell) for cell in cells)


def caption_of(above: Sequence[str]) -> str:
    """The caption in the lines above a table, '' where there is none: the last one, behind its title where it is units.

    'Consolidated balance sheets' and '(in millions)' are one caption, a line each.
    """
    *before, last = above or [""]
    if not is_caption(last):
        return ""
    titled = before and _BRACKETED.fullmatch(last) and is_caption(before[-1]) and not _SENTENCE.search(before[-1])
    return f"{before[-1]}\n{last}" if titled else last


def is_caption(line: str) -> bool:
    """Whether what stands right above a table can be its caption: short, and no row."""
    return 0 < len(line.split()) <= CAPTION_WORDS and CELL not in line
