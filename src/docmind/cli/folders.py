"""`docmind folders`: the folders that the library is kept in step with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docmind.cli import console
from docmind.cli.options import Json
from docmind.errors import LibraryError
from docmind.json_forms import folder_values
from docmind.settings import load_settings

if TYPE_CHECKING:
    from docmind.storage.catalog import Catalog
    from docmind.storage.folders import Folder
    from docmind.workspace import Workspace

folders_app = typer.Typer(
    help="Folders that the library is kept in step with: what changes in them changes in it.", no_args_is_help=True
)
_REST = 0.5  # seconds until a file that is still being written is looked at again
APath = Annotated[Path, typer.Argument(help="The folder.")]


@folders_app.command("add")
def folders_add(path: APath, json: Json = False) -> None:
    """Keep in step with a folder from now on, while the app is open and at each `docmind folders sync`.

    Its files are added at once. A file `.docmindignore` in it says what is left out, as `.gitignore` does for Git.
    """
    with console.output(json) as out:
        from docmind.ingestion.folders import add_folder
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            folder = add_folder(workspace, path.expanduser().absolute())
            _keep_in_step(workspace, [folder], out)


@folders_app.command("list")
def folders_list(json: Json = False) -> None:
    """List the folders, and what is not in step."""
    with console.output(json) as out:
        from docmind.storage.catalog import open_catalog

        with closing(open_catalog(load_settings())) as catalog:
            found = [folder_values(each, catalog.folders.counts(each.id)) for each in catalog.folders.all()]
        for folder in found:
            out.line(_line(folder))
        if not found:
            out.line("No folder is kept in step. Add one with `docmind folders add PATH`.")
        out.document({"folders": found})


@folders_app.command("sync")
def folders_sync(
    path: Annotated[Path | None, typer.Argument(help="The folder; default: all of them.")] = None,
    deleted_too: Annotated[
        bool, typer.Option("--deleted-too", help="Also take in again what you have deleted from the library.")
    ] = False,
    json: Json = False,
) -> None:
    """Look what has changed in the folders, and read it; the app does so by itself."""
    with console.output(json) as out:
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            folders = [_meant(workspace.catalog, path)] if path else workspace.catalog.folders.all()
            for folder in folders if deleted_too else ():
                workspace.catalog.folders.take_in_again(folder.id)
            _keep_in_step(workspace, folders, out)


@folders_app.command("remove")
def folders_remove(path: APath, json: Json = False) -> None:
    """Keep in step with a folder no longer; its documents stay in the library."""
    with console.output(json) as out:
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            folder = _meant(workspace.catalog, path)
            workspace.catalog.folders.remove(folder.id)
        out.line(f"{console.printable(str(folder.path))} is kept in step no longer. Its documents stay in the library.")
        out.document({"path": str(folder.path)})


def _keep_in_step(workspace: Workspace, folders: Sequence[Folder], out: console.Output) -> None:
    """Go through folders, read what is new, and say what was done; the command ends with 1 where something was not."""
    from docmind.ingestion.folders import keep_in_step
    from docmind.ingestion.ingest import drain, settle
    from docmind.ingestion.recovery import recover

    recover(workspace)
    kept = workspace.catalog.folders
    before = {folder.id: [deed.number for deed in kept.deeds(folder.id, 1)] for folder in folders}
    with console.progress() as progress:
        for folder in folders:
            while keep_in_step(workspace, folder).again:
                time.sleep(_REST)
        outcomes = list(drain(workspace, progress))
        settle(workspace)
    deeds = [
        deed
        for folder in folders
        for deed in reversed(kept.deeds(folder.id))
        if deed.number > max(before[folder.id], default=0)
    ]
    for deed in deeds:
        if deed.what in ("renamed", "removed"):
            out.line(f"{deed.what:<10} {console.printable(deed.name)}")
    for outcome in outcomes:
        out.line(console.ingested_line(outcome))
    now = [folder for folder in kept.all() if folder.id in before]
    found = [folder_values(each, kept.counts(each.id)) for each in now]
    for values in found:
        out.line(_line(values))
    if not folders:
        out.line("No folder is kept in step. Add one with `docmind folders add PATH`.")
    out.document(
        {"folders": found, "done": [{"what": deed.what, "document": deed.name} for deed in deeds], "files": outcomes}
    )
    if any(folder.problem for folder in now) or any(outcome.status == "failed" for outcome in outcomes):
        raise typer.Exit(1)


def _meant(catalog: Catalog, path: Path) -> Folder:
    wanted = path.expanduser().absolute()
    for folder in catalog.folders.all():
        if folder.path in (wanted, wanted.resolve()):
            return folder
    raise LibraryError(f"{path} is not kept in step. `docmind folders list` names those that are.")


def _line(folder: dict[str, object]) -> str:
    out = f"; {folder['left_out']:,} left out, since you deleted them" if folder["left_out"] else ""
    problem = f"\n           {console.printable(str(folder['problem']))}" if folder["problem"] else ""
    standing = "not in step" if folder["problem"] else "in step"
    return f"{standing:<11} {console.printable(str(folder['path']))} ({folder['files']:,} files{out}){problem}"
