"""Exporting answers of a library, and checking exports against it or against files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from docmind.answering.export.files import read_export, write_export
from docmind.answering.export.record import Kind, Record, record_of
from docmind.answering.export.shelf import Shelf, shelf_of_files, shelf_of_library
from docmind.answering.export.verify import Verification, verify
from docmind.ingestion.sources import expand
from docmind.settings import Settings, load_settings
from docmind.storage.catalog import Catalog, open_catalog
from docmind.workspace import Workspace, open_reader

if TYPE_CHECKING:
    from docmind.answering.events import Answer  # brings LlamaIndex, which verifying does not need


def export_answers(
    workspace: Workspace, answers: Sequence[Answer], path: Path, *, kind: Kind = "answer", title: str = ""
) -> None:
    """Write answers into a file that can be checked again: JSON, Markdown or DOCX, as its suffix says.

    Args:
        workspace: The open library, in whose documents the quotations are found again for their offsets.
        answers: Those of `docmind.ask`, in order.
        path: The file; one that is there is replaced.
        kind: What the answers are together.
        title: What to call them; '' takes the first question.

    Raises:
        ExportError: the suffix names no form, or the file cannot be written.
    """
    write_export(export_record(workspace, answers, kind=kind, title=title), path)


def export_record(workspace: Workspace, answers: Sequence[Answer], *, kind: Kind = "answer", title: str = "") -> Record:
    """The same as JSON values; see `export_answers`."""
    return record_of(answers, library_shelf(workspace), kind=kind, title=title)


def library_shelf(workspace: Workspace) -> Shelf:
    """The documents of an open library, in which quotations are found."""
    return shelf_of_library(workspace.catalog, workspace.originals, workspace.reader)


def verify_file(path: Path, documents: Path | None = None, settings: Settings | None = None) -> Verification:
    """Check an export: which of its quotations still stand in the documents, and which document was changed.

    It needs neither models nor the network, and works while DocMind is open.

    Args:
        path: The export.
        documents: A folder of documents, or one document, to check against; None takes the library.
        settings: They name the library and the limits of reading; None reads the user's.

    Raises:
        ExportError: the file is no export, or a damaged one.
        DocumentError: `documents` is not there or cannot be read.
        LibraryError: the library cannot be used.
    """
    claim = read_export(path)
    settings = settings or load_settings()
    if documents is None:
        with unlocked_library(settings) as (_, shelf):
            return verify(claim, shelf)
    with open_reader(settings) as reader:
        return verify(claim, shelf_of_files(expand([documents]), reader))


@contextmanager
def unlocked_library(settings: Settings) -> Iterator[tuple[Catalog, Shelf]]:
    """The catalogue and the documents of a library, for reading: allowed while DocMind has it open.

    Raises:
        LibraryError: the library cannot be used.
    """
    with closing(open_catalog(settings)) as catalog, open_reader(settings) as reader:
        yield catalog, shelf_of_library(catalog, settings.data_dir / "originals", reader)
