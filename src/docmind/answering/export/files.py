"""Export files: written in the form that their suffix names, and read back whatever they turn out to be."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from docmind.answering.export import docx, markdown
from docmind.answering.export.record import Claim, Record, read_record, written
from docmind.errors import ExportError
from docmind.whole_files import check_place, write_whole

MAX_FILE_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Form:
    """A form of exports: what to call it, its media type, and what writes it."""

    title: str
    media_type: str
    write: Callable[[Record], bytes]


FORMS: Mapping[str, Form] = {
    ".md": Form("Markdown", "text/markdown", lambda record: markdown.to_markdown(record).encode("utf-8", "replace")),
    ".docx": Form("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx.to_docx),
    ".json": Form("JSON", "application/json", lambda record: written(record).encode("utf-8", "replace")),
}
"""By suffix."""


def form_of(path: Path) -> Form:
    """The form that a file's suffix names.

    Raises:
        ExportError: it names none.
    """
    if not path.name:  # '', '.' or '/'
        raise ExportError(f"That names no file to write. Name one that ends in one of {', '.join(FORMS)}.")
    try:
        return FORMS[path.suffix.lower()]
    except KeyError:
        raise ExportError(f"{path.name} must end in one of {', '.join(FORMS)}, which says its form.") from None


def check_export(path: Path) -> None:
    """See that an export can be written into a file, before anybody waits for what it is to hold.

    Raises:
        ExportError: its suffix names no form, or it cannot be written.
    """
    form_of(path)
    check_writable(path)


def check_writable(path: Path) -> None:
    """The same for a file of any suffix.

    Raises:
        ExportError: it cannot be written.
    """
    if not path.name:
        raise ExportError("That names no file to write. Name one, in a folder that is there.")
    try:
        check_place(path)
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def write_export(record: Record, path: Path) -> None:
    """Write a record into a file, in the form that its suffix names.

    Raises:
        ExportError: the suffix names no form, or the file cannot be written.
    """
    content = form_of(path).write(record)
    try:
        write_whole(path, content)
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def read_export(path: Path) -> Claim:
    """What an export file says; its content, not its name, tells its form.

    Raises:
        ExportError: it cannot be read, is no export, is damaged, of a newer form or too large.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ExportError(f"{path} is no file. Name a file that DocMind exported.")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ExportError(f"{path} cannot be read ({error.strerror}). Check its name and its permissions.") from error
    if len(content) > MAX_FILE_BYTES:
        raise ExportError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB, which no export is.")
    try:
        return _read(content)
    except ExportError as error:
        raise ExportError(f"{path} cannot be checked. {error}") from error


def _read(content: bytes) -> Claim:
    if content.startswith(b"PK"):
        record, intact = docx.record_in_docx(content, MAX_FILE_BYTES)
        return replace(read_record(record), text_intact=intact)
    text = content.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("{"):
        return read_record(text)
    record, intact = markdown.record_in_markdown(text)
    return replace(read_record(record), text_intact=intact)
