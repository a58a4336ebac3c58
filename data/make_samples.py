"""Draws the sample documents that are not plain text: two PDFs and a DOCX. Run it with `make samples`.

Every name, company and figure in them is invented. Each run gives the same bytes: changes show in review.
The Markdown, HTML and TXT samples are their own source: edit them in data/samples.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.shared import Pt
from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from sample_texts import LEASE, POLICY, REPORT

SAMPLES = Path(__file__).resolve().parent / "samples"
WRITTEN = datetime.datetime(2026, 1, 15, 9, 0)  # fixed, and without a zone, as DOCX stores it

INK, ACCENT, RULE, TINT = HexColor("#24272b"), HexColor("#1f5f5b"), HexColor("#d9d4c8"), HexColor("#f2efe8")

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11.4, leading=16.6, textColor=INK, spaceAfter=6)
CLAUSE = ParagraphStyle("clause", BODY, leftIndent=28, bulletFontName="Times-Roman", bulletFontSize=11.4)
CELL = ParagraphStyle("cell", BODY, fontSize=9.8, leading=12.6, spaceAfter=0)
CELL_RIGHT = ParagraphStyle("cell-right", CELL, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", BODY, fontName="Times-Bold", fontSize=23, leading=28, spaceAfter=4)
SUBTITLE = ParagraphStyle("subtitle", BODY, fontSize=12.5, leading=17, textColor=ACCENT, spaceAfter=14)
HEADING = ParagraphStyle(
    "heading",
    BODY,
    fontName="Times-Bold",
    fontSize=13.5,
    leading=18,
    spaceBefore=11,
    spaceAfter=5,
    keepWithNext=1,
)
CAPTION = ParagraphStyle("caption", CELL, fontName="Times-Italic", fontSize=9.4, spaceBefore=4, spaceAfter=9)


class _Pages(BaseDocTemplate):
    """A4 pages with a running title, a page number, and an outline entry for each heading."""

    def __init__(self, target: io.BytesIO, title: str, author: str, running: str) -> None:
        super().__init__(
            target,
            pagesize=A4,
            title=title,
            author=author,
            subject=running,
            creator="DocMind samples",
            invariant=1,
        )
        self._running = running
        frame = Frame(25 * mm, 24 * mm, A4[0] - 50 * mm, A4[1] - 46 * mm, id="body", leftPadding=0, rightPadding=0)
        self.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=self._furnish))

    def _furnish(self, canvas: Canvas, _document: object) -> None:
        canvas.setFont("Times-Roman", 8.6)
        canvas.setFillColor(INK)
        canvas.setStrokeColor(RULE)
        canvas.line(25 * mm, 19 * mm, A4[0] - 25 * mm, 19 * mm)
        canvas.drawString(25 * mm, 14.5 * mm, self._running)
        canvas.drawRightString(A4[0] - 25 * mm, 14.5 * mm, f"Page {canvas.getPageNumber()}")

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        """Enter headings into the outline."""
        if isinstance(flowable, Paragraph) and flowable.style.name == "heading":
            key = f"heading-{self.page}-{flowable.getPlainText()}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level=0)


def _table(rows: list[list[str]], widths: list[float], *, bold_rows: tuple[int, ...] = ()) -> Table:
    """A table with a shaded head; every column but the first stands on the right when it holds figures."""

    def cell(text: str, row: int, column: int) -> Paragraph:
        figures = column > 0 and any(character.isdigit() for character in rows[-1][column][:2])
        style = CELL_RIGHT if figures else CELL
        if row == 0:
            return Paragraph(f'<font color="white"><b>{text}</b></font>', style)
        return Paragraph(f"<b>{text}</b>" if row in bold_rows else text, style)

    cells = [[cell(text, row, column) for column, text in enumerate(line)] for row, line in enumerate(rows)]
    table = Table(cells, colWidths=[width * mm for width in widths], repeatRows=1)
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), ACCENT),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, TINT]),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 3.4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4.2),
    ]
    table.setStyle(TableStyle(style))
    return table


def _chart(names: list[str], before: list[float], now: list[float]) -> Drawing:
    drawing = Drawing(160 * mm, 46 * mm)
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = 34 * mm, 6 * mm, 118 * mm, 38 * mm
    chart.data = [tuple(reversed(before)), tuple(reversed(now))]
    chart.categoryAxis.categoryNames = list(reversed(names))
    chart.valueAxis.valueMin, chart.valueAxis.valueMax, chart.valueAxis.valueStep = 0, 20, 5
    chart.bars[0].fillColor, chart.bars[1].fillColor = RULE, ACCENT
    for index in range(2):
        chart.bars[index].strokeColor = None
    chart.categoryAxis.labels.fontName = chart.valueAxis.labels.fontName = "Times-Roman"
    chart.barLabelFormat = "%.1f"
    chart.barLabels.fontName, chart.barLabels.fontSize, chart.barLabels.nudge = "Times-Roman", 8.5, 9
    drawing.add(chart)
    return drawing


def _flow(text: str) -> Iterator[Flowable]:
    """Flowables of a text in the small notation of sample_texts.

    '# ' begins a heading, '1.2 ' a numbered clause, '| ' a table's row, '!' a caption, '---' a new page.
    """
    rows: list[list[str]] = []
    for block in [*text.strip().replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").split("\n"), ""]:
        if block.startswith("| "):
            rows.append([cell.strip() for cell in block.strip("| ").split("|")])
            continue
        if rows:
            wide = 160 / (len(rows[0]) + 1)
            bold = tuple(at for at, row in enumerate(rows) if row[0].startswith(("Total", "Operating p", "Gross p")))
            yield _table(rows, [wide * 2] + [wide] * (len(rows[0]) - 1), bold_rows=bold)
            yield Spacer(0, 3 * mm)
            rows = []
        if block.startswith("# "):
            yield Paragraph(block[2:], HEADING)
        elif block.startswith("!"):
            yield Paragraph(block[1:], CAPTION)
        elif block == "---":
            yield PageBreak()
        elif block[:1].isdigit() and block.split(" ", 1)[0].replace(".", "").isdigit():
            number, words = block.split(" ", 1)
            yield Paragraph(words, CLAUSE, bulletText=number)
        elif block:
            yield Paragraph(block, BODY)


def _pdf(title: str, subtitle: str, author: str, running: str, flow: list[Flowable]) -> bytes:
    target = io.BytesIO()
    _Pages(target, title, author, running).build([Paragraph(title, TITLE), Paragraph(subtitle, SUBTITLE), *flow])
    return target.getvalue()


def lease() -> bytes:
    """A residential lease with numbered clauses."""
    names = ["Imogen Finch, director", "", "Ada Whitcombe", "", "Tomas Reyes"]
    signatures = Table(
        [["For the landlord", "", "The tenants", "", ""], [""] * 5, names],
        colWidths=[50 * mm, 5 * mm, 50 * mm, 5 * mm, 50 * mm],
        rowHeights=[None, 14 * mm, None],
        style=TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), "Times-Roman", 10.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                *(("LINEBELOW", (column, 1), (column, 1), 0.6, INK) for column in (0, 2, 4)),
            ]
        ),
    )
    flow = [*_flow(LEASE), KeepTogether([Spacer(0, 6 * mm), signatures])]
    return _pdf(
        "Residential Lease Agreement",
        "Flat 3, 14 Linden Court, Harrowby",
        "Marlow & Finch Properties",
        "Lease of Flat 3, 14 Linden Court",
        flow,
    )


def report() -> bytes:
    """A quarterly report with tables and a chart."""
    before_chart, after_chart = REPORT.split("[chart]")
    chart = _chart(["City bicycles", "Cargo bicycles", "Parts and service"], [16.9, 8.7, 5.9], [18.4, 11.2, 6.1])
    return _pdf(
        "Third-Quarter Report 2025",
        "Halden Bicycle Works: July to September 2025",
        "Halden Bicycle Works",
        "Halden Bicycle Works, third quarter 2025",
        [*_flow(before_chart), chart, *_flow(after_chart)],
    )


def policy() -> bytes:
    """A travel and expenses policy as DOCX, in the notation of sample_texts."""
    document = Document()
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Georgia", Pt(11)
    properties = document.core_properties
    properties.title, properties.author = "Travel and Expenses Policy", "Brightwater Surveying"
    properties.last_modified_by, properties.comments = "Brightwater Surveying", ""
    properties.created = properties.modified = WRITTEN
    document.add_heading("Travel and Expenses Policy", level=0)
    rows: list[list[str]] = []
    for block in [*POLICY.strip().split("\n"), ""]:
        if block.startswith("| "):
            rows.append([cell.strip() for cell in block.strip("| ").split("|")])
            continue
        if rows:
            table = document.add_table(rows=0, cols=len(rows[0]), style="Light Grid Accent 1")
            for row in rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            document.add_paragraph()
            rows = []
        if block.startswith("# "):
            document.add_heading(block[2:], level=1)
        elif block.startswith("- "):
            document.add_paragraph(block[2:], style="List Bullet")
        elif block:
            document.add_paragraph(block)
    target = io.BytesIO()
    document.save(target)
    return _with_fixed_dates(target.getvalue())


def _with_fixed_dates(archive: bytes) -> bytes:
    """The same archive with one date on every member, since python-docx stamps them with the present."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            member = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return target.getvalue()


if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    (SAMPLES / "residential-lease.pdf").write_bytes(lease())
    (SAMPLES / "quarterly-report.pdf").write_bytes(report())
    (SAMPLES / "travel-and-expenses-policy.docx").write_bytes(policy())
