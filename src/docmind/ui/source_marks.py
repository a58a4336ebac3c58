"""Marks that open sources, in answers and analyses alike: pointed at, they show the sentence of their source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docmind.answering.citations import Citation
from docmind.plain_text import readable

_here = Path(__file__)
MARKS = _here.with_suffix(".js").read_text(encoding="utf-8")
"""`toDrawIn(component, name)` and `sourceMarks(root, numbers, sources, statement)` for the scripts of components."""
MARKS_STYLE = _here.with_suffix(".css").read_text(encoding="utf-8")
TIP = '<div class="tip" popover="manual" aria-hidden="true"><cite></cite><q></q></div>'
"""The element that they show the sentence in."""


def sources_of(citations: Sequence[Citation]) -> dict[int, list[str]]:
    """The place and the sentence of each source, by its number."""
    return {citation.n: [readable(citation.place), readable(citation.read_alone)] for citation in citations}
