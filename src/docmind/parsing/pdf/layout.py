"""Lines of a page into headings, paragraphs, lists and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from docmind.parsing.pdf import tables
from docmind.parsing.pdf.lines import Line, Page, compact
from docmind.records import Block, BlockKind, Locator

_BULLET = re.compile(
    r"(?:[•‣▪◦●○■□➢✓·\uf0b7\uf0a7]|[-\u2013\u2014*](?=\s)|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s))\s*"
)
_ENDS = (".", "!", "?", ":", ";", ".”", '."', ".)", "”", "。")
_LONGEST_HEADING = 250


@dataclass(slots=True)
class _Run:
    """Consecutive lines that make one block."""

    kind: BlockKind
    level: int
    lines: list[Line]


def blocks_of(page: Page, headings: Mapping[int, int], outline: Mapping[str, int], words: Counter[str]) -> list[Block]:
    """The blocks of a page, in PDFium's reading order.

    Args:
        page: The lines.
        headings: Which of the lines are headings, by what they look like: place -> level.
        outline: Headings known to stand on this page: compact text -> level.
        words: How often the document uses each word, casefolded; tells hyphens that stay from those that go.
    """
    if not page.lines:
        return []
    body = median(line.height for line in page.lines)
    usual_gap = _usual_gap(page.lines, body)
    runs: list[_Run] = []
    cells = tables.lines_of_tables(page.lines)
    for place, line in enumerate(page.lines):
        kind, level = _classify(line, headings.get(place), outline, is_cell=place in cells)
        if runs and _continues(runs[-1], kind, level, line, body, usual_gap):
            runs[-1].lines.append(line)
        else:
            head = _table_head(runs, line, body) if kind == "table" else []
            runs.append(_Run(kind, level, [*head, line]))
    locator = Locator(page=page.number, page_label=page.label or None)
    return [block for block in _join_items([_block(run, locator, words) for run in runs]) if block.text]


def _table_head(runs: list[_Run], line: Line, body: float) -> list[Line]:
    """Take the column titles that stand right above a table out of the block they were taken for."""
    head: list[Line] = []
    below = line
    while runs and runs[-1].kind in ("paragraph", "heading") and len(head) < 4:
        above = runs[-1].lines[-1]
        if len(above.cells) < 2 or not -body < below.top - above.bottom < body:
            break
        head.insert(0, above)
        below = above
        runs[-1].lines.pop()
        if not runs[-1].lines:
            runs.pop()
    return head


def _classify(line: Line, looks: int | None, outline: Mapping[str, int], *, is_cell: bool) -> tuple[BlockKind, int]:
    """What a line is; `looks` is the level of the heading that it looks like."""
    if is_cell:
        return "table", 0
    level = outline.get(compact(line.text)) or looks
    bullet = _BULLET.match(line.text)
    if level and not (bullet and not bullet.group()[0].isascii()):
        return "heading", level
    numbers = sum(tables.is_number(cell) for cell in line.cells)
    if len(line.cells) >= 4 or (len(line.cells) == 3 and numbers >= 2):
        return "table", 0
    return ("list" if bullet else "paragraph"), 0


def _continues(run: _Run, kind: BlockKind, level: int, line: Line, body: float, usual_gap: float) -> bool:
    """Whether a line goes on with the block before it."""
    last = run.lines[-1]
    if kind == run.kind == "table":
        return True
    if kind == run.kind == "heading":
        near = -0.5 * line.height < line.top - last.bottom < 0.8 * line.height
        return near and level == run.level and abs(line.height - last.height) < 0.15 * last.height
    starts_item = bool(_BULLET.match(line.text))
    if run.kind == "list" and kind in ("list", "paragraph"):
        if starts_item and kind == "list":
            return bool(_BULLET.fullmatch(last.text))  # the bullet alone on its line, then the item
        hanging = line.left > run.lines[0].left + 3 and not last.text.endswith(_ENDS)
        return hanging and line.top >= last.top - body and line.top - last.bottom < 1.5 * body
    return kind == run.kind == "paragraph" and _same_paragraph(run, last, line, body, usual_gap)


def _same_paragraph(  # noqa: PLR0911 - a ladder of rules, the first that fits counts
    run: _Run, last: Line, line: Line, body: float, usual_gap: float
) -> bool:
    ended = last.text.endswith(_ENDS) and not last.hyphenated
    goes_on = last.hyphenated or (not ended and line.text[:1].islower())
    if abs(line.middle - last.middle) < 0.4 * body:  # pieces of one line, or a raised number
        return True
    if (len(last.cells) > 1) != (len(line.cells) > 1):  # the head of a table next to running text
        return False
    if line.top < last.top - body:  # up again: the next column, or a box next to it
        return goes_on
    if not 0.8 < line.height / max(last.height, 0.1) < 1.25:
        return False
    if line.top - last.bottom > usual_gap + 0.45 * body:
        return goes_on and line.top - last.bottom < usual_gap + body
    if ended and line.left > last.left + 0.8 * body:  # first line of a paragraph, set in
        return False
    edge = max(one.right for one in (*run.lines, line))
    if ended and last.right < edge - 0.12 * (edge - last.left):  # it stopped before the edge
        return False
    return not (line.text[:1].isupper() and last.right < edge - 0.3 * (edge - last.left))  # far before the edge


def _usual_gap(lines: Sequence[Line], body: float) -> float:
    gaps = [after.top - before.bottom for before, after in pairwise(lines)]
    near = [gap for gap in gaps if -0.6 * body < gap < 1.5 * body]
    return median(near) if near else 0.0


def _block(run: _Run, locator: Locator, words: Counter[str]) -> Block:
    if run.kind == "table":
        rows = tables.rows_of(run.lines)
        if (len(rows) > 1 and any(len(row) > 1 for row in rows)) or len(rows[0]) > 2:
            return Block("\n".join(" | ".join(row) for row in rows), "table", 0, locator)
    text = _join(run.lines, words)
    if run.kind == "heading" and len(text) <= _LONGEST_HEADING:
        return Block(text, "heading", run.level, locator)
    return Block(text, "list" if run.kind == "list" else "paragraph", 0, locator)


def _join(lines: Sequence[Line], words: Counter[str]) -> str:
    """Lines into running text; a hyphen at a line's end goes unless the document writes the word with it."""
    text = lines[0].text
    for before, line in pairwise(lines):
        if not before.hyphenated:
            text += " " + line.text
            continue
        first = text.rsplit(maxsplit=1)[-1].casefold()
        second = line.text.split(maxsplit=1)[0].casefold()
        both = compact(first) + compact(second)
        stays = words[f"{first}-{second}"] > words[both] or not (first[-1:].isalpha() and second[:1].isalpha())
        stays = stays or not line.text[:1].islower()
        text += ("-" if stays else "") + line.text
    return text + ("-" if lines[-1].hyphenated else "")


def _join_items(blocks: list[Block]) -> list[Block]:
    """Neighbouring list items make one list, one item a line; raised numbers left over make one paragraph."""
    joined: list[Block] = []
    for kind, group in groupby(blocks, key=lambda block: "stray" if len(block.text) < 4 else block.kind):
        members = list(group)
        if kind == "list":
            joined.append(Block("\n".join(member.text for member in members), "list", 0, members[0].locator))
        elif kind == "stray":
            joined.append(Block(" ".join(member.text for member in members), "paragraph", 0, members[0].locator))
        else:
            joined.extend(members)
    return joined
