"""Describing: what a document says first, in its own words, and in which language it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from docmind.records import Block

_CHARACTERS = 200  # of a description, at most
_LOOKED_AT = 60  # blocks in which a sentence is looked for; a cover and a table of contents have as many
_WORDS = 8  # a paragraph of fewer is rather a line of an address or a heading that is not marked as one
_SAMPLE = 3000  # characters whose language is told; more make it no surer
_SURE = 0.8  # how likely a language must be; below, short texts and tables are often told wrongly
_LETTERS = 40  # too few to tell a language by


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


def language_of(text: str) -> str | None:
    """The code of the language (ISO 639-1) that a text is written in; None where that is not sure."""
    sample = text[:_SAMPLE]
    if sum(character.isalpha() for character in sample) < _LETTERS:
        return None
    language, likely = _identifier().classify(sample)
    return str(language) if likely >= _SURE else None


@cache
def _identifier() -> Any:
    # Imported when the first document is described: its tables take half a second to unpack.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - see above

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _CHARACTERS:
        return line
    cut = line[: _CHARACTERS - 1]
    # At a space, where there is one: Chinese has none.
    return (cut.rsplit(" ", 1)[0] if " " in cut[_CHARACTERS // 2 :] else cut).rstrip(" ,;:-") + "…"
