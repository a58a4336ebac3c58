"""Describing: what a document says first, in its own words, and in which language it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from docmind.languages import language_of
from docmind.records import Block

_CHARACTERS = 200  # of a description, at most
_LOOKED_AT = 60  # blocks in which a sentence is looked for; a cover and a table of contents have as many
_WORDS = 8  # a paragraph of fewer is rather a line of an address or a heading that is not marked as one


def described(blocks: Sequence[Block]) -> tuple[str, str | None]:
    """A document's first words, and the code of its language (ISO 639-1), or None where it cannot be told."""
    texts = [block.text for block in blocks if block.kind in ("paragraph", "list")]
    words = first_words(texts) or _shortened(" ".join(block.text for block in blocks[:_LOOKED_AT]))
    return words, language_of(" ".join(texts or (block.text for block in blocks)))


def first_words(paragraphs: Iterable[str]) -> str:
    """The first paragraph that is a sentence, cut where it is long; the first one at all where none is."""
    first = ""
    for number, text in enumerate(paragraphs):
        if number == _LOOKED_AT:
            break
        line = " ".join(text.split())
        first = first or line
        if len(line.split()) >= _WORDS and re.search(r"[.!?。؟।:](\s|$)", line):
            return _shortened(line)
    return _shortened(first)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _CHARACTERS:
        return line
    cut = line[: _CHARACTERS - 1]
    # At a space, where there is one: Chinese has none.
    return (cut.rsplit(" ", 1)[0] if " " in cut[_CHARACTERS // 2 :] else cut).rstrip(" ,;:-") + "…"
