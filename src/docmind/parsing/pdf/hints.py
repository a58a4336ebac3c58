"""Guesses about a PDF's layout: which parts of a page are lists, code and tables.

They come from a second PDF engine that is quick and often right. They may fail, be late or be wrong without
harm, because no text is taken from them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liteparse import LiteParse

from docmind.parsing.limits import MAX_PAGES

_BATCH_PAGES = 1_000  # bounds memory
# Headings are known better by the look of the whole document: `headings.py`.
_KINDS = frozenset(("paragraph", "list_item", "code", "grid_fallback", "table"))


@dataclass(frozen=True, slots=True)
class Hint:
    """A part of a page, in points from the top left corner of the page as displayed."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float


class HintReader:
    """Collects hints in a thread of its own while the caller reads the text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[int, Sequence[Hint]] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> dict[int, Sequence[Hint]]:
        """Page -> hints, for as many pages as were ready within `seconds`."""
        self._thread.join(seconds)
        return dict(self._found)

    def _run(self) -> None:
        # A failure ends this thread and nothing else: the caller then has fewer hints.
        engine = LiteParse(
            ocr_enabled=False,  # its default fetches models
            quiet=True,
            max_pages=MAX_PAGES,  # its default stops at 1,000 without a word
            num_workers=1,
            extract_blocks=True,
            extract_links=False,
            image_mode="off",
            keep_headers_footers=True,
            continue_on_page_error=True,
        )
        # It knows a PDF by the end of its name, so it has nothing to say of what a library keeps under its hash. By its
        # bytes it would, but takes clauses of contracts for tables and breaks their paragraphs.
        for batch in engine.parse_batches(self._path, _BATCH_PAGES):
            for page in batch.result.pages:
                self._found[page.page_num] = tuple(
                    Hint(
                        block.kind,
                        block.bbox.x,
                        block.bbox.y,
                        block.bbox.x + block.bbox.width,
                        block.bbox.y + block.bbox.height,
                    )
                    for block in page.blocks or ()
                    if block.bbox is not None and block.kind in _KINDS
                )
