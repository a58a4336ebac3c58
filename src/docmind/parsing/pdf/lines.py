"""Lines of text of a PDF page and where they are on it, as PDFium reads them."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # as above

_HYPHENS = "\ufffe\x02"  # PDFium's marks for a hyphen at a line's end
_LINE = re.compile(rf"[^\r\n{_HYPHENS}]+[{_HYPHENS}]?")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_LIGATURES = str.maketrans(
    {
        "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st",
        "\ufb06": "st", "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ",
    }
)  # fmt: skip
_SIGN_BEFORE_NEXT = re.compile(r"(.*\S)\s+([$€£¥])")
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600  # of 100 to 900, as in CSS; regular is 400
_LONGEST_FONT_NAME = 128  # bytes; what is longer is cut
_LONGEST_LABEL = 20  # characters
_FINE = 10_000  # PDFium converts to whole device units: make them fine
Box = tuple[float, float, float, float]
"""Left, top, right and bottom as displayed."""


class Cell(NamedTuple):
    """A part of a line between wide gaps: its text, and where it begins and ends from the left, in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; lengths in points from the top left corner of the page as displayed.

    Attributes:
        text: Its text, without a hyphen at the end that PDFium marked.
        hyphenated: Whether there was such a hyphen.
        cells: The text split where the gaps are wide; one part for running text.
        way: In proportion, how far it runs to the right and downwards.
        bold: Whether it begins and ends in bold letters.
        spans: Where each of the cells begins and ends from the left.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    hyphenated: bool = False
    cells: tuple[str, ...] = ()
    way: tuple[float, float] = (0.0, 0.0)
    bold: bool = False
    spans: tuple[tuple[float, float], ...] = ()

    @property
    def height(self) -> float:
        """Height of the font, in points."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Distance of the line's middle from the top of the page, in points."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines in reading order; sizes in points as displayed.

    Attributes:
        unmapped: Characters whose code the file does not tell.
        label: Its number as the document counts, where the file tells it and that is another; else ''.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    unmapped: int
    label: str = ""


def compact(text: str) -> str:
    """Letters and digits only, casefolded: what two readings of a page agree on."""
    return _NOT_ALPHANUMERIC.sub("", text).casefold()


def device_point(page: pdfium.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """A point of a page in pixels of a picture of that size, with rotation and crop box taken into account."""
    column, row = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, column, row)
    return column.value, row.value


def read_page(document: pdfium.PdfDocument, number: int) -> Page:
    """Read a page (1-based).

    Raises:
        pdfium.PdfiumError: the page is damaged.
    """
    with closing(document[number - 1]) as page:
        lines, unmapped = _read(page)
        turn = _turn(lines, page.get_rotation())
        if turn:  # PDFium, too, reads the lines of a page in order only when they run from left to right
            page.set_rotation((page.get_rotation() + 90 * turn) % 360)  # in memory only
            lines, unmapped = _read(page)
        width, height = page.get_size()
        label = (document.get_page_label(number - 1) or "").strip()[:_LONGEST_LABEL]
        return Page(number, width, height, lines, unmapped, label if label != str(number) else "")


def _read(page: pdfium.PdfPage) -> tuple[tuple[Line, ...], int]:
    """The lines, and how many characters have no code."""
    with closing(page.get_textpage()) as text_page:
        handle = text_page.raw
        flawed = pdfium_c.FPDFText_HasUnicodeMapError
        unmapped = sum(flawed(handle, index) == 1 for index in range(text_page.count_chars()))
        return tuple(_lines(text_page, _Display(page))), unmapped


def _turn(lines: tuple[Line, ...], rotation: int) -> int:
    """Quarter turns, clockwise, that make most lines run from left to right."""
    counts: Counter[int] = Counter()
    for across, down in (line.way for line in lines):
        if abs(across) >= abs(down):
            counts[0 if across >= 0 or not rotation else 2] += 1  # leftwards on an upright page is Arabic
        else:
            counts[3 if down > 0 else 1] += 1
    return max(counts, key=lambda turn: counts[turn], default=0)


class _Display:
    """Turns PDF coordinates into points from the top left of the page as displayed.

    Asking PDFium for three points fixes the whole conversion, rotation and crop box included.
    """

    def __init__(self, page: pdfium.PdfPage) -> None:
        width, height = page.get_size()
        points = [device_point(page, (_FINE, _FINE), *point) for point in ((0, 0), (1000, 0), (0, 1000))]
        origin, right, up = ((x * (width / _FINE), y * (height / _FINE)) for x, y in points)
        self._origin = origin
        self._across = ((right[0] - origin[0]) / 1000, (right[1] - origin[1]) / 1000)
        self._upward = ((up[0] - origin[0]) / 1000, (up[1] - origin[1]) / 1000)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (ox, oy), (ax, ay), (ux, uy) = self._origin, self._across, self._upward
        x1, y1 = ox + ax * left + ux * bottom, oy + ay * left + uy * bottom
        x2, y2 = ox + ax * right + ux * top, oy + ay * right + uy * top
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _lines(text_page: pdfium.PdfTextPage, display: _Display) -> Iterator[Line]:
    text = text_page.get_text_range()
    plain = text.isascii() or max(text, default="") <= "\uffff"
    for match in _LINE.finditer(text):
        whole = match.group().strip()
        shown = whole.rstrip(_HYPHENS)
        if not shown:
            continue
        begin = text.index(whole, match.start())
        offset = begin if plain else _units(text[:begin])
        length = len(shown) if plain else _units(shown)
        first, last = (_char_box(text_page, display, at) for at in (offset, offset + length - 1))
        left, top = min(first[0], last[0]), min(first[1], last[1])
        right, bottom = max(first[2], last[2]), max(first[3], last[3])
        way = (last[0] + last[2] - first[0] - first[2], last[1] + last[3] - first[1] - first[3])
        cells = [Cell(shown, left, right)]
        if plain and bottom - top < right - left and _maybe_cells(shown):
            cells = _cells(text_page, display, cells[0], offset, bottom - top)
        texts = tuple(cell.text.translate(_LIGATURES) for cell in cells)
        spans = tuple((cell.left, cell.right) for cell in cells)
        bold = _is_bold(text_page, offset) and _is_bold(text_page, offset + length - 1)
        yield Line(shown.translate(_LIGATURES), left, top, right, bottom, shown != whole, texts, way, bold, spans)


def _is_bold(text_page: pdfium.PdfTextPage, offset: int) -> bool:
    """Whether a letter is bold: by its font's name, since many files tell no weight."""
    index = pdfium_c.FPDFText_GetCharIndexFromTextIndex(text_page, offset)
    if index < 0:
        return False
    name = ctypes.create_string_buffer(_LONGEST_FONT_NAME)
    length = pdfium_c.FPDFText_GetFontInfo(text_page, index, name, _LONGEST_FONT_NAME, None)
    named = name.raw[: min(max(0, length - 1), _LONGEST_FONT_NAME)]
    return bool(_BOLD.search(named)) or pdfium_c.FPDFText_GetFontWeight(text_page, index) >= _BOLD_WEIGHT


def _units(text: str) -> int:
    """Length in UTF-16 units, by which PDFium counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _char_box(text_page: pdfium.PdfTextPage, display: _Display, offset: int) -> Box:
    index = pdfium_c.FPDFText_GetCharIndexFromTextIndex(text_page, offset)
    rectangle = pdfium_c.FS_RECTF()
    if index < 0 or not pdfium_c.FPDFText_GetLooseCharBox(text_page, index, rectangle):
        return display.box(0, 0, 0, 0)
    return display.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _maybe_cells(text: str) -> bool:
    """Whether it is worth measuring gaps: running text is long and holds few numbers."""
    return " " in text and (len(text) < 75 or sum(map(str.isdigit, text)) * 12 > len(text))


def _cells(text_page: pdfium.PdfTextPage, display: _Display, line: Cell, offset: int, height: float) -> list[Cell]:
    """Split a line where a gap is far wider than a space (0.3 of the height; up to 0.6 when justified)."""
    cells: list[Cell] = []
    start, left = 0, line.left
    for gap in re.finditer(r" +", line.text):
        before = _char_box(text_page, display, offset + gap.start() - 1)
        after = _char_box(text_page, display, offset + gap.end())
        if after[0] - before[2] > 0.8 * height:
            cells.append(Cell(line.text[start : gap.start()], left, before[2]))
            start, left = gap.end(), after[0]
    cells.append(Cell(line.text[start:], left, line.right))
    return _join_signs(cells)


def _join_signs(cells: list[Cell]) -> list[Cell]:
    """A currency sign set apart belongs to the number after it, a per cent sign to the one before."""
    joined: list[Cell] = []
    carry, begin = "", 0.0
    for text, left, right in cells:
        sign = _SIGN_BEFORE_NEXT.fullmatch(text)  # the sign stands closer to the number before it
        if sign and sign.group(1) and (text, left, right) != cells[-1]:
            joined.append(Cell(carry + sign.group(1), begin if carry else left, right))
            carry, begin = sign.group(2), right
        elif text in ("$", "€", "£", "¥", "(", "US$", "A$", "C$", "$ (", "-$"):
            carry, begin = carry + text, begin if carry else left
        elif text in ("%", ")", ")%") and joined and not carry:
            joined[-1] = Cell(joined[-1].text + text, joined[-1].left, right)
        else:
            joined.append(Cell(carry + text, begin if carry else left, right))
            carry = ""
    return [*joined, Cell(carry, begin, cells[-1].right)] if carry else joined
