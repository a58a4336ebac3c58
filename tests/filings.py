"""A folder of documents and questions whose evidence pages are known, as `docmind bench retrieval` takes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from parsing.making import lines, make_pdf

_COMPANIES = (
    ("Alder", "Alder sold forty thousand bicycles to schools", "Alder rents a warehouse in Bergen harbour"),
    ("Birch", "Birch employs ninety carpenters in two workshops", "Birch paid a dividend to its shareholders"),
)


def write_filings(folder: Path, asked: Sequence[int]) -> Path:
    """Two documents of two pages, and a question about each of the pages that are asked about (1, 2 or both)."""
    (folder / "pdfs").mkdir(parents=True)
    questions = []
    for company, *texts in _COMPANIES:
        make_pdf(folder / "pdfs" / f"{company}.pdf", *(lines(f"{text}.") for text in texts))
        questions += [
            {"question": f"Is it true that {texts[page - 1]}?", "document": f"{company}.pdf", "pages": [page]}
            for page in asked
        ]
    (folder / "questions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in questions), encoding="utf-8")
    return folder
