"""Draws a page of a PDF and marks a quotation on it, as with a yellow marker."""

from __future__ import annotations

import ctypes
import io
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # as above
from PIL import Image, ImageChops

from docmind.errors import DamagedDocumentError, DocumentError
from docmind.parsing.pdf.document import open_pdf
from docmind.parsing.pdf.lines import device_point
from docmind.parsing.pdf.quotes import find_quote
from docmind.parsing.pdf.searching import matches
from docmind.records import Box, PageImage

_MARKER = (255, 236, 96)  # multiplied with the page: white turns yellow and text stays black
_MAX_PIXELS = 12_000_000
_MAX_SIDE = 10_000
_Box = tuple[int, int, int, int]


def render_page(path: Path, page: int, quote: str, width_px: int = 1000, words: str = "", *, name: str) -> PageImage:
    """Draw a page.

    Args:
        path: The PDF.
        page: 1-based page.
        quote: Text to mark; empty for none.
        width_px: Width in pixels; less where the page is so long that the picture would be too large.
        words: What to look for on the page; empty for nothing. It is not marked: boxes say where it stands.
        name: The name the user knows.

    Raises:
        DocumentError: there is no such page, or one of the errors of `open_pdf`.
    """
    with open_pdf(path, name) as document:
        count = len(document)
        if not 1 <= page <= count:
            raise DocumentError(
                f"'{name}' has {count:,} page(s) and no page {page:,}. Choose one between 1 and {count:,}."
            )
        document.init_forms()  # so that what was typed into a form is drawn too
        try:
            sheet = document[page - 1]
            width, height = sheet.get_size()
            scale = _scale(width, height, width_px)
            picture = sheet.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
        except pdfium.PdfiumError as error:
            raise DamagedDocumentError(
                f"Page {page:,} of '{name}' is damaged and cannot be drawn. Get a fresh copy and add that."
            ) from error
        with closing(sheet), closing(sheet.get_textpage()) as text_page:
            ranges = find_quote(_characters(text_page), quote)
            boxes = [box for start, length in ranges for box in _boxes(sheet, text_page, start, length, picture.size)]
            found = [
                _merge(_boxes(sheet, text_page, start, length, picture.size))
                for start, length in matches(text_page, words)
            ]
        label = document.get_page_label(page - 1) or ""
    marks = _merge(boxes)
    if marks:
        _mark(picture, marks)
    top = max(0.0, min(box[1] for box in boxes) / picture.height) if boxes else None
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)  # twice the size of the default and four times as quick
    return PageImage(
        png=buffer.getvalue(),
        page_count=count,
        quote_top=top,
        label=label,
        marks=tuple(_shares(box, picture.size) for box in marks),
        found=tuple(tuple(_shares(box, picture.size) for box in boxes) for boxes in found if boxes),
    )


def _shares(box: _Box, size: tuple[int, int]) -> Box:
    width, height = size
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _scale(width: float, height: float, width_px: int) -> float:
    width, height = max(width, 1.0), max(height, 1.0)
    scale = max(1, min(width_px, _MAX_SIDE)) / width
    return float(min(scale, _MAX_SIDE / height, (_MAX_PIXELS / (width * height)) ** 0.5))


def _characters(text_page: pdfium.PdfTextPage) -> list[str]:
    """The page's characters, one for each of PDFium's character indexes."""
    handle = text_page.raw
    codes = (pdfium_c.FPDFText_GetUnicode(handle, index) for index in range(text_page.count_chars()))
    return [chr(code) if code < 0x110000 else "" for code in codes]


def _boxes(
    sheet: pdfium.PdfPage, text_page: pdfium.PdfTextPage, start: int, length: int, size: tuple[int, int]
) -> list[_Box]:
    """Pixels covered by a run of characters: one box a line or change of font."""
    boxes = []
    for index in range(pdfium_c.FPDFText_CountRects(text_page, start, length)):
        left, top, right, bottom = (ctypes.c_double() for _ in range(4))
        pdfium_c.FPDFText_GetRect(text_page, index, left, top, right, bottom)
        one, two = (device_point(sheet, size, x.value, y.value) for x, y in ((left, top), (right, bottom)))
        x1, x2 = sorted((one[0], two[0]))
        y1, y2 = sorted((one[1], two[1]))
        if x2 > x1 and y2 > y1 and x2 > 0 and y2 > 0 and x1 < size[0] and y1 < size[1]:
            boxes.append((x1, y1, x2, y2))
    return boxes


def _merge(boxes: list[_Box]) -> list[_Box]:
    """Join boxes of one line, so that the gaps between words and fonts are marked once and evenly."""
    merged: list[_Box] = []
    for x1, y1, x2, y2 in boxes:
        if merged:
            a1, b1, a2, b2 = merged[-1]
            overlap = min(b2, y2) - max(b1, y1)
            near = max(a1, x1) - min(a2, x2) < 1.5 * max(b2 - b1, y2 - y1)
            if overlap > 0.5 * min(b2 - b1, y2 - y1) and near:
                merged[-1] = (min(a1, x1), min(b1, y1), max(a2, x2), max(b2, y2))
                continue
        merged.append((x1, y1, x2, y2))
    return merged


def _mark(picture: Image.Image, boxes: list[_Box]) -> None:
    """Colour all boxes at once: marked twice, a place would come out darker."""
    pad = max(1, picture.width // 400)
    colours = Image.new("RGB", picture.size, "white")  # multiplied with white, a page stays as it is
    for x1, y1, x2, y2 in boxes:
        colours.paste(_MARKER, (max(0, x1 - pad), max(0, y1 - pad), max(1, x2 + pad), max(1, y2 + pad)))
    picture.paste(ImageChops.multiply(picture, colours))
