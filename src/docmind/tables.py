"""Tables as text: rows are lines, cells stand apart, and the first rows name the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from docmind.sentences import CELL

_YEAR = re.compile(r"\W*(?:FY\s?)?(?:1[5-9]|20)\d\d\W*")
# '30 Sept 2025', 'Q3 2025', 'Year ended December 31, 2023', '31.12.2023'.
_DATE = re.compile(
    r"\W*(?:(?:[QH][1-4]|\d{1,2}|[^\W\d_]+)[\W_]+){1,6}(?:1[5-9]|20)\d\d\W*"
    r"|\W*(?:\d\d?([./-])\d\d?\1(?:\d\d)?\d\d|(?:1[5-9]|20)\d\d([./-])\d\d?\2\d\d?)\W*"
)
_MOST_HEADER_ROWS = 3
CAPTION_WORDS = 25
"""What stands above a table and has more words is a paragraph, not its caption."""


def names_columns(row: str) -> bool:
    """Whether most cells of a row are words, years or dates: a header, as far as one can tell from the text.

    A single date is what a row tells ('Begins | 1 March 2024'); two of them are the columns' periods.
    """
    cells = [cell for cell in row.split(CELL) if cell.strip()]
    worded = sum(bool(_YEAR.fullmatch(cell)) or not any(character.isdigit() for character in cell) for cell in cells)
    dates = sum(bool(_DATE.fullmatch(cell)) for cell in cells)
    return (worded + (dates if dates > 1 else 0)) * 3 >= 2 * len(cells)


def header_rows(rows: Sequence[str]) -> list[str]:
    """The rows at the top of a table that name its columns: the first such row, and rows of years right below it."""
    if len(rows) < 2 or not names_columns(rows[0]):
        return []
    return [rows[0], *takewhile(_names_years, rows[1:_MOST_HEADER_ROWS])]


def _names_years(row: str) -> bool:
    """Whether a row is one of years: '($ in millions) | 2023 | 2022'."""
    cells = [cell for cell in row.split(CELL) if any(character.isdigit() for character in cell)]
    return bool(cells) and all(_YEAR.fullmatch(cell) for cell in cells)


def is_caption(line: str) -> bool:
    """Whether what stands right above a table can be its caption: short, and no row."""
    return 0 < len(line.split()) <= CAPTION_WORDS and CELL not in line
