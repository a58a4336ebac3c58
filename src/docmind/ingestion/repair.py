"""Repair: what is kept aside is taken up again, as if it had just been added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from docmind.errors import DocMindError
from docmind.ingestion.originals import disk_errors_in_words, stage_file
from docmind.ingestion.set_aside import SetAside, kept_aside, let_go
from docmind.workspace import Workspace


def forgotten(workspace: Workspace) -> list[SetAside]:
    """What is kept aside, by name, but for what waits in the queue again."""
    if not (kept := kept_aside(workspace.settings.data_dir)):
        return []
    needed = workspace.catalog.bytes.needed()
    return [each for each in kept if each.path.name not in needed]


def take_up(workspace: Workspace) -> Iterator[tuple[SetAside, str | None]]:
    """Queue every document that is kept aside; whoever reads the queue reads them, and lets them go when they are read.

    None takes the place of another: it came before what the library has under its name, and gets a number.

    Yields:
        Each, and in words why it stays where it is; None where it is in the queue, or was in the library already.
    """
    taken = {document.name for document in workspace.catalog.documents() if document.state != "removing"}
    for kept in forgotten(workspace):
        try:
            for name in kept.names:
                free = _free_name(name, taken)
                taken.add(free)
                _, known = stage_file(workspace, kept.path, free)
                if known:
                    with disk_errors_in_words(workspace):
                        let_go(workspace.settings.data_dir, kept.path.name)
        except DocMindError as error:
            yield kept, str(error)
        else:
            yield kept, None


def _free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where a document has it."""
    path, number, free = PurePosixPath(name), 1, name
    while free in taken:
        number += 1
        free = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    return free
