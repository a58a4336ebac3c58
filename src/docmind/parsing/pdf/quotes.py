"""Finds a quotation in a page's characters, whatever happened to its spaces, hyphens and line breaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby

_SHORTEST = 2  # letters and digits; less would be found anywhere
_SHORTEST_BEGINNING = 24  # letters and digits of a sentence's beginning that are believed to be it
_ALIKE = 0.75  # share of the quotation that must be found for a near match
_SPREAD = 1.6  # a near match may stretch over this many times the quotation's length
_LONGEST = 20_000  # characters of a quotation that are looked for


def find_quote(characters: Sequence[str], quote: str) -> list[tuple[int, int]]:
    """Where the quotation stands, as (start, length) in `characters`; empty when it is not there."""
    page, origins = _normalise(characters)
    wanted, _ = _normalise(quote[:_LONGEST])
    if len(wanted) < _SHORTEST:
        return []
    start = _whole(characters, page, origins, wanted)
    if start >= 0:
        first, last = origins[start], origins[start + len(wanted) - 1]
        return [(first, last - first + 1)]
    return _near(characters, quote[:_LONGEST], len(wanted)) or _beginning(page, origins, wanted)


def _normalise(characters: Sequence[str]) -> tuple[str, list[int]]:
    """Letters and digits, decomposed and casefolded, and the index each came from."""
    kept: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(characters):
        if character.isascii():
            if character.isalnum():
                kept.append(character.lower())
                origins.append(index)
            continue
        for part in unicodedata.normalize("NFKD", character).casefold():
            if part.isalnum():
                kept.append(part)
                origins.append(index)
    return "".join(kept), origins


def _whole(characters: Sequence[str], page: str, origins: list[int], wanted: str) -> int:
    """The first exact match; one that does not start or end inside a word or number is better."""
    first = start = page.find(wanted)
    while start >= 0 and len(wanted) < 30:
        begin, end = origins[start], origins[start + len(wanted) - 1]
        before = characters[begin - 1] if begin else " "
        after = characters[end + 1] if end + 1 < len(characters) else " "
        if not (before[:1].isalnum() or after[:1].isalnum()):
            return start
        start = page.find(wanted, start + 1)
    return first if len(wanted) >= 8 else start


def _beginning(page: str, origins: list[int], wanted: str) -> list[tuple[int, int]]:
    """As much of a quotation's beginning as stands on the page: its sentence may go on on the next one."""
    shortest = max(_SHORTEST_BEGINNING, len(wanted) // 4)
    start = page.find(wanted[:shortest]) if len(wanted) > shortest else -1
    if start < 0:
        return []
    length = next((i for i, pair in enumerate(zip(page[start:], wanted, strict=False)) if pair[0] != pair[1]), None)
    last = start + (min(len(page) - start, len(wanted)) if length is None else length) - 1
    return [(origins[start], origins[last] - origins[start] + 1)]


def _words(characters: Sequence[str]) -> list[tuple[str, int, int]]:
    """Words in normal form with their first and last index."""
    words: list[tuple[str, int, int]] = []
    for inside, run in groupby(range(len(characters)), key=lambda index: characters[index].isalnum()):
        if inside:
            indexes = list(run)
            first, last = indexes[0], indexes[-1]
            words.append((_normalise(characters[first : last + 1])[0], first, last))
    return words


def _near(characters: Sequence[str], quote: str, wanted_length: int) -> list[tuple[int, int]]:
    """The best near match, as (start, length) of its parts; empty when none is good enough."""
    there = _words(characters)
    here = [word for word, _, _ in _words(quote)]
    matcher = SequenceMatcher(None, [word for word, _, _ in there], here, autojunk=False)
    matches = [match for match in matcher.get_matching_blocks() if match.size]
    best: list[tuple[int, int]] = []
    best_found = 0
    for start in range(len(matches)):
        chosen: list[tuple[int, int]] = []
        found = 0
        for match in matches[start:]:
            if match.a + match.size - matches[start].a > _SPREAD * len(here) + 4:
                break
            words = there[match.a : match.a + match.size]
            chosen.append((words[0][1], words[-1][2] - words[0][1] + 1))
            found += sum(len(word) for word, _, _ in words)
        if found > best_found:
            best, best_found = chosen, found
    return best if len(here) >= 4 and best_found >= _ALIKE * wanted_length else []
