"""Headings of a PDF: the lines that say what the text below them is about, and how they rank.

A PDF does not tell its headings, so they are known by how they look: larger or bolder than the running text of the
whole document (a single page may hold nothing but a table in small type), short, and alone on their line. What looks so
and names nothing is left out: lines that return page after page, dates and periods above columns, rows and labels of
tables, lines of a contents page, and styles in which whole paragraphs are set.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from docmind.parsing.pdf.lines import Line, Page, compact

_LONGEST: Final = 120  # characters; a longer line is a sentence
_LARGER: Final = 1.12  # times the height of running text
_TIERS: Final = (_LARGER, 1.3, 1.6)
# What begins with a kind and a number ranks by that; notes are held by any larger heading.
_NAMED_RANKS: Final = {
    "part": 0, "exhibit": 0, "annex": 1, "appendix": 1, "chapter": 1, "schedule": 1, "item": 2, "article": 3,
    "note": 50,
}  # fmt: skip
_CAPITALS: Final = 60
_BOLD: Final = 70
_DEEPEST: Final = 6
# A line that stands on so many pages is furniture; 'Overview' may well head several chapters.
_FURNITURE_SHARE: Final = 0.1
_FURNITURE_PAGES: Final = 3
_LINES_OF_A_HEADING: Final = 4  # more lines in one style, one below the other, are a paragraph
_TEXT_SHARE: Final = 0.5  # of the lines of a style stand in paragraphs: it is a style of text
_RUNNING: Final = 40  # characters, from which a line without gaps counts as running text
_DIGIT = re.compile(r"\d")
_NUMBERING = re.compile(
    r"(?:(?:part|item|note|section|article|chapter|appendix|annex|schedule|exhibit|table|figure)\s+)?"
    r"(?:\d{1,3}[a-z]?(?:\.\d{1,3})*|[ivxlc]{1,6}|[a-z])[.):]?",
    re.IGNORECASE,
)
# 'Item 8. Statements' and 'NOTE 5', but not 'Item 8 of this report', which goes on with a small letter.
_NAMED_NUMBER = re.compile(
    rf"(?i:(?P<kind>{'|'.join(_NAMED_RANKS)}|section)\s+(?:\d[\w.]*|[ivxlc]+\b|[a-z]\b))(?P<rest>\W*(?:[^\Wa-z]|$))?"
)
_DECIMAL = re.compile(r"\d{1,3}((?:\.\d{1,3})+)\.?\s")
_TO_A_PAGE = re.compile(r".{3,}(?:\s|\.{2,})\s*\d{1,3}$")
_AMOUNT = re.compile(r"[$€£¥%]|\d[.,]\d{3}|\d{5}")
_WORDS_BEFORE_A_STOP: Final = 3  # fewer in capitals are the end of a sentence: '... by the PCAOB.'
_ENDS_NO_HEADING: Final = (",", ";", ":", "-")
# What stands above columns of numbers and tells only of when: 'Years ended December 31', 'As of June 30, 2023'.
_PERIOD = re.compile(
    r"(?>\b(?:for|as|at|of|the|and|to|in|on|ended|ending|fiscal|full|first|second|third|fourth|three|six|nine|twelve|"
    r"years?|quarters?|months?|weeks?|periods?|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|q[1-4]|fy|change|versus|vs|total|unaudited|\d+)\b\W*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Style:
    """How a line looks: height of its font in half points, weight, and whether it is all in capitals."""

    height: float
    bold: bool
    capitals: bool


def heading_levels(pages: Sequence[Page]) -> Mapping[int, Mapping[int, int]]:
    """Page number -> place of a line on it -> level of the heading that it belongs to, from 1, the highest.

    Args:
        pages: All pages, with their lines in reading order.
    """
    body = _running_text(pages)
    often = max(_FURNITURE_PAGES, _FURNITURE_SHARE * len(pages))
    seen = Counter(key for page in pages for key in {_alike(line.text) for line in page.lines})
    styles_of_text = _styles_of_text(pages)
    found: dict[int, list[_Heading]] = {}
    for page in pages:
        here = Counter(_alike(line.text) for line in page.lines)
        furniture = {name for name, count in here.items() if count > 1 or seen[name] > often}
        for begin, run in _runs(page.lines, furniture):
            style = _style(run[0])
            if not _stands_out(style, body) or style in styles_of_text:
                continue
            if _runs_on(page.lines, begin + len(run)):
                continue
            for start, lines in _headings_in(begin, run, style):
                if not any(_beside_others(page.lines, start + at) for at in range(len(lines))):
                    text = " ".join(line.text for line in lines)
                    found.setdefault(page.number, []).append(_Heading(start, len(lines), _rank(text, style, body)))
    return _ranked(found, len(pages))


@dataclass(frozen=True, slots=True)
class _Heading:
    """Where a heading stands on its page, and what sorts it among others, the highest first."""

    place: int
    lines: int
    rank: int


def _runs(lines: Sequence[Line], furniture: Set[str]) -> Iterator[tuple[int, list[Line]]]:
    """Lines of one style that stand one right below the other, with the place of the first; none that is furniture."""
    run: list[Line] = []
    for place, line in enumerate(lines):
        told = _alike(line.text) not in furniture
        begins = not told or _NAMED_NUMBER.match(line.text.strip()) is not None  # 'PART I', and below it 'Item 1'
        if run and (begins or not (_style(line) == _style(run[-1]) and _near(run[-1], line))):
            yield place - len(run), run
            run = []
        if told:
            run.append(line)
    if run:
        yield len(lines) - len(run), run


def _near(above: Line, line: Line) -> bool:
    """Whether a line stands right below another."""
    return -0.5 * line.height < line.top - above.bottom < 0.8 * line.height


def _runs_on(lines: Sequence[Line], after: int) -> bool:
    """Whether the text of a run goes on in another style: a paragraph that begins with its own title."""
    if after >= len(lines):
        return False
    return _near(lines[after - 1], lines[after]) and lines[after].text.strip()[:1].islower()


def _headings_in(begin: int, run: list[Line], style: _Style) -> Iterator[tuple[int, list[Line]]]:
    """A run that is one heading, or those of its lines that are one each."""
    text = " ".join(line.text.strip() for line in run)
    if len(run) <= _LINES_OF_A_HEADING and all(_alone(line) for line in run) and _may_name(text, style):
        yield begin, run
        return
    if len(run) > _LINES_OF_A_HEADING:
        return
    for at, line in enumerate(run):
        goes_on = at + 1 < len(run) and run[at + 1].text.strip()[:1].islower()
        if _alone(line) and _may_name(line.text.strip(), style) and not goes_on:
            yield begin + at, [line]


def _style(line: Line) -> _Style:
    letters = [letter for letter in line.text if letter.isalpha()]
    capitals = len(letters) > 3 and not any(letter.islower() for letter in letters)
    return _Style(round(line.height * 2) / 2, line.bold, capitals)


def _running_text(pages: Sequence[Page]) -> _Style:
    """The style of most of the document's letters."""
    count: Counter[_Style] = Counter()
    for page in pages:
        for line in page.lines:
            if len(line.cells) == 1 and len(line.text) >= _RUNNING:
                count[_style(line)] += len(line.text)
    if not count:
        count.update(_style(line) for page in pages for line in page.lines)
    return max(count, key=lambda style: (count[style], style.height), default=_Style(0.0, bold=False, capitals=False))


def _styles_of_text(pages: Sequence[Page]) -> set[_Style]:
    """The styles in which most lines stand in paragraphs, one below the other."""
    lines: Counter[_Style] = Counter()
    in_paragraphs: Counter[_Style] = Counter()
    for page in pages:
        for style, run in groupby(page.lines, _style):
            length = sum(1 for _ in run)
            lines[style] += length
            in_paragraphs[style] += length if length > _LINES_OF_A_HEADING else 0
    return {style for style, count in lines.items() if in_paragraphs[style] > _TEXT_SHARE * count}


def _stands_out(style: _Style, body: _Style) -> bool:
    larger = style.height > _LARGER * body.height
    as_large = style.height > body.height / _LARGER
    return larger or (as_large and ((style.bold and not body.bold) or (style.capitals and not body.capitals)))


def _may_name(text: str, style: _Style) -> bool:
    """Whether these words can be a heading's."""
    letters = sum(map(str.isalpha, text))
    named = _NAMED_NUMBER.match(text)
    numbered = named is not None and named["rest"] is not None
    ends_well = numbered or (style.capitals and len(text.split()) >= _WORDS_BEFORE_A_STOP)
    return (
        len(text) <= _LONGEST
        and letters >= 3
        and letters * 2 >= len(text.replace(" ", ""))
        and (text[0].isupper() or text[0].isdigit() or not (text[0].isascii() or text[0].islower()))
        and not text.endswith(_ENDS_NO_HEADING)
        and not (named and not numbered)
        and not (text.endswith(".") and not ends_well)
        and not _AMOUNT.search(text)
        and not _PERIOD.fullmatch(text)
        and (numbered or not _TO_A_PAGE.fullmatch(text))
        and not text.startswith("/s/")
    )


def _alone(line: Line) -> bool:
    """Whether a line is in one piece, its number aside."""
    return len(line.cells) == 1 or (len(line.cells) == 2 and _NUMBERING.fullmatch(line.cells[0].strip()) is not None)


def _beside_others(lines: Sequence[Line], place: int) -> bool:
    """Whether a line is a part of a table: something stands beside it, or it is right below a row."""
    line = lines[place]
    beside = any(
        abs(other.middle - line.middle) < 0.5 * line.height and not _NUMBERING.fullmatch(other.text.strip())
        for at, other in enumerate(lines)
        if at != place
    )
    above = lines[place - 1] if place else None
    below_a_row = above is not None and not _alone(above) and -line.height < line.top - above.bottom < line.height
    return beside or below_a_row


def _alike(text: str) -> str:
    """A line as it is told from others: numbers of pages and years make no difference."""
    return _DIGIT.sub("0", compact(text))


def _ranked(found: Mapping[int, Sequence[_Heading]], pages: int) -> Mapping[int, Mapping[int, int]]:
    """Levels without gaps, out of the ranks that occur."""
    on_pages: dict[int, set[int]] = defaultdict(set)
    for number, headings in found.items():
        for heading in headings:
            on_pages[heading.rank].add(number)
    # What is on the cover alone names the document and not what follows, so that any later heading ends it.
    cover = {rank for rank, on in on_pages.items() if on == {1}} if pages > _FURNITURE_PAGES else set()
    level = {rank: number for number, rank in enumerate(sorted(on_pages.keys() - cover), start=1)}
    return {
        number: {
            heading.place + at: min(_DEEPEST, level.get(heading.rank, _DEEPEST))
            for heading in headings
            for at in range(heading.lines)
        }
        for number, headings in found.items()
    }


def _rank(text: str, style: _Style, body: _Style) -> int:
    """What sorts a heading: parts before items, larger letters, capitals, bold ones, and how deep its number is."""
    if named := _NAMED_NUMBER.match(text):
        kind = named["kind"].casefold()
        if kind != "section":
            return _NAMED_RANKS[kind]
    larger = sum(style.height > share * body.height for share in _TIERS)
    decimal = _DECIMAL.match(text)
    depth = decimal[1].count(".") if decimal else 0
    if larger:
        return 10 * (len(_TIERS) - larger) + 20 + depth
    return (_CAPITALS if style.capitals else _BOLD) + depth
