"""Exports as Word documents: the answers for people, and the record as a part of its own that Word keeps.

A file that is read back is untrusted: no more than a bounded size of it is unpacked, and its XML is never parsed.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from docmind.answering.export.for_people import HOW_TO_CHECK, marked, source, sources_heading, told, written_by
from docmind.answering.export.record import Record, written
from docmind.errors import ExportError

# Base64, because XML may hold neither control characters nor lone surrogates.
_PART = '<?xml version="1.0" encoding="UTF-8"?><docmind-export xmlns="docmind:export">{}</docmind-export>'
_RECORD = re.compile(rb"<docmind-export[^>]{0,200}>([A-Za-z0-9+/=\s]*)</docmind-export>")
_XML_REFUSES = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTRIES = 1_000


def to_docx(record: Record) -> bytes:
    """A record for people, with itself in a custom XML part."""
    document = Document()
    document.add_heading(_plain(record["title"]), 0)
    for answer in record["answers"]:
        document.add_heading(_plain(answer["question"]), 1)
        if record["kind"] == "analysis" and answer["sentences"]:
            for sentence in answer["sentences"]:
                document.add_paragraph(_plain(marked(sentence)), style="List Bullet")
        else:
            document.add_paragraph(_plain(told(answer)))
        if answer["citations"]:
            document.add_heading(sources_heading(answer), 2)
            for citation in answer["citations"]:
                document.add_paragraph(_plain(source(citation)), style="List Bullet")
        document.add_paragraph().add_run(_plain(written_by(answer))).italic = True
    return with_record(document, record)


def with_record(document: WordDocument, record: Record) -> bytes:
    """A Word document with a record in it, and a line that says how to check it."""
    document.add_paragraph(HOW_TO_CHECK)
    encoded = base64.b64encode(written(record).encode("utf-8", "replace")).decode("ascii")
    package = document.part.package
    name = PackURI(package.next_partname("/customXml/item%d.xml"))
    part = Part(name, "application/xml", _PART.format(encoded).encode(), package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def record_in_docx(content: bytes, most_bytes: int) -> str:
    """The record in a Word document as JSON text; `most_bytes` of one part are unpacked at most.

    Raises:
        ExportError: there is none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist()[:_ENTRIES] if _may_hold_it(entry.filename)]
            for entry in entries:
                with archive.open(entry) as part:
                    unpacked = part.read(most_bytes + 1)
                if len(unpacked) <= most_bytes and (found := _RECORD.search(unpacked)):
                    return base64.b64decode(found[1]).decode("utf-8", "replace")
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        KeyError,
        EOFError,
        ValueError,
        NotImplementedError,
        OSError,
    ) as e:
        raise ExportError("It is no Word document, or a damaged one. Export the answer again.") from e
    raise ExportError("There is no record in it. Export the answer again.")


def _may_hold_it(name: str) -> bool:
    return name.startswith("customXml/item") and name.endswith(".xml")


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return _XML_REFUSES.sub("\N{REPLACEMENT CHARACTER}", text)
