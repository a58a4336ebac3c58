"""`docmind feedback`: what users thought of answers, as a list and as an evaluation set."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docmind.cli import console
from docmind.cli.console import printable
from docmind.cli.options import Json
from docmind.errors import ExportError
from docmind.private_files import make_for_others, open_up
from docmind.settings import load_settings
from docmind.whole_files import write_whole

if TYPE_CHECKING:
    from docmind.answering.feedback import Opinion
    from docmind.storage.catalog import Catalog

feedback_app = typer.Typer(help="What you thought of answers. It stays on this machine.", no_args_is_help=True)


@feedback_app.command("list")
def feedback_list(json: Json = False) -> None:
    """List the answers with a thumb up or down, the oldest first."""
    with console.output(json) as out:
        from docmind.storage.catalog import open_catalog

        with closing(open_catalog(load_settings())) as catalog:
            given = _opinions(catalog)
        for opinion in given:
            out.line(_line(opinion))
        if not given:
            out.line("There is no feedback yet. Thumbs are at the answers in the app.")
        out.document({"feedback": [_values(opinion) for opinion in given]})


@feedback_app.command("export")
def feedback_export(
    file: Annotated[
        Path, typer.Argument(help="Where to: JSON lines, as `docmind bench answers` reads questions.jsonl.")
    ],
    documents: Annotated[
        bool, typer.Option("--documents", help="Also copy the documents into documents/ next to it.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the questions whose right answer you told, or called helpful, as an evaluation set."""
    with console.output(json) as out:
        from docmind.answering.export.files import check_writable
        from docmind.answering.feedback import evaluation_lines, evaluation_text
        from docmind.storage.catalog import open_catalog

        check_writable(file)
        settings = load_settings()
        with closing(open_catalog(settings)) as catalog:
            given = _opinions(catalog)
            lines = evaluation_lines(given)
            files = {
                document.name: settings.data_dir / "originals" / document.sha256
                for document in catalog.documents("ready")
            }
        _write(file, evaluation_text(lines))
        if documents:
            _copy({line["document"]: files[line["document"]] for line in lines}, file.parent / "documents")
        left_out = len(given) - len(lines)
        out.line(f"{len(lines)} questions are in {file}")
        if left_out:
            out.line(f"{left_out} were left out: their right answer is not known, or their document is gone.")
        out.document({"file": str(file), "questions": len(lines), "left_out": left_out})


@feedback_app.command("clear")
def feedback_clear(json: Json = False) -> None:
    """Forget all feedback; the answers stay."""
    with console.output(json) as out:
        from docmind.storage.catalog import open_catalog

        with closing(open_catalog(load_settings())) as catalog:
            cleared = catalog.chats.feedback.clear()
        out.line(f"{cleared} forgotten.")
        out.document({"cleared": cleared})


def _opinions(catalog: Catalog) -> list[Opinion]:
    from docmind.answering.feedback import opinions

    return opinions(catalog.chats.feedback, {document.id for document in catalog.documents("ready")})


def _line(opinion: Opinion) -> str:
    feedback = opinion.feedback
    lines = [f"{'up  ' if feedback.helpful else 'down'} {printable(opinion.question)}"]
    lines += [f"       why: {printable(feedback.why)}"] if feedback.why else []
    lines += [f"       right answer: {printable(feedback.right_answer)}"] if feedback.right_answer else []
    lines += ["       its document was deleted or replaced"] if opinion.gone else []
    return "\n".join(lines)


def _values(opinion: Opinion) -> dict[str, Any]:
    feedback, source = opinion.feedback, opinion.source
    return {
        "helpful": feedback.helpful,
        "question": opinion.question,
        "answer": opinion.answer.text,
        "why": feedback.why or None,
        "right_answer": feedback.right_answer or None,
        "given": feedback.given,
        "document_gone": opinion.gone,
        "document": source.document if source and not opinion.gone else None,
        "passage": source.passage if source and not opinion.gone else None,
    }


def _write(file: Path, text: str) -> None:
    try:
        write_whole(file, text.encode("utf-8", "replace"))
    except OSError as error:
        raise ExportError(f"{file} cannot be written ({error.strerror}). Name another file.") from error


def _copy(files: dict[str, Path], folder: Path) -> None:
    for name, original in files.items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise ExportError(f"{printable(name)} is no name for a file in {folder}. Add it under another one.")
        try:
            make_for_others(target.parent)
            is_new = not target.exists()
            shutil.copyfile(original, target)
            if is_new:
                open_up(target)
        except OSError as error:
            raise ExportError(f"{target} cannot be written ({error.strerror}). Name another folder.") from error
