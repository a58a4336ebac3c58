"""PDF: PDFium's text is the truth; looks and guesses about layout only say what kind of text it is."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from itertools import islice, takewhile
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # as above

from docmind.errors import (
    DamagedDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
)
from docmind.parsing.formats import Source
from docmind.parsing.limits import MAX_PAGES, check_text_size, list_pages
from docmind.parsing.pdf import headers_footers, layout
from docmind.parsing.pdf.headings import heading_levels
from docmind.parsing.pdf.lines import Page, compact, read_page
from docmind.records import Block, ParsedDocument

_WORTHLESS_TITLE = re.compile(
    r"^(microsoft (word|powerpoint|excel) - |untitled|document\d*$|slide 1$|presentation\d*$|scan"
    r"|\(anonymous\))"
    r"|\.(docx?|pdf|indd|qxd|xlsx?|pptx?|tex|dvi|html?|rtf|odt|fm|ai)$|^[\w-]*\d{5,}[\w-]*$|^\W*$",
    re.IGNORECASE,
)
_SCAN_CHARACTERS = 20  # letters and digits a page, below which pictures are taken for scans
_OUTLINE_ENTRIES = 10_000


def open_pdf(path: Path, name: str) -> pdfium.PdfDocument:
    """Open a PDF; the caller closes it.

    Raises:
        EncryptedDocumentError: it asks for a password.
        DamagedDocumentError: PDFium cannot make sense of it.
        EmptyDocumentError: it has no pages.
        DocumentTooLargeError: it has more than MAX_PAGES.
    """
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise EncryptedDocumentError(
                f"'{name}' is protected by a password. Save it without a password and add it again."
            ) from error
        if error.err_code == pdfium_c.FPDF_ERR_SECURITY:
            raise EncryptedDocumentError(
                f"'{name}' is encrypted in a way that cannot be read here. Print it to a new PDF and add that."
            ) from error
        how = "is cut short: its end is missing" if _lacks_end(path) else "is damaged and cannot be opened"
        raise DamagedDocumentError(f"'{name}' {how}. Get a fresh copy, or save it again, and add that.") from error
    pages = len(document)
    if 0 < pages <= MAX_PAGES:
        return document
    document.close()
    if pages == 0:
        raise EmptyDocumentError(f"'{name}' has no pages. Save it again with the program that made it and add that.")
    raise DocumentTooLargeError(
        f"'{name}' has {pages:,} pages; the limit is {MAX_PAGES:,}. Split it into smaller files and add those."
    )


def parse(source: Source) -> ParsedDocument:
    """Read a PDF page by page.

    Raises:
        EncryptedDocumentError, DamagedDocumentError, DocumentTooLargeError: as `open_pdf`.
        EmptyDocumentError: no pages, or pages without text (a scan).
    """
    with open_pdf(source.path, source.name) as document:
        pages, unreadable = _read_pages(document, source.name)
        pictures = _refuse_scan(document, pages, source.name)
        outline = _outline(document)
        metadata_title = " ".join(document.get_metadata_value("Title").split())
    if len(unreadable) == len(pages):
        raise DamagedDocumentError(
            f"'{source.name}' is damaged: none of its pages can be read. Get a fresh copy and add that."
        )
    words = Counter(word for page in pages for line in page.lines for word in line.text.casefold().split())
    kept = headers_footers.drop_repeats(pages)
    headings = heading_levels(kept)
    blocks: list[Block] = []
    for page in kept:
        blocks.extend(layout.blocks_of(page, headings.get(page.number, {}), outline.get(page.number, {}), words))
    return ParsedDocument(
        "pdf",
        tuple(blocks),
        title=_believable(metadata_title, source.name) or _largest_line(pages[0]),
        pages=len(pages),
        warnings=tuple(_warnings(source, pages, unreadable, pictures)),
    )


def _read_pages(document: pdfium.PdfDocument, name: str) -> tuple[list[Page], list[int]]:
    pages: list[Page] = []
    unreadable: list[int] = []
    characters = 0
    for number in range(1, len(document) + 1):
        try:
            page = read_page(document, number)
        except pdfium.PdfiumError:
            unreadable.append(number)
            page = Page(number, 0.0, 0.0, (), 0)
        characters += sum(len(line.text) for line in page.lines)
        check_text_size(characters, name)
        pages.append(page)
    return pages, unreadable


def _refuse_scan(document: pdfium.PdfDocument, pages: list[Page], name: str) -> list[int]:
    """The pages that hold pictures in place of text, or the refusal where that is the whole document."""
    counts = {page.number: sum(len(compact(line.text)) for line in page.lines) for page in pages}
    bare = [number for number, count in counts.items() if count < _SCAN_CHARACTERS]
    pictures = [number for number in bare if _has_picture(document, number)]
    total = sum(counts.values())
    if total == 0 or (len(bare) == len(pages) and len(pictures) * 2 > len(pages)):
        if pictures:
            raise EmptyDocumentError(
                f"'{name}' looks scanned: its {len(pages):,} page(s) are pictures without text, and text "
                "recognition is not available yet. Run it through a program for text recognition (OCR), save it "
                "as a searchable PDF and add that."
            )
        raise EmptyDocumentError(
            f"'{name}' has {len(pages):,} page(s) but no text that can be read; text recognition is not "
            "available yet. Print it to a searchable PDF and add that."
        )
    return pictures


def _has_picture(document: pdfium.PdfDocument, number: int) -> bool:
    try:
        with closing(document[number - 1]) as page:
            return any(True for _ in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=2))
    except pdfium.PdfiumError:
        return False


def _warnings(source: Source, pages: list[Page], unreadable: list[int], pictures: list[int]) -> list[str]:
    warnings = []
    if _lacks_end(source.path):
        warnings.append("The file seems to be cut short: its end is missing, and pages may be too.")
    if unreadable:
        warnings.append(f"Damaged and not read: {list_pages(unreadable)}.")
    if pictures:
        warnings.append(f"Only pictures (perhaps a scan), not read: {list_pages(pictures)}.")
    unmapped = [page.number for page in pages if page.unmapped]
    if unmapped:
        count = sum(page.unmapped for page in pages)
        warnings.append(
            f"{count:,} character(s) have no readable code in the file and may be missing or wrong, minus "
            f"signs included: {list_pages(unmapped)}."
        )
    return warnings


def _lacks_end(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - 4096))
        return b"%%EOF" not in stream.read()


def _outline(document: pdfium.PdfDocument) -> dict[int, dict[str, int]]:
    """Page -> the headings on it according to the outline, as compact text -> level."""
    found: dict[int, dict[str, int]] = {}
    for entry in islice(document.get_toc(max_depth=6), _OUTLINE_ENTRIES):
        target = entry.get_dest()
        index = target.get_index() if target else None
        title = compact(entry.get_title() or "")
        if index is not None and len(title) >= 3:
            found.setdefault(index + 1, {})[title] = min(6, entry.level + 1)
    return found


def _believable(title: str, name: str) -> str | None:
    stem = compact(Path(name).stem)
    if len(title) < 4 or len(title) > 300 or _WORTHLESS_TITLE.search(title) or compact(title) == stem:
        return None
    return title


def _largest_line(page: Page) -> str | None:
    """The text in the largest letters of the first page, where it stands out."""
    wordy = [line for line in page.lines if sum(map(str.isalpha, line.text)) >= 4]
    if not wordy:
        return None
    largest = max(wordy, key=lambda line: line.height)
    if largest.height < 1.2 * median(line.height for line in page.lines):
        return None
    start = wordy.index(largest)
    same = takewhile(lambda line: abs(line.height - largest.height) < 0.1 * largest.height, wordy[start:])
    title = " ".join(line.text for line in same)
    return title if len(title) <= 200 else None
