"""`docmind verify` and `docmind chats`: exports that can be checked again, and checking them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docmind.cli import console
from docmind.cli.console import printable
from docmind.cli.options import Json
from docmind.errors import LibraryError
from docmind.plain_text import shortened
from docmind.settings import load_settings

if TYPE_CHECKING:
    from docmind.answering.export.verify import Checked, Verification
    from docmind.storage.catalog import Catalog
    from docmind.storage.chats import Chat

chats_app = typer.Typer(help="The chats of the app.", no_args_is_help=True)

_WORDS = {
    "holds": "holds",
    "changed": "the document was changed; it still says this",
    "gone": "the document was changed and no longer says this",
    "missing": "the document is not here",
    "altered": "the export was altered",
    "unreadable": "the document cannot be read",
}
_SHOWN_CHARACTERS = 160
_SHOWN_DIGITS = 12  # of a citation's number


def verify(
    file: Annotated[Path, typer.Argument(help="What DocMind exported: JSON, Markdown or DOCX.")],
    documents: Annotated[
        Path | None, typer.Option(exists=True, help="A folder of documents, or one, to check against: not the library.")
    ] = None,
    json: Json = False,
) -> None:
    """Say which quotations of an export still stand in the documents, offline and without a model."""
    with console.output(json) as out:
        from docmind.exporting import verify_file

        verification = verify_file(file, documents, load_settings())
        out.line(_verification_lines(verification))
        out.document({"file": str(file), **_verification_values(verification)})
    if not verification.holds:
        raise typer.Exit(1)


@chats_app.command("list")
def chats_list(json: Json = False) -> None:
    """List the chats, pinned ones first, then the last used."""
    with console.output(json) as out:
        from docmind.answering.export.record import moment
        from docmind.storage.catalog import open_catalog

        catalog = open_catalog(load_settings())
        chats = catalog.chats.all()
        catalog.close()
        for chat in chats:
            out.line(f"{chat.id}  {moment(chat.started)}  {printable(chat.title)}")
        if not chats:
            out.line("There is no chat yet. Ask a question in the app.")
        out.document({"chats": [{"id": chat.id, "title": chat.title, "started": chat.started} for chat in chats]})


@chats_app.command("export")
def chats_export(
    chat: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
    file: Annotated[Path, typer.Argument(help="Where to; .json, .md or .docx says the form.")],
    json: Json = False,
) -> None:
    """Write the answers of a chat into a file that `docmind verify` can check."""
    with console.output(json) as out:
        from docmind.answering.export.files import check_export, write_export
        from docmind.answering.export.record import record_of
        from docmind.answering.stored import answers_of
        from docmind.exporting import unlocked_library

        check_export(file)
        with unlocked_library(load_settings()) as (catalog, shelf):
            chosen = _chat(catalog, chat)
            answers = answers_of(catalog.chats.messages(chosen.id))
            write_export(record_of(answers, shelf, kind="chat", title=chosen.title), file)
        out.line(f"{len(answers)} answers are in {file}")
        out.document({"file": str(file), "chat": chosen.id, "answers": len(answers)})


def _chat(catalog: Catalog, given: str) -> Chat:
    found = [chat for chat in catalog.chats.all() if given and chat.id.startswith(given)]
    if len(found) != 1:
        problem = "several chats" if found else "no chat"
        raise LibraryError(f"There is {problem} of that id; `docmind chats list` names them.")
    return found[0]


def _verification_lines(verification: Verification) -> str:
    claim, counts = verification.claim, verification.counts
    lines = [
        f"Exported {_shown(claim.exported)} by DocMind {_shown(claim.docmind_version)}: {_shown(claim.title)}",
        "",
    ]
    lines += [f"ALTERED  {alteration}" for alteration in verification.alterations]
    lines += [_checked_line(checked) for checked in verification.checked]
    held = f"{counts.get('holds', 0)} of {len(verification.checked)} quotations hold"
    lines += ["", f"{held}." if verification.holds else f"{held}; see above."]
    return "\n".join(lines)


def _checked_line(checked: Checked) -> str:
    citation = checked.citation
    mark = "ok " if checked.verdict == "holds" else "NO "
    words = _WORDS[checked.verdict]
    if checked.where and checked.where[0].locator != citation.locator:
        words += f" ({_shown(checked.where[0].locator.words())})"
    notes = f": {checked.note}" if checked.note else ""
    place = _shown(citation.locator.words(citation.document))
    number = _shown(str(citation.n), _SHOWN_DIGITS)
    return f"{mark} {checked.answer}.[{number}] {place}: “{_shown(citation.quote)}”\n      {words}{notes}"


def _shown(text: str, most: int = _SHOWN_CHARACTERS) -> str:
    """Text of a file that may be forged, on one line that can be read."""
    return shortened(printable(text[: 2 * most]), most)


def _verification_values(verification: Verification) -> dict[str, Any]:
    claim = verification.claim
    return {
        "holds": verification.holds,
        "kind": claim.kind,
        "title": claim.title,
        "exported": claim.exported,
        "docmind_version": claim.docmind_version,
        "alterations": list(verification.alterations),
        "counts": verification.counts,
        "quotations": [
            {
                "answer": checked.answer,
                "n": checked.citation.n,
                "verdict": checked.verdict,
                "note": checked.note or None,
                "document": checked.citation.document,
                "locator": checked.citation.locator.values(),
                "quote": checked.citation.quote,
                "where": [
                    {"locator": span.locator.values(), "start": span.start, "end": span.end} for span in checked.where
                ],
            }
            for checked in verification.checked
        ],
    }
