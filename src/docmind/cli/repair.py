"""`docmind repair`: documents that the catalogue knows nothing of come back into the library."""

from __future__ import annotations

import typer

from docmind.cli import console
from docmind.cli.options import Json
from docmind.settings import load_settings


def repair(json: Json = False) -> None:
    """Add documents again that are kept aside, because the catalogue knows nothing of them."""
    with console.output(json) as out:
        from docmind.ingestion.ingest import drain, settle
        from docmind.ingestion.recovery import recover
        from docmind.ingestion.repair import take_up
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace, console.progress() as progress:
            recover(workspace)
            taken = list(take_up(workspace))
            for kept, trouble in taken:
                names = console.printable(", ".join(kept.names))
                out.line(f"{names} stays in {kept.path}: {trouble}" if trouble else f"{names} is taken up again.")
            outcomes = list(drain(workspace, progress))
            for outcome in outcomes:
                out.line(console.ingested_line(outcome))
            settle(workspace)
        if not taken:
            out.line("Nothing is kept aside.")
        files = [{"names": kept.names, "path": str(kept.path), "trouble": trouble} for kept, trouble in taken]
        out.document({"kept_aside": files, "files": outcomes})
    if any(trouble for _, trouble in taken) or any(outcome.status == "failed" for outcome in outcomes):
        raise typer.Exit(1)
