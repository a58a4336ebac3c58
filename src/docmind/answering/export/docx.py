"""Exports as Word documents: the answers for people, and the record as a part of its own that Word keeps.

A file that is read back is untrusted: no more than a bounded size of it is unpacked, and its XML is never parsed.
"""

from __future__ import annotations

import base64
import html
import io
import re
import struct
import zipfile
import zlib
from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import Mm

from docmind.answering.export.checkable import sha256_of_text
from docmind.answering.export.for_people import (
    HOW_TO_CHECK,
    body,
    source,
    sources_heading,
    titled_by_question,
    written_by,
)
from docmind.answering.export.record import Record, written
from docmind.errors import ExportError
from docmind.plain_text import readable

# Base64, because XML may hold neither control characters nor lone surrogates.
_PART = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<docmind-export xmlns="docmind:export" text-sha256="{sha256}">{record}</docmind-export>'
)
_RECORD = re.compile(
    rb'<docmind-export [^>]{0,200}text-sha256="([0-9a-f]{64})"[^>]{0,200}>([A-Za-z0-9+/=\s]*)</docmind-export>'
)
_TEXT = re.compile(r"<w:t(?: [^<>]{0,100})?>([^<]*)</w:t>")
_XML_REFUSES = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTRIES = 1_000
# What Python's reader of ZIP archives raises on damaged ones; RuntimeError where one is encrypted.
_DAMAGE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    KeyError, EOFError, ValueError, RuntimeError, OSError,
)  # fmt: skip


def to_docx(record: Record) -> bytes:
    """A record for people, with itself in a custom XML part."""
    document = Document()
    title = _plain(record["title"])
    properties, page = document.core_properties, document.sections[0]
    properties.author, properties.title, properties.comments = "DocMind", title[:255], ""
    properties.created = properties.modified = datetime.fromisoformat(record["exported"]).replace(tzinfo=None)
    page.page_width, page.page_height = Mm(210), Mm(297)  # A4; python-docx begins with US Letter
    document.add_heading(title, 0)
    for answer in record["answers"]:
        if not titled_by_question(record):
            document.add_heading(_plain(answer["question"]), 1)
        for item, words in body(record, answer):
            document.add_paragraph(_plain(words), style="List Bullet" if item else None)
        if answer["citations"]:
            document.add_heading(sources_heading(answer), 2)
            for citation in answer["citations"]:
                document.add_paragraph(_plain(source(citation)), style="List Bullet")
        document.add_paragraph().add_run(_plain(written_by(answer))).italic = True
    return with_record(document, record)


def with_record(document: WordDocument, record: Record) -> bytes:
    """A Word document with a line that says how to check it, and a record and the hash of its text."""
    before, command, behind = HOW_TO_CHECK
    line = document.add_paragraph(before)
    line.add_run(command).font.name = "Consolas"
    line.add_run(behind)
    text = "".join(run.text or "" for run in document.element.iter(qn("w:t")))
    encoded = base64.b64encode(written(record).encode("utf-8", "replace")).decode("ascii")
    package = document.part.package
    name = PackURI(package.next_partname("/customXml/item%d.xml"))
    content = _PART.format(sha256=sha256_of_text(text), record=encoded).encode()
    document.part.relate_to(Part(name, "application/xml", content, package), RELATIONSHIP_TYPE.CUSTOM_XML)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def record_in_docx(content: bytes, most_bytes: int) -> tuple[str, bool]:
    """The record in a Word document as JSON text, and whether the text for people is as it was written.

    Args:
        content: The file.
        most_bytes: So many bytes of the parts that may hold it are unpacked at most, and so many of the text.

    Raises:
        ExportError: there is none.
    """
    try:
        left = most_bytes
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist()[:_ENTRIES]:
                if not (entry.filename.startswith("customXml/item") and entry.filename.endswith(".xml")):
                    continue
                left -= entry.file_size  # no more than that is unpacked of it
                if left < 0:
                    break
                if found := _RECORD.search(_unpacked(archive, entry.filename, most_bytes)):
                    shown = _unpacked(archive, "word/document.xml", most_bytes).decode("utf-8", "replace")
                    text = "".join(html.unescape(run) for run in _TEXT.findall(shown))
                    intact = sha256_of_text(text) == found[1].decode("ascii")
                    return base64.b64decode(found[2]).decode("utf-8", "replace"), intact
    except _DAMAGE as error:
        raise ExportError("It is no Word document, or a damaged one. Export the answer again.") from error
    raise ExportError("There is no record in it. Export the answer again.")


def _unpacked(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """A part, or nothing where it is larger than any export's."""
    with archive.open(name) as part:
        content = part.read(most_bytes + 1)
    return content if len(content) <= most_bytes else b""


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return _XML_REFUSES.sub("\N{REPLACEMENT CHARACTER}", readable(text))
