"""Quotations found again: where in a document one stands, whatever became of line breaks, hyphens and quotation marks.

Letters, digits and punctuation must be the document's own. Offsets are always those of the original text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+")
_MOST_PARTS = 20
_MOST_SPREAD = 50  # times a quotation's length that it takes up in the document, with its white space
_MOST_COMPARED = 50_000_000  # characters of occurrences inside words; only forged quotations have more
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
    """Where a quotation stands: at its place, over the break to the next one, or part by part; () where it does not.

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
    return _in_lines(quote, alone, passage) or _in_sentences(quote, alone, passage)


def search(quote: str, sections: Sequence[Section]) -> tuple[Span, ...]:
    """The first place in a whole document where a quotation stands, over a break perhaps; () where it does not."""
    return _in_run(quote, sections, "", inside_words=False)


def stands_at(quote: str, spans: Sequence[Span], sections: Sequence[Section]) -> bool:
    """Whether those spans hold the quotation, whatever its line breaks, hyphens and quotation marks."""
    texts = {section.locator: section.text for section in sections}
    most = len(quote) * _MOST_SPREAD + _MOST_SPREAD
    parts = []
    for span in spans:
        text = texts.get(span.locator, "")
        most -= span.end - span.start
        # Forged spans may be a million times the whole document.
        if not 0 <= span.start < span.end <= len(text) or most < 0:
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
    wanted, spelt = plain(quote), _spelt(tuple(run))
    near = max(0, spelt.text.find(plain(passage)))
    starts = (_find(wanted, spelt.text, begin) for begin in ((near, 0) if near else (0,)))
    start = next((start for start in starts if start >= 0), -1)
    if start < 0 and wanted and inside_words:
        start = spelt.text.find(wanted)
    return _spans(run, spelt, start, len(wanted)) if start >= 0 else ()


def _in_lines(quote: str, run: Sequence[Section], passage: str) -> tuple[Span, ...]:
    """Where each line of a quotation stands: a row of a table, after its caption and the headers of its columns."""
    lines = [line for line in quote.split("\n") if line.strip()]
    if not 1 < len(lines) <= _MOST_PARTS:
        return ()
    found = [_in_run(line, run, passage, inside_words=False) for line in lines]
    return tuple(span for spans in found for span in spans) if all(found) else ()


def _in_sentences(quote: str, run: Sequence[Section], passage: str) -> tuple[Span, ...]:
    """Where the sentences of a quotation stand, one after the other: a heading may stand between them."""
    parts = [part for part in _SENTENCE_END.split(quote.strip()) if part.strip()]
    if not 1 < len(parts) <= _MOST_PARTS:
        return ()
    spelt = _spelt(tuple(run))
    position = max(0, spelt.text.find(plain(passage)))
    spans: list[Span] = []
    first = 0
    while first < len(parts):
        for last in range(len(parts), first, -1):
            wanted = plain(" ".join(parts[first:last]))
            if (start := _find(wanted, spelt.text, position)) >= 0:
                spans += _spans(run, spelt, start, len(wanted))
                first, position = last, start + len(wanted)
                break
        else:
            return ()
    return tuple(spans)


@lru_cache(maxsize=4)
def _spelt(run: tuple[Section, ...]) -> _Plain:
    """The text of sections in one spelling; kept, because many quotations are looked for in one document."""
    return _Plain(BETWEEN_BLOCKS.join(section.text for section in run))


def _spans(run: Sequence[Section], spelt: _Plain, start: int, length: int) -> tuple[Span, ...]:
    return tuple(_cut(run, spelt.origin(start), spelt.origin(start + length - 1) + 1))


def _cut(run: Sequence[Section], begin: int, end: int) -> Iterator[Span]:
    """The parts of a stretch of neighbouring sections that lie in each."""
    offset = 0
    for section in run:
        first, last = max(begin - offset, 0), min(end - offset, len(section.text))
        if first < last:
            yield Span(section.locator, first, last)
        offset += len(section.text) + len(BETWEEN_BLOCKS)


def _find(wanted: str, text: str, begin: int) -> int:
    """The first whole occurrence from a position on; -1 where there is none."""
    start = text.find(wanted, begin) if wanted else -1
    for _ in range(_MOST_COMPARED // max(1, len(wanted))):
        if start < 0 or _is_whole(text, start, start + len(wanted)):
            return start
        start = text.find(wanted, start + 1)
    return -1


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch of text begins and ends with its words and numbers: 'rent is 90.' is not in 'rent is 90.50'."""
    neighbours = (text[max(0, start - 1) : start + 1], text[end - 1 : end + 1])
    beyond = (text[max(0, start - 2) : start + 1], text[max(0, end - 2) : end + 1])
    return not (any(map(_WORD_CUT.fullmatch, neighbours)) or any(map(_NUMBER_CUT.fullmatch, beyond)))
