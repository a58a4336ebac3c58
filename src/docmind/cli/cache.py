"""`docmind cache`: what the kept answers are good for, and clearing them."""

from __future__ import annotations

import dataclasses

import typer

from docmind.cli import console
from docmind.cli.options import Json
from docmind.settings import load_settings

cache_app = typer.Typer(help="Answers that are kept for when the same is asked again.", no_args_is_help=True)


@cache_app.command("show")
def cache_show(json: Json = False) -> None:
    """Say how many answers are kept, how often they were of use, and the time they saved."""
    with console.output(json) as out:
        from docmind.answering.remembering import kept_answers
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            statistics = kept_answers(workspace).statistics()
            limit, days = workspace.settings.cache_entries, workspace.settings.cache_days
            on = workspace.settings.cache
        out.line(console.cache_lines(statistics, on=on))
        out.document({"on": on, "most_entries": limit, "days": days, **dataclasses.asdict(statistics)})


@cache_app.command("clear")
def cache_clear(json: Json = False) -> None:
    """Delete every kept answer and the counts."""
    with console.output(json) as out:
        from docmind.answering.remembering import kept_answers
        from docmind.workspace import Workspace

        with Workspace(load_settings()) as workspace:
            answers = kept_answers(workspace)
            entries = answers.statistics().entries
            answers.clear()
        out.line(f"{entries:,} kept answers deleted.")
        out.document({"deleted": entries})
