"""Word documents, through the HTML that mammoth makes of them."""

from __future__ import annotations

import html as entities
import re
import zipfile

import mammoth  # type: ignore[import-untyped]  # ships no types

from docmind.errors import DamagedDocumentError
from docmind.parsing import html
from docmind.parsing.formats import Source
from docmind.parsing.limits import MAX_TEXT_CHARACTERS
from docmind.records import ParsedDocument

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
"""
_CORE_TITLE = re.compile(r"<dc:title>([^<]{1,500})</dc:title>")
_WORTHLESS_TITLE = re.compile(r"^(untitled|document\d*|word document|title)$|\.docx?$", re.IGNORECASE)


def parse(source: Source) -> ParsedDocument:
    """Read a Word document: headings, paragraphs, lists, tables, footnotes; pictures left out.

    Raises:
        DamagedDocumentError: its parts are missing, damaged or declare entities.
        DocumentTooLargeError: it is nested too deeply.
    """
    try:
        with zipfile.ZipFile(source.path) as archive:
            _refuse_entities(archive, source.name)
            named = _core_title(archive)
        with source.path.open("rb") as stream:
            converted = mammoth.convert_to_html(
                stream, style_map=_STYLES, convert_image=mammoth.images.img_element(_no_image)
            )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, EOFError) as error:
        raise DamagedDocumentError(
            f"'{source.name}' is damaged: a part of the Word document is missing or broken. Open it in Word, "
            "let it repair the file, save it and add it again."
        ) from error
    blocks = tuple(html.blocks_of(converted.value, source.name))
    title = named or next((block.text for block in blocks if block.kind == "heading" and block.level == 1), None)
    return ParsedDocument("docx", blocks, title=title)


def _no_image(_image: object) -> dict[str, str]:
    return {"src": ""}  # never opened: a picture may be huge, or lie outside the document


def _refuse_entities(archive: zipfile.ZipFile, name: str) -> None:
    """Word never declares entities; an XML bomb must. Also bounds what a lying size field can unpack."""
    for entry in archive.infolist():
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(entry) as part:
            start = part.read(4096)
        if b"<!DOCTYPE" in start.replace(b"\x00", b"") or b"<!ENTITY" in start.replace(b"\x00", b""):
            raise DamagedDocumentError(
                f"'{name}' declares XML entities, which Word never does; it was not opened. Save it again "
                "with Word and add it again."
            )
        if entry.file_size > 8 * MAX_TEXT_CHARACTERS:
            raise DamagedDocumentError(
                f"'{name}' holds a part of {entry.file_size / 2**20:,.0f} MiB. "
                "Split it into smaller documents and add those."
            )


def _core_title(archive: zipfile.ZipFile) -> str | None:
    if "docProps/core.xml" not in archive.namelist():
        return None
    with archive.open("docProps/core.xml") as part:
        core = part.read(2**16).decode("utf-8", "replace")
    found = _CORE_TITLE.search(core)
    title = " ".join(entities.unescape(found.group(1)).split()) if found else ""
    return title if title and not _WORTHLESS_TITLE.search(title) else None
