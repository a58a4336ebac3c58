"""Real files, made on the fly, and a real reading process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from docmind.parsing import Reader

PageDrawing = Callable[[Canvas], None]
MakePdf = Callable[..., Path]


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """One reader for all tests that do not harm it: it is meant to be reused."""
    with Reader(parse_seconds=60) as reader:
        yield reader


@pytest.fixture
def make_pdf(tmp_path: Path) -> MakePdf:
    """Draws a PDF: one function a page."""

    def make(*pages: PageDrawing, name: str = "made.pdf", title: str = "", encrypt: object = None) -> Path:
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
        canvas.setTitle(title)
        for draw in pages:
            draw(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return make


def write_lines(canvas: Canvas, lines: list[str], x: float = 72, y: float = 760, size: float = 11) -> None:
    """Lines of text, one under the other."""
    canvas.setFont("Helvetica", size)
    for number, line in enumerate(lines):
        canvas.drawString(x, y - number * size * 1.25, line)
