"""`docmind models`: which models fit this machine, and fetching them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from docmind.cli import console
from docmind.cli.options import Json
from docmind.errors import DocMindError, ModelError
from docmind.json_forms import model_values, overview_values
from docmind.settings import CacheType, LocalEngine, load_settings

models_app = typer.Typer(help="Which models fit this machine, and fetching them.", invoke_without_command=True)


@models_app.callback()
def models(
    context: typer.Context,
    window: Annotated[int | None, typer.Option(min=1024, help="Estimate with a window of so many tokens.")] = None,
    cache_type: Annotated[CacheType | None, typer.Option(help="Estimate with these numbers in the KV cache.")] = None,
    engine: Annotated[LocalEngine | None, typer.Option(help="Estimate with this engine.")] = None,
    json: Json = False,
) -> None:
    """Show which models fit this machine and which one is used, before anything is loaded."""
    if context.invoked_subcommand is not None:
        return
    with console.output(json) as out:
        from docmind.models import choose, detect, overview

        asked = {"window": window, "cache_type": cache_type, "engine": engine}
        settings = load_settings().model_copy(update={name: value for name, value in asked.items() if value})
        hardware = detect(settings)
        rows = overview(settings, hardware)
        try:
            reason = choose(settings, hardware).reason
        except DocMindError as error:
            reason = str(error)
        out.line(f"{hardware.describe()}\n")
        out.line(console.overview_table(rows, reason))
        entries = [overview_values(row) for row in rows]
        out.document({"hardware": hardware, "reason": reason, "models": entries})


@models_app.command("list")
def models_list(json: Json = False) -> None:
    """List the models DocMind knows and those on this machine."""
    with console.output(json) as out:
        entries = model_values(load_settings())
        for entry in entries:
            out.line(console.model_line(entry))
        out.document({"models": entries})


@models_app.command("pull")
def models_pull(
    names: Annotated[
        list[str],
        typer.Argument(help="Names from `docmind models list`, 'starter' for both small starters, or 'writer'."),
    ],
    verify: Annotated[bool, typer.Option(help="Check every file's SHA-256 again.")] = False,
    json: Json = False,
) -> None:
    """Fetch models, check them by SHA-256, unpack them as data, and open each once so that it opens quickly later."""
    with console.output(json) as out:
        from docmind.models import WRITER, pull, starter_models
        from docmind.preparing import prepare

        settings = load_settings()
        aliases = {"starter": [model.name for model in starter_models()], "writer": [WRITER.name]}
        wanted = [name for given in names for name in aliases.get(given, [given])]
        pulled = []
        for name in dict.fromkeys(wanted):
            with console.progress() as progress:
                path = pull(name, settings, _stage_of(name, progress), verify=verify)
            pulled.append({"name": name, "path": str(path)})
            out.line(f"{name} is in {path}")
            out.line(f"Preparing {name}, so that it opens quickly …")
            try:
                prepare(name, settings)
            except ModelError as error:
                console.notice(f"{name} is here, but could not be prepared: {error}")
        out.document({"models": pulled})


def _stage_of(name: str, progress: Callable[[str, int, int], None]) -> Callable[[str, int, int], None]:
    return lambda stage, done, total: progress(f"{name}: {stage}", done, total)
