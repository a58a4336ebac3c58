"""`docmind analyse`: a summary, a list, a timeline of whole documents, every statement with its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from docmind.cli import console
from docmind.cli.options import Json
from docmind.json_forms import analysis_values
from docmind.settings import load_settings

if TYPE_CHECKING:
    from docmind.answering.whole.analysis import Analysis

Reading = Literal["auto", "in full", "condensed"]


def analyse(
    documents: Annotated[list[str], typer.Argument(help="Documents, by name or id.")],
    kind: Annotated[
        str,
        typer.Option(
            help="summary, key points, action items, open questions, timeline, entities, comparison, contradictions "
            "or list."
        ),
    ] = "summary",
    detailed: Annotated[bool, typer.Option(help="More of it.")] = False,
    question: Annotated[str, typer.Option(help="What to list, in your words.")] = "",
    reading: Annotated[
        Reading, typer.Option(help="Whether a model reads all of it ('in full'), or its key sentences ('condensed').")
    ] = "auto",
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Also write it, to be checked again: .json, .md or .docx.")
    ] = None,
    json: Json = False,
) -> None:
    """Read whole documents: summary, key points, action items, open questions, timeline, entities, list."""
    with console.output(json) as out:
        from docmind.answering.export.files import check_export  # noqa: PLC0415 - the command line starts at once
        from docmind.lean_imports import import_llama_index  # noqa: PLC0415
        from docmind.workspace import Workspace  # noqa: PLC0415

        if out_file:
            check_export(out_file)  # before anybody waits for the analysis
        import_llama_index()
        from docmind.answering.analyse import analyse as run  # noqa: PLC0415
        from docmind.answering.whole.analysis import Analysis, Planned, Progress  # noqa: PLC0415
        from docmind.answering.whole.as_answers import as_answers  # noqa: PLC0415
        from docmind.answering.whole.request import Request, kind_of  # noqa: PLC0415
        from docmind.exporting import export_answers  # noqa: PLC0415

        with Workspace(load_settings()) as workspace, console.progress() as progress:
            chosen = tuple(workspace.catalog.find(name).id for name in documents)
            request = Request(kind_of(kind), chosen, "detailed" if detailed else "short", reading, question)
            for event in run(workspace, request):
                match event:
                    case Planned():
                        console.notice(event.words)
                    case Progress(stage, done, total):
                        progress(stage, done, total)
                    case Analysis():
                        out.line(analysis_lines(event))
                        out.document(analysis_values(event))
                        if out_file:
                            export_answers(
                                workspace, as_answers(event, event.title), out_file, kind="analysis", title=event.title
                            )


def analysis_lines(analysis: Analysis) -> str:
    """An analysis for people: its statements with the numbers of their places, then the places."""
    lines = [analysis.title, ""]
    for part in analysis.parts:
        lines += [part.heading, ""] if part.heading else []
        for entry in part.entries:
            marks = "".join(f"[{number}]" for number in entry.sentence.citations)
            counted = f" ({entry.count:,} sentences)" if entry.count > 1 else ""
            label = f"{entry.label}{counted}: " if entry.label else ""
            text = entry.sentence.text.replace("\n", "\n    ")
            lines.append(f"  - {label}{text} {marks}".rstrip())
        lines.append("")
    if not analysis.entries:
        lines += [analysis.nothing, ""]
    lines += [f"[{citation.n}] {citation.place}" for citation in analysis.citations]
    if analysis.left_out:
        lines += ["", f"{analysis.left_out} statements that nothing supports were left out."]
    by = f" {analysis.model} ({analysis.engine})," if analysis.model else ""
    notes = analysis.notes if analysis.entries else ()  # otherwise they are said already
    lines += ["", *notes, f"{analysis.method};{by} {analysis.seconds:.1f} s."]
    return "\n".join(lines)
