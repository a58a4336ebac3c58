"""The command line. `docmind` alone opens the app; every other command also speaks JSON.

With `--json` one document goes to standard output and everything else to standard error.
Exit status: 0 done, 1 something failed (the message says what to do), 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from docmind.cli import console
from docmind.cli.analyse import analyse
from docmind.cli.bench import bench
from docmind.cli.cache import cache_app
from docmind.cli.documents import documents_app
from docmind.cli.exports import chats_app, verify
from docmind.cli.feedback import feedback_app
from docmind.cli.folders import folders_app
from docmind.cli.models import models_app
from docmind.cli.options import AddedAfter, AddedBefore, InCollections, Json, OfTypes, Scope
from docmind.cli.repair import repair
from docmind.environment import import_nothing_from_here
from docmind.errors import DocMindError, SettingsError
from docmind.json_forms import answer_values, passage_values
from docmind.private_files import keep_private
from docmind.settings import load_settings, settings_notices

if TYPE_CHECKING:
    from docmind.retrieval.hybrid import Step
    from docmind.storage.scope import Limits
    from docmind.workspace import Workspace

# Each command imports what it needs: `docmind models list` must not wait for libraries that load models.

app = typer.Typer(
    name="docmind",
    help="Ask your own documents: local, private, every sentence tied to a place in a page.",
    invoke_without_command=True,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(documents_app, name="documents")
app.add_typer(folders_app, name="folders")
app.add_typer(models_app, name="models")
app.command()(analyse)
app.add_typer(chats_app, name="chats")
app.add_typer(cache_app, name="cache")
app.add_typer(feedback_app, name="feedback")
app.command()(bench)
app.command()(verify)
app.command()(repair)

Thinking = Literal["auto", "always", "never"]

_LEADS_OUT = "It is a link that leads out of its folder."


def run() -> NoReturn:
    """The program: a command, and its end.

    By then everything is closed; Python would take half a second more to take apart the libraries that were loaded.
    """
    keep_private()
    status: object = 0
    try:
        main()
    except SystemExit as ending:
        status = ending.code or 0
    with suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


def main() -> None:
    """Run a command; what DocMind raises on purpose becomes one line and exit status 1."""
    import_nothing_from_here()
    try:
        app()
    except DocMindError as error:
        console.fail(str(error))


@app.callback()
def open_the_app(
    context: typer.Context,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    fetch_writer: Annotated[
        bool, typer.Option("--fetch-writer", help="Fetch the writer, unless DOCMIND_FETCH_WRITER says otherwise.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Open the app when no command is given."""
    if version:
        from docmind import __version__

        console.say(__version__)
        raise typer.Exit
    with suppress(SettingsError):  # the command itself says it, as JSON where that is asked for
        for notice in settings_notices():
            console.notice(notice)
    if context.invoked_subcommand is None:
        from docmind.cli.launch import open_app

        raise typer.Exit(open_app(load_settings(), browser=browser, fetch_writer=fetch_writer))


@app.command()
def ingest(paths: Annotated[list[Path], typer.Argument(help="Files and folders.")], json: Json = False) -> None:
    """Add documents to the library."""
    with console.output(json) as out:
        from docmind.ingestion.ingest import ingest as run
        from docmind.ingestion.sources import links_outside, other_files, readable
        from docmind.workspace import Workspace

        started = time.perf_counter()
        outcomes = []
        with Workspace(load_settings()) as workspace, console.progress() as progress:
            if workspace.settings.qdrant_url and workspace.store.leaves_machine:
                console.notice(f"Passages are kept on another machine: {workspace.settings.qdrant_url}")
            _say_what_is_searched(workspace)
            for outcome in run(workspace, paths, progress):
                outcomes.append(outcome)
                out.line(console.ingested_line(outcome))
        counts = {
            status: sum(outcome.status == status for outcome in outcomes)
            for status in ("ingested", "unchanged", "replaced", "failed")
        }
        skipped, links = other_files(paths), links_outside(paths)
        totals = {
            "files": len(outcomes),
            **counts,
            "skipped": skipped,
            "pages": sum(outcome.pages or 0 for outcome in outcomes),
            "chunks": sum(outcome.chunks for outcome in outcomes),
            "seconds": round(time.perf_counter() - started, 3),
        }
        out.line(
            "\n" + ", ".join(f"{count} {status}" for status, count in counts.items() if count)
            if outcomes
            else "No supported file found."
        )
        if skipped:
            out.line(f"{skipped} files of other formats were left out.")
        for link in links:
            out.line(
                f"{console.printable(str(link))} was left out: {_LEADS_OUT} Name it itself to add what it leads to."
            )
        left_out = [{"path": readable(str(link)), "reason": _LEADS_OUT} for link in links]
        out.document({"files": outcomes, "left_out": left_out, "totals": totals})
    if counts["failed"] or not outcomes:
        raise typer.Exit(1)


@app.command()
def search(
    question: str,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Passages to show.")] = 10,
    document: Scope = None,
    collection: InCollections = None,
    types: OfTypes = None,
    added_after: AddedAfter = None,
    added_before: AddedBefore = None,
    evenly: Annotated[
        bool, typer.Option("--evenly", help="Search documents that the question names like all others.")
    ] = False,
    json: Json = False,
) -> None:
    """Find the passages nearest to a question."""
    with console.output(json) as out:
        from docmind.storage.scope import documents_within
        from docmind.workspace import Workspace

        question = _readable(question)
        limits = _limits(document, collection, types, added_after, added_before)
        with Workspace(load_settings()) as workspace:
            retriever = workspace.retriever(documents_within(workspace.catalog, limits), k)
            _say_what_is_searched(workspace)
            begun = time.perf_counter()
            embedding = workspace.embedder.model.get_query_embedding(question)
            embedded = time.perf_counter()
            without: tuple[Step, ...] = ("names",) if evenly else ()
            found = retriever.find(question, embedding, without=without)
            retrieved = time.perf_counter()
        results = [passage_values(rank, item) for rank, item in enumerate(found.passages, start=1)]
        for result in results:
            out.line(console.search_lines(result))
        for note in console.search_notes(found.looked_first, found.reranked):
            out.line(note)
        if not results:
            out.line("Nothing found; the library is empty. Add documents with `docmind ingest PATH`.")
        seconds = {"embed": round(embedded - begun, 4), "retrieve": round(retrieved - embedded, 4)}
        how = {"looked_first": found.looked_first, "reranked": found.reranked}
        out.document({"question": question, "results": results, "seconds": seconds, **how})


@app.command()
def ask(
    question: str,
    document: Scope = None,
    collection: InCollections = None,
    types: OfTypes = None,
    added_after: AddedAfter = None,
    added_before: AddedBefore = None,
    thinking: Annotated[
        Thinking | None, typer.Option(help="Whether the model thinks first, where it can; default: DOCMIND_THINKING.")
    ] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="Also write the answer into this file (.json, .md, .docx), for `docmind verify`."),
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Answer anew, whatever was kept.")] = False,
    json: Json = False,
) -> None:
    """Answer a question, with sources."""
    with console.output(json) as out:
        from docmind.answering.export.files import check_export
        from docmind.lean_imports import import_llama_index
        from docmind.storage.scope import documents_within
        from docmind.workspace import Workspace

        question = _readable(question)
        limits = _limits(document, collection, types, added_after, added_before)
        if out_file:
            check_export(out_file)  # before anybody waits for an answer
        with Workspace(load_settings()) as workspace, ThreadPoolExecutor(1) as meanwhile:
            chosen = documents_within(workspace.catalog, limits)
            if workspace.catalog.has("ready"):
                # The nearest sentence is found while the language model opens; what fails here, the question meets too.
                meanwhile.submit(workspace.warm_up)
            # Imported while the models are opened: the libraries behind it take more than a second.
            import_llama_index()
            _say_what_is_searched(workspace)
            from docmind.answering.ask import ask as run
            from docmind.answering.events import Answer, LoadingModel, Preview, Token
            from docmind.answering.question import Question
            from docmind.answering.whole.analysis import Planned, Progress
            from docmind.exporting import export_answers

            show: Callable[[str, int, int], None] | None = None
            with ExitStack() as bars:
                for event in run(workspace, Question(question, chosen, thinking=thinking, fresh=no_cache)):
                    if isinstance(event, Progress):
                        show = show or bars.enter_context(console.progress())
                        show(event.stage, event.done, event.total)
                        continue
                    bars.close()  # gone before anything else is written
                    show = None
                    match event:
                        case Preview(citation):
                            console.notice(f"Nearest sentence, {citation.place}: “{citation.read_alone}”\n")
                        case Planned():
                            console.notice(event.words)
                        case LoadingModel(model):
                            console.notice(f"Opening {model} …")
                        case Token(text):
                            out.piece(text)
                        case Answer():
                            if event.from_cache:
                                out.piece(event.text)
                            out.line(console.answer_lines(event))
                            out.document(answer_values(event))
                            if out_file:
                                export_answers(workspace, [event], out_file)


@app.command()
def doctor(json: Json = False) -> None:
    """Check this machine and this installation; each finding is ok or says what to do."""
    with console.output(json) as out:
        from docmind.cli.doctor import checks

        findings = checks(load_settings())
        for finding in findings:
            out.line(f"{'ok ' if finding.ok else 'NO '} {finding.name}: {finding.detail}")
            if finding.fix and not finding.ok:
                out.line(f"    -> {finding.fix}")
        out.document({"ok": all(finding.ok for finding in findings), "checks": findings})
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _readable(question: str) -> str:
    """The question as text: bytes of it that are no UTF-8 become question marks, because no tokenizer takes them."""
    if not question.strip():
        raise DocMindError("The question is empty. Type what you want to know.")
    return question.encode("utf-8", errors="replace").decode("utf-8")


def _limits(
    documents: Sequence[str] | None,
    collections: Sequence[str] | None,
    types: Sequence[str] | None,
    added_after: datetime | None,
    added_before: datetime | None,
) -> Limits:
    """The options that limit a question to some documents; one that was not given limits nothing."""
    from docmind.storage.scope import Limits

    documents, collections, types = (tuple(given) if given else None for given in (documents, collections, types))
    return Limits(documents, collections, types, added_after, added_before)


def _say_what_is_searched(workspace: Workspace) -> None:
    """A word where the settings name another embedding model or other words than the library is searched with."""
    from docmind.ingestion.reembedding import wish

    wanted = wish(workspace)
    if wanted and wanted.reason == "words":
        console.notice(
            "The library was filled with other weights of words than DOCMIND_EMBEDDER_ENGINE asks for, and is searched "
            "with those. `docmind documents reembed` embeds it anew."
        )
    if wanted and wanted.reason == "chosen":
        console.notice(
            f"The library is searched with {workspace.catalog.fact('embedder')}, which filled it. "
            f"`docmind documents reembed` takes up {wanted.name} instead."
        )


if __name__ == "__main__":
    run()
