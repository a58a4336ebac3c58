"""Headings of PDFs are known by how they look in the whole document, and what only looks so is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import Draw, both, lines, make_pdf
from reportlab.pdfgen.canvas import Canvas

from docmind.parsing import Reader
from docmind.parsing.pdf.headings import heading_levels
from docmind.parsing.pdf.lines import Line, Page
from docmind.records import ParsedDocument

PROSE = (
    "The committee met in the spring and agreed on a plan for the river.",
    "It asked the engineers to measure the flow at four places and to",
    "report before the end of the year, so that work could begin soon.",
)


def bold(text: str, y: float, size: float = 11, x: float = 72) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", size)
        canvas.drawString(x, y, text)

    return draw


def headings(document: ParsedDocument) -> list[tuple[str, int]]:
    return [(block.text, block.level) for block in document.blocks if block.kind == "heading"]


def test_bold_lines_of_the_size_of_the_text_are_headings(reader: Reader, tmp_path: Path) -> None:
    page = both(bold("Flow", 780), lines(*PROSE, y=760), bold("Cost of the works", 690), lines(*PROSE, y=670))
    assert [text for text, _ in headings(reader.parse(make_pdf(tmp_path / "a.pdf", page)))] == [
        "Flow",
        "Cost of the works",
    ]


def test_parts_hold_items_and_items_hold_what_is_bold(reader: Reader, tmp_path: Path) -> None:
    page = both(
        bold("PART II", 780),
        bold("Item 7. Discussion of results", 750),
        lines(*PROSE, y=720),
        bold("Liquidity", 640),
        lines(*PROSE, y=620),
        bold("2.3 Credit lines", 540),
        lines(*PROSE, y=520),
    )
    found = headings(reader.parse(make_pdf(tmp_path / "a.pdf", page)))
    assert [text.split()[0] for text, _ in found] == ["PART", "Item", "Liquidity", "2.3"]
    assert [level for _, level in found] == sorted({level for _, level in found})


def test_a_heading_of_two_lines_is_one(reader: Reader, tmp_path: Path) -> None:
    page = both(bold("Measurements of the flow at four", 780), bold("places of the river", 766), lines(*PROSE, y=740))
    assert [text for text, _ in headings(reader.parse(make_pdf(tmp_path / "a.pdf", page)))] == [
        "Measurements of the flow at four places of the river"
    ]


def test_what_only_looks_like_a_heading_is_none(reader: Reader, tmp_path: Path) -> None:
    def table(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        for row, cells in enumerate((("Years ended", "2023", "2022", "2021"), ("Net sales", "12", "11", "10"))):
            for column, cell in enumerate(cells):
                canvas.drawString(72 + column * 110, 640 - row * 15, cell)
        canvas.drawString(72, 610, "Current assets")
        canvas.drawString(72, 560, "Years ended December 31, 2023")
        canvas.drawString(72, 530, "Total 1,234")
        canvas.drawString(72, 500, "and of what follows from it,")
        canvas.drawString(72, 470, "Item 8 of this report.")
        canvas.drawString(72, 440, "PCAOB.")

    document = reader.parse(make_pdf(tmp_path / "a.pdf", both(lines(*PROSE, *PROSE, y=780), table)))
    assert headings(document) == []


def test_a_page_in_larger_type_is_text(reader: Reader, tmp_path: Path) -> None:
    small = lines(*PROSE * 6, y=760, size=9)
    document = reader.parse(make_pdf(tmp_path / "a.pdf", small, small, lines(*PROSE * 4, y=760, size=12)))
    assert headings(document) == []


def test_what_returns_page_after_page_is_furniture(reader: Reader, tmp_path: Path) -> None:
    pages = [
        both(bold(f"River report, page {number}", 600), bold(f"About {place}", 500), lines(*PROSE, y=480))
        for number, place in enumerate(("Arda", "Bessa", "Corin", "Drava", "Elba", "Fulda"), start=1)
    ]
    found = [text for text, _ in headings(reader.parse(make_pdf(tmp_path / "a.pdf", *pages)))]
    assert found == ["About Arda", "About Bessa", "About Corin", "About Drava", "About Elba", "About Fulda"]


def test_what_is_on_the_cover_alone_does_not_hold_what_follows(reader: Reader, tmp_path: Path) -> None:
    cover = both(bold("ANNUAL REPORT", 700, 30), bold("The River Board", 600, 20))
    pages = [both(bold(f"On {place}", 780), lines(*PROSE, y=760)) for place in ("flow", "cost", "staff", "risk")]
    found = dict(headings(reader.parse(make_pdf(tmp_path / "a.pdf", cover, *pages))))
    assert min(found["ANNUAL REPORT"], found["The River Board"]) > found["On flow"]


@pytest.mark.timeout(60)
def test_a_line_made_to_take_long_takes_no_time() -> None:
    texts = ["total " * 19 + "x", "1" * 59 + " " + "a" * 59 + "Z", "of the " * 17 + "?", "Note " + "1." * 50 + "a"]
    made = [Line(text, 72, 50 + 40 * at, 500, 62 + 40 * at, cells=(text,), bold=True) for at, text in enumerate(texts)]
    body = [Line("word " * 12, 72, 300 + 14 * at, 500, 312 + 14 * at, cells=("word",)) for at in range(20)]
    levels = heading_levels([Page(1, 600, 800, (*made, *body), 0)])
    assert set(levels.get(1, {})) <= set(range(len(made)))  # it came to an end
