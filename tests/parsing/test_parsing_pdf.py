"""Promises about reading PDFs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from making import both, lines, make_pdf, picture, raw_pdf
from reportlab.lib.pdfencrypt import StandardEncryption

from docmind.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from docmind.parsing import Reader

PROSE = (
    "The committee met in the spring and agreed on a plan for the river.",
    "It asked the engineers to measure the flow at four places and to",
    "report before the end of the year, so that work could begin soon.",
)


def test_a_paragraph_has_its_lines_joined_and_its_page(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "two.pdf", lines(*PROSE), lines("The second page says something else altogether."))
    document = reader.parse(path)
    assert (document.format, document.pages) == ("pdf", 2)
    assert " ".join(PROSE) in [block.text for block in document.blocks if block.locator.page == 1]
    assert [block.text for block in document.blocks if block.locator.page == 2] == [
        "The second page says something else altogether."
    ]


def test_headings_are_told_from_text(reader: Reader, tmp_path: Path) -> None:
    page = both(
        lines("River Report", size=26, y=780),
        lines(*PROSE, y=720),
        lines("Measurements", size=17, y=640),
        lines(*PROSE, y=610),
    )
    document = reader.parse(make_pdf(tmp_path / "headed.pdf", page))
    headings = [(block.text, block.level) for block in document.blocks if block.kind == "heading"]
    assert [text for text, _ in headings] == ["River Report", "Measurements"]
    assert headings[0][1] < headings[1][1]
    assert document.title == "River Report"


def test_a_table_has_one_line_a_row_and_keeps_every_number(reader: Reader, tmp_path: Path) -> None:
    def draw(canvas) -> None:  # noqa: ANN001 - a reportlab canvas
        canvas.setFont("Helvetica", 10)
        rows = [
            ("Item", "2023", "2022"),
            ("Revenue", "$ 1,234", "1,100"),
            ("Costs", "(987)", "(900)"),
            ("Net", "247", "200"),
        ]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                canvas.drawString(72 + column * 150, 700 - row * 16, cell)

    document = reader.parse(make_pdf(tmp_path / "table.pdf", both(lines(*PROSE), draw)))
    (table,) = [block for block in document.blocks if block.kind == "table"]
    assert "Revenue | $ 1,234 | 1,100\nCosts | (987) | (900)\nNet | 247 | 200" in table.text


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (
            (("North", "South", "East"), ("10.5", "20.5", "30.5"), ("11", "21", "31")),
            "North | 10.5 | 11\nSouth | 20.5 | 21\nEast | 30.5 | 31",
        ),
        ((("Site", "Mill", "Weir"), ("Pumps", "1", "2")), "Site | Pumps\nMill | 1\nWeir | 2"),
    ],
)
def test_a_table_drawn_column_by_column_still_reads_row_by_row(
    columns: tuple[tuple[str, ...], ...], rows: str, reader: Reader, tmp_path: Path
) -> None:
    def draw(canvas) -> None:  # noqa: ANN001 - a reportlab canvas
        canvas.setFont("Helvetica", 10)
        for column, cells in enumerate(columns):
            for row, cell in enumerate(cells):
                canvas.drawString(72 + column * 150, 700 - row * 16, cell)

    document = reader.parse(make_pdf(tmp_path / "columns.pdf", both(lines(*PROSE), draw)))
    (table,) = [block for block in document.blocks if block.kind == "table"]
    assert table.text == rows


def test_a_page_is_called_by_its_number_and_by_what_is_printed_on_it(reader: Reader, tmp_path: Path) -> None:
    def labelled(canvas) -> None:  # noqa: ANN001 - a reportlab canvas
        canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
        canvas.addPageLabel(1, style="ARABIC", start=1)
        lines(*PROSE)(canvas)

    document = reader.parse(make_pdf(tmp_path / "a.pdf", labelled, lines(*PROSE), lines(*PROSE)))
    places = dict.fromkeys(block.locator.words() for block in document.blocks)
    assert list(places) == ["page 1, printed i", "page 2, printed 1", "page 3, printed 2"]


def table_of(rows: Sequence[tuple[str, ...]], lefts: Sequence[int], pitch: int = 20):  # noqa: ANN201 - draws
    """Rows whose cells stand in columns; a line break in a cell begins a further line, half a row lower."""

    def draw(canvas) -> None:  # noqa: ANN001 - a reportlab canvas
        canvas.setFont("Helvetica", 10)
        for row, cells in enumerate(rows):
            for left, cell in zip(lefts, cells, strict=True):
                for line, text in enumerate(cell.split("\n")):
                    canvas.drawString(left, 600 - row * pitch - line * 10, text)

    return draw


def test_a_table_of_words_is_read_by_where_its_cells_stand(reader: Reader, tmp_path: Path) -> None:
    rows = [
        ("Charge", "When it is due", "Amount"),
        ("Lost key", "On replacement", "£45"),
        ("Missed appointment", "After a second\nmissed visit", "£35"),
        ("Second parking space", "Monthly in advance", "£60"),
    ]
    document = reader.parse(make_pdf(tmp_path / "a.pdf", both(lines(*PROSE), table_of(rows, (72, 220, 400)))))
    (table,) = [block for block in document.blocks if block.kind == "table"]
    assert table.text.split("\n") == [" | ".join(row).replace("\n", " ") for row in rows]


@pytest.mark.parametrize(
    ("rows", "lefts"),
    [
        ([(f"{at}.", "The tenant keeps the stairs clean at all times.") for at in range(1, 6)], (72, 100)),
        ([("The committee met in", "the engineers measured"), ("spring and agreed", "at four bridges")] * 3, (72, 320)),
        ([("Landlord", "Elena Marsh"), ("Tenant", "Ada Reyes")], (72, 220)),
    ],
)  # fmt: skip
def test_clauses_prose_beside_prose_and_two_lines_are_no_table(
    rows: list[tuple[str, ...]], lefts: tuple[int, ...], reader: Reader, tmp_path: Path
) -> None:
    document = reader.parse(make_pdf(tmp_path / "a.pdf", both(lines(*PROSE), table_of(rows, lefts))))
    assert all(block.kind != "table" for block in document.blocks)


def test_two_columns_are_read_one_after_the_other(reader: Reader, tmp_path: Path) -> None:
    left = [f"left column line {number} goes on" for number in range(1, 21)]
    right = [f"right column line {number} goes on" for number in range(1, 21)]
    path = make_pdf(tmp_path / "columns.pdf", both(lines(*left, x=50), lines(*right, x=320)))
    text = " ".join(block.text for block in reader.parse(path).blocks)
    places = [text.index(line) for line in (*left, *right)]
    assert places == sorted(places)


def test_running_heads_and_page_numbers_go_and_totals_stay(reader: Reader, tmp_path: Path) -> None:
    pages = [
        both(
            lines("Annual Report of the River Board", y=820, size=8),
            lines(*PROSE, y=700),
            lines(f"Total {number * 317}", y=60),
            lines(f"Page {number} of 6", y=30, size=8),
        )
        for number in range(1, 7)
    ]
    texts = [block.text for block in reader.parse(make_pdf(tmp_path / "report.pdf", *pages)).blocks]
    joined = "\n".join(texts)
    assert joined.count("Annual Report of the River Board") == 1  # once, in case it says something
    assert joined.count("Page ") <= 1
    for number in range(1, 7):
        assert f"Total {number * 317}" in joined


def test_numbers_that_are_not_page_numbers_stay(reader: Reader, tmp_path: Path) -> None:
    pages = [both(lines(*PROSE), lines(str(number * number + 40), y=40)) for number in range(1, 7)]
    texts = [block.text for block in reader.parse(make_pdf(tmp_path / "n.pdf", *pages)).blocks]
    assert {"41", "44", "49", "56", "65", "76"} <= set(texts)


def test_a_word_parted_at_the_line_end_is_whole_again(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "h.pdf", lines("The committee agreed on the measure-", "ment of the flow in the whole valley.")
    )
    assert "measurement of the flow" in " ".join(block.text for block in reader.parse(path).blocks)


@pytest.mark.parametrize(
    ("title", "believed"),
    [
        ("River Report 2024", "River Report 2024"),
        ("Microsoft Word - draft3.docx", None),
        ("untitled", None),
        ("a b", None),
    ],
)
def test_only_believable_titles_are_taken(reader: Reader, tmp_path: Path, title: str, believed: str | None) -> None:
    assert reader.parse(make_pdf(tmp_path / "x.pdf", lines(*PROSE), title=title)).title == believed


def test_a_password_is_asked_for_in_words(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "secret.pdf", lines(*PROSE), encrypt=StandardEncryption("open sesame"))
    with pytest.raises(EncryptedDocumentError, match=r"'secret\.pdf' .*Save it without a password and add it again"):
        reader.parse(path)


def test_an_empty_user_password_opens(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "o.pdf", lines(*PROSE), encrypt=StandardEncryption("", ownerPassword="boss"))
    assert PROSE[0] in reader.parse(path).blocks[0].text


def test_a_truncated_pdf_is_never_passed_off_as_whole(reader: Reader, tmp_path: Path) -> None:
    whole = make_pdf(tmp_path / "whole.pdf", *(lines(*PROSE) for _ in range(5))).read_bytes()
    for share in (0.02, 0.3, 0.6, 0.9):
        path = tmp_path / "cut.pdf"
        path.write_bytes(whole[: int(len(whole) * share)])
        try:
            document = reader.parse(path)
        except (DamagedDocumentError, EmptyDocumentError) as error:
            assert "'cut.pdf'" in str(error)
        else:
            assert any("cut short" in warning for warning in document.warnings)


def test_a_pdf_without_pages_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "none.pdf", b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")
    with pytest.raises((EmptyDocumentError, DamagedDocumentError), match=r"none\.pdf"):
        reader.parse(path)


def test_a_scan_is_called_a_scan(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(EmptyDocumentError, match=r"looks scanned.*not available yet.*searchable PDF"):
        reader.parse(make_pdf(tmp_path / "scan.pdf", picture, picture))


def test_pages_that_are_pictures_are_named(reader: Reader, tmp_path: Path) -> None:
    document = reader.parse(make_pdf(tmp_path / "mixed.pdf", lines(*PROSE), picture, lines(*PROSE)))
    assert document.pages == 3
    assert any("page 2" in warning and "picture" in warning for warning in document.warnings)


def test_too_many_pages_are_refused_and_not_cut(reader: Reader, tmp_path: Path) -> None:
    from docmind.errors import DocumentTooLargeError

    kids = b"3 0 R " * 5001
    path = raw_pdf(
        tmp_path / "long.pdf",
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count 5001 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
    )
    with pytest.raises(DocumentTooLargeError, match=r"5,001 pages; the limit is 5,000.*Split"):
        reader.parse(path)
