"""Text that nobody vouches for, so that what is shown of it is what stands there."""

from __future__ import annotations

import re
import unicodedata

# Control characters; what UTF-8 and XML cannot hold; and what has letters and digits run the other way: '900' reads
# '009' after it. White space stays.
_MISLEADS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202d\u202e\ufffe\uffff\ud800-\udfff]")
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_DIRECTIONS = re.compile("[\u202a-\u202c\u2066-\u2069]")


def readable(text: str) -> str:
    """A text in which nothing steers a terminal or turns what stands behind it around.

    Control characters and those that reverse letters become replacement characters; an embedding of another direction
    that a text opens ends with it.
    """
    text = _MISLEADS.sub("\N{REPLACEMENT CHARACTER}", text)
    open_ones: list[str] = []
    for mark in _DIRECTIONS.findall(text):
        if mark in _OPENS:
            open_ones.append(_OPENS[mark])
        elif open_ones and open_ones[-1] == mark:
            open_ones.pop()
    return text + "".join(reversed(open_ones))


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, with '…' as the last of one that is cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def apart(text: str) -> str:
    """A readable text that keeps its direction to itself: what stands beside a name in Arabic keeps its place."""
    text = readable(text)
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text
