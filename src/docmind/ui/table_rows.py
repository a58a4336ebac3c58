"""Rows of a document's tables, which are text whose cells stand apart, as tables."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from docmind.plain_text import readable
from docmind.sentences import CELL
from docmind.ui.text import plain_html

LAID_OUT = Path(__file__).with_name("table_rows.js").read_text(encoding="utf-8")
"""`laidOut(lines)` for the scripts of components: the elements that show what `rows_of` gives."""


def quoted_rows(text: str, quoted: Collection[str]) -> dict[str, Any]:
    """A statement that ends with a quoted row, as the scripts of components take it; a model's own bars are none.

    Args:
        text: The statement.
        quoted: What the documents are quoted with.

    Returns:
        'before', what stands before the row (a bullet, a label), and 'rows', its lines; nothing where there is none.
    """
    row = max((each for each in quoted if each and text.endswith(each)), key=len, default="")
    if CELL not in row:
        return {"before": "", "rows": []}
    return {"before": readable(text.removesuffix(row)), "rows": rows_of(row)}


def rows_of(text: str) -> list[list[str]]:
    """The lines of a text as cells, of which a caption has one; nothing where no line is a row."""
    lines = [[readable(cell.strip()) for cell in line.split(CELL)] for line in text.split("\n") if line.strip()]
    return lines if any(len(cells) > 1 for cells in lines) else []


def quoted_html(text: str) -> str:
    """A quotation for a place that takes HTML: its last row stands in a table, beneath those that name its columns."""
    lines = rows_of(text)
    if not lines:
        return f'<p class="dm-quote">{plain_html(text)}</p>'
    rows = [cells for cells in lines if len(cells) > 1]
    above = "".join(f"<p>{plain_html(cells[0])}</p>" for cells in lines if len(cells) == 1)
    headers = "".join(_row(cells, 'th scope="col"', "th") for cells in rows[:-1])
    return f'<div class="dm-quote">{above}<table>{headers}{_row(rows[-1], "td", "td")}</table></div>'


def _row(cells: list[str], opening: str, closing: str) -> str:
    return "<tr>" + "".join(f"<{opening}>{plain_html(cell)}</{closing}>" for cell in cells) + "</tr>"
