"""Tables of a page without lines to go by: which of its lines are rows, told by where their cells stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from docmind.parsing.pdf.lines import Cell, Line

_NUMBER = re.compile(r"^[($€£¥+\-\u2013\u2014\s]*[\d.,]*\d[\d.,]*\s*[)%]*$|^[-\u2013\u2014]$")
# A line that begins with such a part and goes on behind a gap is an item or a clause, not a row.
_LABEL = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivxlc]{1,6})?\W*", re.IGNORECASE)
_LONGEST_CELL = 60  # characters; what is longer and stands alone on its line is prose
_USUAL_CELL = 40  # characters; the cells of prose that is set in columns are longer
_FEWEST_ROWS = 3
_NEAR = 3.0  # points; so far apart, two edges are one column's
_PROSE_SHARE = 0.4  # of cells that begin with a small letter: lines of prose beside one another do
_TIGHT = 0.75  # of the usual distance between rows: a line that is nearer goes on with the row above it


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, or the dash that stands for none."""
    return _NUMBER.match(cell) is not None


def lines_of_tables(lines: Sequence[Line]) -> set[int]:
    """The places of lines that are rows of tables, or parts of rows, as far as their neighbours tell it."""
    return _drawn_by_column(lines) | _aligned(lines)


def rows_of(lines: Sequence[Line]) -> list[list[str]]:
    """The cells of the rows that lines make, whatever order the file draws them in."""
    if sum(abs(down) > abs(across) for across, down in (line.way for line in lines)) > len(lines) / 2:
        return [list(line.cells) for line in lines]  # set sideways: heights mean nothing
    rows: list[_Row] = []
    for line in lines:
        home = next((row for row in rows[::-1] if abs(row.middle - line.middle) < 0.35 * line.height), None)
        if home is not None:
            home.cells.extend(_cells(line))
        else:
            rows.append(_Row(line.middle, _cells(line)))
    rows.sort(key=lambda row: row.middle)
    for row in rows:
        row.cells.sort(key=lambda cell: cell.left)
    return [[cell.text for cell in row.cells] for row in _joined(rows)]


@dataclass(slots=True)
class _Row:
    middle: float
    cells: list[Cell]


def _joined(rows: Sequence[_Row]) -> list[_Row]:
    """The rows, those that only go on with the cells above them joined to these."""
    edge = min(row.cells[0].left for row in rows)
    whole = [row for row in rows if row.cells[0].left < edge + _NEAR]
    usual = median([below.middle - above.middle for above, below in pairwise(whole)] or [0.0])
    joined: list[_Row] = []
    for row in rows:
        near = bool(joined) and row.middle - joined[-1].middle < _TIGHT * usual
        if near and row.cells[0].left >= edge + _NEAR and joined[-1].cells[0].right < row.cells[0].left:
            _go_on(joined[-1], row)
        else:
            joined.append(row)
    return joined


def _go_on(row: _Row, further: _Row) -> None:
    for cell in further.cells:
        above = next((at for at, one in enumerate(row.cells) if abs(one.left - cell.left) < _NEAR), None)
        if above is None:
            row.cells.append(cell)
        else:
            one = row.cells[above]
            row.cells[above] = Cell(f"{one.text} {cell.text}", one.left, max(one.right, cell.right))
    row.cells.sort(key=lambda cell: cell.left)


def _cells(line: Line) -> list[Cell]:
    spans = line.spans or ((line.left, line.right),)
    return [Cell(text, *span) for text, span in zip(line.cells, spans, strict=True)]


def _drawn_by_column(lines: Sequence[Line]) -> set[int]:
    """The places of the cells of tables that a file draws column by column, each cell as a line of its own.

    Such a column is of numbers, below a title at most, and beside lines of the column before it.
    """
    columns: list[list[int]] = []
    for place, line in enumerate(lines):
        goes_down = place > 0 and line.top > lines[place - 1].bottom - 0.5 * line.height
        if len(line.cells) > 1 or len(line.text) > _LONGEST_CELL:
            columns.append([])
        elif columns and columns[-1] and goes_down:
            columns[-1].append(place)
        else:
            columns.append([place])
    found: set[int] = set()
    for before, column in pairwise(columns):
        beside = [place for place in before if any(_at_one_height(lines[place], lines[other]) for other in column)]
        numbers = sum(is_number(lines[place].text) for place in column)
        if numbers >= max(2, len(column) - 1) and len(beside) == len(column):
            found.update(range(beside[0], column[-1] + 1))
    return found


def _at_one_height(line: Line, other: Line) -> bool:
    return abs(line.middle - other.middle) < 0.35 * line.height and line.right < other.left


@dataclass(slots=True)
class _Region:
    """Lines that may be a table: rows of several cells, and lines that go on with a cell of the row above them."""

    places: list[int] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)  # lines that belong to it if a row follows

    def takes(self, cells: Sequence[Cell]) -> bool:
        """Whether a row of these cells goes on with the table: two of them stand below others."""
        known = [cell for row in self.rows for cell in row]
        return sum(any(_below(cell, other) for other in known) for cell in cells) >= 2

    def goes_on_with(self, line: Line) -> bool:
        """Whether a line of one cell may belong to the last row: it begins where a column does."""
        begins = [cell.left for row in self.rows for cell in row]
        return len(line.text) <= _LONGEST_CELL and any(abs(begin - line.left) < _NEAR for begin in begins)

    def is_table(self) -> bool:
        """Whether it is one, and not prose in columns or items behind their bullets."""
        if len(self.rows) < _FEWEST_ROWS:
            return False
        behind = [cell.text for row in self.rows for cell in row[1:]]
        small = sum(text[:1].islower() for text in behind)
        return median(map(len, behind)) <= _USUAL_CELL and small <= _PROSE_SHARE * len(behind)


def _below(cell: Cell, other: Cell) -> bool:
    return abs(cell.left - other.left) < _NEAR or abs(cell.right - other.right) < _NEAR


def _aligned(lines: Sequence[Line]) -> set[int]:
    """The places of lines whose cells stand below one another, three rows at least."""
    found: set[int] = set()
    region = _Region()
    for place, line in enumerate(lines):
        near = place > 0 and -2.5 * line.height < line.top - lines[place - 1].bottom < 2 * line.height
        cells = _cells(line)
        if near and len(cells) == 1 and region.goes_on_with(line):
            region.waiting.append(place)
            if line.left > region.rows[-1][0].right:
                region.places += region.waiting
                region.waiting = []
            continue
        if near and len(cells) > 1 and region.takes(cells):
            region.places += [*region.waiting, place]
            region.rows.append(cells)
            region.waiting = []
            continue
        if region.is_table():
            found.update(region.places)
        is_row = len(cells) > 1 and not (len(cells) == 2 and _LABEL.fullmatch(cells[0].text))
        region = _Region([place], [cells]) if is_row else _Region()
    return found | set(region.places if region.is_table() else ())
