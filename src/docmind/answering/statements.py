"""Statements: a passage taken apart into what can be quoted alone, sentences and the rows of tables.

A row tells nothing without its columns, so it carries the table's caption and header. A sentence that a layout broke
over two paragraphs is put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from docmind.sentences import CELL, goes_on, is_closed, is_item, split_sentences
from docmind.tables import caption_of, header_rows, is_caption, names_columns

_WHOLE = re.compile(r"[.!…。\uff01]\W*$")
_ASKS = re.compile(r"[?\uff1f]\W*$")
# What refers to the sentence before it, and is hard to read without it: 'Today, this is known as', 'of these drugs'.
_REFERS_BACK = re.compile(
    r"\W*(?:\w+, )?(?:it|its|they|their|them|he|his|him|she|her|this|these|those|both|such)\b"
    r"|.*?\b(?:at|by|for|from|in|of|to|with) (?:this|these|those)\b",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED_CAPTION = re.compile(r"\W*(?:table|figure|fig\.|chart) \d+(?:[.-]\d+)*\s*[:.–—](?!\d)", re.IGNORECASE)
_NUMBERED = re.compile(rf"{_NUMBERED_CAPTION.pattern}\s*", re.IGNORECASE)
_HEADING_WORDS = 8


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, an item of a list or a row of a table.

    Attributes:
        text: As it stands in the passage; the line breaks that a layout put into a sentence are spaces.
        lead: Of a row: the caption and the header of its table, a line each; otherwise ''.
        heading: Whether it is only a heading, or the caption or header of a table: it states nothing.
    """

    text: str
    lead: str = ""
    heading: bool = False

    @property
    def read_alone(self) -> str:
        """It as it can be read without its passage: a row with the caption and header of its table, a line each."""
        return f"{self.lead}\n{self.text}" if self.lead else self.text

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return CELL in self.text

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return is_item(self.text)

    @property
    def whole(self) -> bool:
        """Whether it ends as a sentence does."""
        return bool(_WHOLE.search(self.text))

    @property
    def asks(self) -> bool:
        """Whether it is a question itself."""
        return bool(_ASKS.search(self.text))

    @property
    def refers_back(self) -> bool:
        """Whether a word of it stands for something in the sentence before."""
        return bool(_REFERS_BACK.match(self.text))


NOTHING = Statement("")
"""The statement of what stands in no passage."""


def statements_of(passage: str, head: str = "") -> list[Statement]:
    """The statements of a passage, in reading order.

    Args:
        passage: Its text.
        head: Where it begins inside a table: the caption and the header of that table, a line each.
    """
    found: list[Statement] = []
    for part in _mended(re.split(r"\n{2,}", passage)):
        lines = [line for line in part.split("\n") if line.strip()]
        if not any(CELL in line for line in lines):
            found.extend(_statement(sentence) for sentence in _captions_whole(split_sentences(part)))
        elif head and not found:
            found.extend(Statement(line, lead=head) if CELL in line else _statement(line) for line in lines)
        else:
            if found and _heads_a_table(found[-1]):
                found[-1] = replace(found[-1], heading=True)
            found.extend(_table(lines, [told.text for told in found[-2:]]))
    return found


def _mended(parts: list[str]) -> Iterator[str]:
    """Paragraphs, with those put together that a layout broke in the middle of a sentence."""
    open_part = ""
    for part in parts:
        if open_part and goes_on(open_part, part):
            open_part += " " + part.lstrip()
            continue
        if open_part:
            yield open_part
        open_part = part
    if open_part:
        yield open_part


def _captions_whole(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences, with 'Table 3.' and what it is called in one."""
    number = ""
    for sentence in sentences:
        if _NUMBERED.fullmatch(sentence) and not number:
            number = sentence
            continue
        yield f"{number} {sentence}" if number else sentence
        number = ""
    if number:
        yield number


def _statement(sentence: str) -> Statement:
    labelled = ":" in sentence or any(character.isdigit() for character in sentence)
    heading = not (labelled or is_closed(sentence) or is_item(sentence))
    heading = heading and len(sentence.split()) <= _HEADING_WORDS
    return Statement(sentence, heading=heading or bool(_NUMBERED_CAPTION.match(sentence)))


def _heads_a_table(above: Statement) -> bool:
    """Whether the statement right above a table only says what that shows: a line that ends as no sentence does."""
    return not (above.whole or above.is_item) and is_caption(above.text)


def _table(lines: list[str], before: list[str]) -> Iterator[Statement]:
    over = list(before)  # the lines above the rows, as far as they can be a caption
    above = caption_of(over)
    header: list[str] = []
    for number, line in enumerate(lines):
        if CELL not in line:
            over.append(line)
            above = caption_of(over[-2:]) or line
            told = _statement(line)
            yield replace(told, heading=told.heading or (number < len(lines) - 1 and _heads_a_table(told)))
        elif (not header and _begins_a_header(lines[number:])) or line in header:
            header = header or header_rows(lines[number:]) or [line]
            yield Statement(line, heading=True)
        else:
            yield Statement(line, lead="\n".join(filter(None, (above, *header))))


def _begins_a_header(rows: list[str]) -> bool:
    """Whether the first of the rows names columns; one that nothing follows only where it has several."""
    row, below = rows[0], next(iter(rows[1:]), "")
    return bool(below or row.count(CELL) > 1) and names_columns(row, below)
