"""Promises about page pictures: the quotation is marked, where it stands, and nothing else is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from making import both, lines, make_pdf, turn
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from docmind.errors import DocumentError
from docmind.parsing import Reader

PROSE = (
    "The committee met in the spring and agreed on a plan for the river.",
    "It asked the engineers to measure the flow at four places and the measure-",
    "ment was finished before the end of the year, as the office had hoped.",
)


def marked(png: bytes) -> tuple[int, int, int, int] | None:
    """The box around all marker yellow, in pixels."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    _, _, blue = picture.split()
    red = picture.getchannel("R")
    yellow = Image.eval(blue, lambda v: 255 if 60 < v < 140 else 0)
    bright = Image.eval(red, lambda v: 255 if v > 240 else 0)
    return Image.composite(yellow, Image.new("L", picture.size), bright).getbbox()


def test_a_quotation_is_marked_where_it_stands(reader: Reader, tmp_path: Path) -> None:
    image = reader.render_page(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), 1, PROSE[0], 1000)
    assert (image.quote_top is not None, image.page_count) == (True, 1)
    assert Image.open(io.BytesIO(image.png)).width == 1000
    box = marked(image.png)
    assert box is not None
    scale = 1000 / 595.28
    assert abs(box[0] - 72 * scale) < 8
    assert abs(box[3] - (841.89 - 760) * scale) < 12
    assert box[3] - box[1] < 15 * scale  # one line only


@pytest.mark.parametrize(
    "quote",
    [
        "agreed on a plan for the river. It asked the engineers",
        "the measurement was finished before",
        "THE COMMITTEE   met\nin the spring",
        "four places | and the measure-ment",
        "The committee met early in the spring and agreed on a plan for the river.",
    ],
)
def test_breaks_hyphens_case_and_small_changes_do_not_matter(reader: Reader, tmp_path: Path, quote: str) -> None:
    image = reader.render_page(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), 1, quote)
    assert image.quote_top is not None
    assert marked(image.png) is not None


@pytest.mark.parametrize(
    "quote", ["", "a", "Nothing of the kind was ever said by the office in the winter of that year."]
)
def test_what_is_not_there_is_not_marked(reader: Reader, tmp_path: Path, quote: str) -> None:
    image = reader.render_page(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), 1, quote)
    assert image.quote_top is None
    assert marked(image.png) is None


def test_a_short_number_is_marked_whole_and_not_inside_another(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", both(lines("Total 12345 units"), lines("Net 234 units", y=300)))
    box = marked(reader.render_page(path, 1, "234", 600).png)
    assert box is not None
    assert box[1] > 450  # in the lower half


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_pages_are_marked_in_the_right_place(reader: Reader, tmp_path: Path, degrees: int) -> None:
    path = turn(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), degrees)
    image = reader.render_page(path, 1, PROSE[0], 800)
    box = marked(image.png)
    assert image.quote_top is not None
    assert box is not None
    # Turned back, the mark must lie where it lies on the upright page.
    upright = Image.open(io.BytesIO(image.png)).rotate(degrees, expand=True)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG")
    box = marked(buffer.getvalue())
    assert box is not None
    scale = upright.width / 595.28
    assert abs(box[0] - 72 * scale) < 10
    assert abs(box[3] - (841.89 - 760) * scale) < 14


def test_a_turned_page_is_read_like_an_upright_one(reader: Reader, tmp_path: Path) -> None:
    texts = [
        [block.text for block in reader.parse(turn(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), degrees)).blocks]
        for degrees in (0, 90, 180, 270)
    ]
    assert all(text == texts[0] for text in texts)


def test_a_crop_box_moves_the_mark_with_the_page(reader: Reader, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setCropBox((50, 600, 550, 800))
        lines(*PROSE)(canvas)

    image = reader.render_page(make_pdf(tmp_path / "a.pdf", draw), 1, PROSE[0], 1000)
    box = marked(image.png)
    assert box is not None
    assert abs(box[0] - (72 - 50) * 2) < 8
    assert abs(box[3] - (800 - 760) * 2) < 12


def test_a_page_that_is_not_there_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", lines(*PROSE))
    for page in (0, 2):
        with pytest.raises(DocumentError, match="Choose one between 1 and 1"):
            reader.render_page(path, page, "x")


def test_a_very_long_page_stays_within_bounds(reader: Reader, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageSize((100, 14_000))
        lines("words", x=10, y=13_000)(canvas)

    picture = Image.open(io.BytesIO(reader.render_page(make_pdf(tmp_path / "a.pdf", draw), 1, "words", 2000).png))
    assert picture.width * picture.height <= 12_500_000


def labelled(path: Path) -> Path:
    """Five pages, of which the third is printed as page 1, with an outline."""
    canvas = Canvas(str(path))
    canvas.addPageLabel(0, style="ROMAN_LOWER")
    canvas.addPageLabel(2, style="ARABIC", start=1)
    for number in range(1, 6):
        canvas.bookmarkPage(f"p{number}")
        canvas.addOutlineEntry(f"Chapter  {number}", f"p{number}", int(number == 3))
        canvas.drawString(72, 700, "The Ferry leaves." if number in (2, 5) else "Nothing.")
        canvas.drawString(72, 600, "the ferry" if number == 5 else "Nothing else.")
        canvas.showPage()
    canvas.save()
    return path


def test_a_page_says_what_the_document_calls_it(reader: Reader, tmp_path: Path) -> None:
    path = labelled(tmp_path / "a.pdf")
    assert [reader.render_page(path, page, width_px=100).label for page in range(1, 6)] == ["i", "ii", "1", "2", "3"]
    assert reader.render_page(make_pdf(tmp_path / "b.pdf", lines(*PROSE)), 1).label == ""


def test_words_are_found_on_every_page_and_where_they_stand(reader: Reader, tmp_path: Path) -> None:
    path = labelled(tmp_path / "a.pdf")
    assert reader.count_matches(path, " the   ferry ", 1, 99) == ((2, 1), (5, 2))
    assert reader.count_matches(path, "the ferry", 3, 4) == ()
    assert reader.count_matches(path, "  ", 1, 5) == ()
    image = reader.render_page(path, 5, words="the ferry")
    assert [len(boxes) for boxes in image.found] == [1, 1]
    (left, top, right, bottom), (_, lower, _, _) = image.found[0][0], image.found[1][0]
    assert abs(left - 72 / 595.28) < 0.01
    assert 0 < top < bottom < lower < 1
    assert left < right < 0.3
    assert marked(image.png) is None


def test_the_outline_names_pages(reader: Reader, tmp_path: Path) -> None:
    outline = reader.outline(labelled(tmp_path / "a.pdf"))
    assert [(entry.level, entry.title, entry.page) for entry in outline][:3] == [
        (1, "Chapter 1", 1),
        (1, "Chapter 2", 2),
        (2, "Chapter 3", 3),
    ]
    assert reader.outline(make_pdf(tmp_path / "b.pdf", lines(*PROSE))) == ()


def test_where_a_quotation_is_marked_is_told_as_shares_of_the_page(reader: Reader, tmp_path: Path) -> None:
    image = reader.render_page(make_pdf(tmp_path / "a.pdf", lines(*PROSE)), 1, PROSE[0], 1000)
    [(left, top, right, bottom)] = image.marks
    assert image.quote_top == top
    assert abs(left - 72 / 595.28) < 0.01
    assert 0.05 < top < bottom < 0.15
    assert right > 0.5
