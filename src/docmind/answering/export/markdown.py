"""Exports as Markdown: the answers for people, and at the end the record for `docmind verify`.

Text from documents and models is escaped, so that nothing in it becomes markup, a link or a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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

# What has a meaning anywhere, what begins a link, and what begins a heading, a list or a quotation.
_MARKUP = re.compile(r"[\\`*_\[\]<>~$&@|]|(?<=\bwww)\.|:(?=//)|^[-+#=]|^\d{1,9}(?=[.)])")
_FENCE = "\n```json docmind-export text-sha256="
_END = "\n```"


def to_markdown(record: Record) -> str:
    """A record for people, with itself at the end."""
    return with_record("\n".join(_lines(record)), record)


def with_record(text: str, record: Record) -> str:
    """Markdown with a record at its end, which also notes the hash of the text before it."""
    before, command, behind = HOW_TO_CHECK
    text = _settled(f"{text.rstrip()}\n\n---\n\n{before}`{command}`{behind}\n")
    # No line of a JSON text with indentation can begin with a fence.
    return f"{text}\n{_FENCE}{sha256_of_text(text)}\n{written(record).rstrip()}{_END}\n"


def record_in_markdown(markdown: str) -> tuple[str, bool]:
    """The record at the end of Markdown as JSON text, and whether the text before it is as it was written.

    Raises:
        ExportError: there is none.
    """
    before, fence, block = _settled(markdown).rpartition(_FENCE)
    text_sha256, line_end, rest = block.partition("\n")
    record, end, _ = rest.partition(_END)
    if not (fence and line_end and end):
        raise ExportError("There is no record in it. Export the answer again.")
    return record, sha256_of_text(_settled(before)) == text_sha256


def _settled(text: str) -> str:
    """A text with the line ends of Unix, and no white space at the ends of lines or of the whole."""
    return "\n".join(line.rstrip() for line in re.split(r"\r\n?|\n", text)).rstrip()


def _lines(record: Record) -> Iterator[str]:
    yield f"# {plain(record['title'])}\n"
    for answer in record["answers"]:
        if not titled_by_question(record):
            yield f"## {plain(answer['question'])}\n"
        for item, words in body(record, answer):
            yield f"- {plain(words)}" if item else f"{plain(words)}\n"
        yield ""
        if answer["citations"]:
            yield f"**{sources_heading(answer)}**\n"
            for citation in answer["citations"]:
                yield f"- {plain(source(citation))}"
            yield ""
        yield f"*{plain(written_by(answer))}*\n"


def plain(text: str) -> str:
    """Text in which Markdown finds no mark."""
    return _MARKUP.sub(_escaped, " ".join(readable(text).split()))


def _escaped(mark: re.Match[str]) -> str:
    return f"{mark[0]}\\" if mark[0].isdigit() else f"\\{mark[0]}"
