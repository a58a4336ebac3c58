"""Running heads, running feet and page numbers: what stands on most pages and says nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from docmind.parsing.pdf.lines import Line, Page

_MARGIN = 0.12  # share of the page's height, at the top and at the bottom, where such lines stand
_SHARE = 0.5  # of the pages a line must recur on
_MIN_PAGES = 4  # fewer pages prove nothing
_NUMBER = re.compile(r"\d+")


def drop_repeats(pages: list[Page]) -> list[Page]:
    """Pages without running heads and page numbers.

    Only lines in the margins that are equal on most pages, their page number aside, are dropped. Of a running
    head with words the first occurrence is kept, in case it says something after all.
    """
    written = [page for page in pages if page.lines]
    if len(written) < _MIN_PAGES:
        return pages
    margins = {page.number: _candidates(page) for page in written}
    offset = _page_number_offset(margins)
    keys = {
        number: [(line, _key(line.text, number, offset, len(pages))) for line in lines]
        for number, lines in margins.items()
    }
    counts = Counter(key for lines in keys.values() for key in {key for _, key in lines})
    repeated = {key for key, count in counts.items() if count >= max(_MIN_PAGES - 1, _SHARE * len(written))}
    seen: set[str] = set()
    kept = []
    for page in pages:
        dropped: set[int] = set()
        for line, key in keys.get(page.number, ()):
            if key in repeated and (key in seen or not any(map(str.isalpha, key))):
                dropped.add(id(line))
            seen.add(key)
        kept.append(replace(page, lines=tuple(line for line in page.lines if id(line) not in dropped)))
    return kept


def _candidates(page: Page) -> list[Line]:
    """Lines in the margins, and the lowest line if it is a number: some pages end where their text ends."""
    lowest = max(page.lines, key=lambda line: line.bottom)
    return [
        line
        for line in page.lines
        if line.bottom < page.height * _MARGIN
        or line.top > page.height * (1 - _MARGIN)
        or (line is lowest and line.text.isdigit())
    ]


def _page_number_offset(margins: dict[int, list[Line]]) -> int | None:
    """How far printed page numbers run ahead of the count of pages; None where there are none."""
    offsets: Counter[int] = Counter()
    for number, lines in margins.items():
        printed = {int(digits) for line in lines for digits in _NUMBER.findall(line.text)[:20] if len(digits) < 6}
        offsets.update(value - number for value in printed)
    best = offsets.most_common(1)
    return best[0][0] if best and best[0][1] >= max(_MIN_PAGES - 1, _SHARE * len(margins)) else None


def _key(text: str, number: int, offset: int | None, pages: int) -> str:
    """The line with its page number replaced. Other numbers stay: they are perhaps totals, and differ."""

    def neutral(match: re.Match[str]) -> str:
        value = int(match.group()) if len(match.group()) < 6 else -1
        return "#" if value == pages or (offset is not None and value == number + offset) else match.group()

    return _NUMBER.sub(neutral, " ".join(text.split()).casefold())
