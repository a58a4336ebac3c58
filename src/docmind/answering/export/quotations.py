"""Quotations found again: where in a document one stands, whatever became of line breaks, hyphens and quotation marks.

Letters, digits and punctuation must be the document's own. Offsets are always those of the original text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docmind.records import Locator, ParsedDocument

BETWEEN_BLOCKS = "\n\n"
"""Stands between two blocks in the text of a section; offsets count it."""

# By their codes, because many of them look like one another.
_SPELLINGS = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
# A hyphen between two letters may come from a line's end; between digits it is a minus or 'to', and stays.
_DIFFERENCE = re.compile(
    r"(?P<hyphen>(?<=[^\W\d_])[-\u2010\u2011\u00ad]\s*(?=[^\W\d_]))|(?P<space>\s{2,}|[^\S ])"
    f"|[{''.join(_SPELLINGS)}]"
)

# What an edge would cut in two.
_WORD_CUT = re.compile(r"\w\w")
_NUMBER_CUT = re.compile(r"\d[.,]\d")


@dataclass(frozen=True, slots=True)
class Section:
    """The text of one place of a document: a page, or the whole document where its format has no places."""

    locator: Locator
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quotation, or a part of one, stands: characters `start` to `end` (exclusive) of a section's text."""

    locator: Locator
    start: int
    end: int


def sections_of(parsed: ParsedDocument) -> tuple[Section, ...]:
    """A document's text by place, in reading order: the blocks of a place, parted by an empty line."""
    texts: dict[Locator, list[str]] = {}
    for block in parsed.blocks:
        texts.setdefault(block.locator, []).append(block.text)
    return tuple(Section(locator, BETWEEN_BLOCKS.join(parts)) for locator, parts in texts.items())


def locate(
    quote: str, sections: Sequence[Section], locator: Locator, passage: str = "", *, inside_words: bool = False
) -> tuple[Span, ...]:
    """Where a quotation stands: at its place, over the break to the next one, or line by line; () where it does not.

    Args:
        quote: The quotation.
        sections: The document.
        locator: Where it should stand.
        passage: The text around it, which tells one of several equal sentences from the others.
        inside_words: Whether it may begin or end inside a word, where it stands nowhere else.
    """
    at = next((number for number, section in enumerate(sections) if section.locator == locator), None)
    if at is None:
        return ()
    alone = sections[at : at + 1]
    neighbours = [sections[at : at + 2], sections[max(0, at - 1) : at + 1]] if len(sections) > 1 else []
    for run in (alone, *neighbours):
        if spans := _in_run(quote, run, passage, inside_words):
            return spans
    # A row of a table may be quoted with the headers of its columns, which stand elsewhere on the page.
    lines = [line for line in quote.splitlines() if line.strip()]
    found = [_in_run(line, alone, passage, inside_words) for line in lines] if len(lines) > 1 else [()]
    return tuple(span for spans in found for span in spans) if all(found) else ()


def search(quote: str, sections: Sequence[Section]) -> tuple[Span, ...]:
    """The first place in a whole document where a quotation stands, over a break perhaps; () where it does not."""
    runs: Iterable[Sequence[Section]] = ([section] for section in sections)
    for run in (*runs, *pairwise(sections)):
        if spans := _in_run(quote, run, "", inside_words=False):
            return spans
    return ()


def stands_at(quote: str, spans: Sequence[Span], sections: Sequence[Section]) -> bool:
    """Whether those spans hold the quotation, whatever its line breaks, hyphens and quotation marks."""
    texts = {section.locator: section.text for section in sections}
    parts = []
    for span in spans:
        text = texts.get(span.locator, "")
        if not 0 <= span.start < span.end <= len(text):
            return False
        parts.append(text[span.start : span.end])
    return bool(parts) and plain(BETWEEN_BLOCKS.join(parts)) == plain(quote)


def plain(text: str) -> str:
    """A text in the spelling in which quotations are compared."""
    return _Plain(text.strip()).text


class _Plain:
    """A text in one spelling, and where its characters stood before."""

    def __init__(self, original: str) -> None:
        parts: list[str] = []
        self._here, self._there = [0], [0]  # from the first offset on, both texts run alike until the next pair
        here = there = 0
        for difference in _DIFFERENCE.finditer(original):
            parts.append(original[there : difference.start()])
            here += difference.start() - there
            if difference["hyphen"] is not None:
                spelt = ""
            else:
                spelt = " " if difference["space"] is not None else _SPELLINGS[difference[0]]
            parts.append(spelt)
            self._note(here, difference.start())
            here, there = here + len(spelt), difference.end()
            self._note(here, there)
        parts.append(original[there:])
        self.text = "".join(parts)

    def origin(self, offset: int) -> int:
        """Where the character at an offset stood in the original text."""
        number = bisect_right(self._here, offset) - 1
        return self._there[number] + offset - self._here[number]

    def _note(self, here: int, there: int) -> None:
        self._here.append(here)
        self._there.append(there)


def _in_run(quote: str, run: Sequence[Section], passage: str, inside_words: bool) -> tuple[Span, ...]:
    """Where a quotation stands in neighbouring sections, taken as one text."""
    wanted = plain(quote)
    text = BETWEEN_BLOCKS.join(section.text for section in run)
    spelt = _Plain(text)
    start = _find(wanted, spelt.text, max(0, spelt.text.find(plain(passage))), inside_words)
    if start < 0:
        return ()
    begin, end = spelt.origin(start), spelt.origin(start + len(wanted) - 1) + 1
    return tuple(_cut(run, begin, end))


def _cut(run: Sequence[Section], begin: int, end: int) -> Iterator[Span]:
    """The parts of a stretch of neighbouring sections that lie in each."""
    offset = 0
    for section in run:
        first, last = max(begin - offset, 0), min(end - offset, len(section.text))
        if first < last:
            yield Span(section.locator, first, last)
        offset += len(section.text) + len(BETWEEN_BLOCKS)


def _find(wanted: str, text: str, near: int, inside_words: bool) -> int:
    """The first whole occurrence from a position on, then from the start; -1 where there is none."""
    if not wanted:
        return -1
    for begin in (near, 0) if near else (0,):
        start = text.find(wanted, begin)
        while start >= 0:
            if _is_whole(text, start, start + len(wanted)):
                return start
            start = text.find(wanted, start + 1)
    return text.find(wanted) if inside_words else -1


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch of text begins and ends with its words and numbers: 'rent is 90.' is not in 'rent is 90.50'."""
    neighbours = (text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
    beyond = (text[max(0, start - 2) : start + 1], text[max(0, end - 2) : end + 1])
    return not (any(map(_WORD_CUT.fullmatch, neighbours)) or any(map(_NUMBER_CUT.fullmatch, beyond)))
