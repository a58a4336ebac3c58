"""Repair: what is kept aside is taken up again, as if it had just been added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from docmind.errors import DocMindError
from docmind.ingestion.originals import disk_errors_in_words, stage_file
from docmind.ingestion.set_aside import SetAside, kept_aside, let_go
from docmind.workspace import Workspace


def take_up(workspace: Workspace) -> Iterator[tuple[SetAside, str | None]]:
    """Queue every document that is kept aside; whoever reads the queue reads them.

    None takes the place of another: it came before what the library has under its name, and gets a number.

    Yields:
        Each, and in words why it stays where it is; None where it is in the library again.
    """
    for kept in kept_aside(workspace.settings.data_dir):
        try:
            for name in kept.names:
                stage_file(workspace, kept.path, _free_name(workspace, name, kept.path.name))
            with disk_errors_in_words(workspace):
                let_go(kept)
        except DocMindError as error:
            yield kept, str(error)
        else:
            yield kept, None


def _free_name(workspace: Workspace, name: str, sha256: str) -> str:
    """The name, with a number where a document of other bytes has it."""
    others = workspace.catalog.documents("ready", "queued", "reading")
    taken = {document.name for document in others if document.sha256 != sha256}
    path, number, free = PurePath(name), 1, name
    while free in taken:
        number += 1
        free = f"{path.stem} ({number}){path.suffix}"
    return free
