"""Whole documents: how soon the second question on one begins to be answered, and the longest documents summarised."""

from __future__ import annotations

from typing import Any

from docmind.answering.analyse import analyse, estimate
from docmind.answering.whole.analysis import Analysis
from docmind.answering.whole.plan import writes
from docmind.answering.whole.request import Kind, Request
from docmind.bench.answers.run import Measured, Run
from docmind.bench.report import Figure, Target
from docmind.errors import LibraryError
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

_LONGEST = 4
_READ_IN_SECONDS = 90  # the document of the two questions is the longest that is read in full in this time
_SHARE = Target("<=", 15)


def measure(run: Run) -> Measured:
    """First words on one document, and summaries of the longest ones with their times and places."""
    details: list[dict[str, Any]] = []
    with run.library() as library:
        workspace = library.workspace
        longest = sorted(workspace.catalog.documents("ready"), key=lambda each: -each.chunks)
        figures = [_second_question(workspace, longest, details)]
        for number, document in enumerate(longest[: run.size(_LONGEST)]):
            run.progress("whole", number, run.size(_LONGEST))
            figures += _summary(workspace, document, number, details)
    return Measured(tuple(figures), tuple(details))


def _second_question(workspace: Workspace, longest: list[Document], details: list[dict[str, Any]]) -> Figure:
    name = "whole: second question's first word, of the first one's time"
    if not writes(workspace.settings, workspace.engine):
        return Figure(name, None, "%", _SHARE, note="the engine only quotes")
    document = next((each for each in longest if _quick(workspace, each)), None)
    if document is None:
        return Figure(name, None, "%", _SHARE, note="no document is read in full quickly enough")
    _forget(workspace, document)
    seconds = []
    kinds: tuple[Kind, ...] = ("summary", "key points")
    for kind in kinds:
        analysis = _made(workspace, Request(kind, (document.id,), reading="in full"))
        seconds.append(analysis.first_seconds or 0.0)
        details.append({"document": document.name, "kind": kind, "first_seconds": analysis.first_seconds,
                        "prompt_tokens": analysis.prompt_tokens})  # fmt: skip
    note = f"{seconds[0]:.2f} s, then {seconds[1]:.2f} s; {details[-1]['prompt_tokens']:,} tokens"
    return Figure(name, round(100 * seconds[1] / seconds[0], 1) if seconds[0] else None, "%", _SHARE, note=note)


def _quick(workspace: Workspace, document: Document) -> bool:
    try:
        planned = estimate(workspace, Request("summary", (document.id,), reading="in full"))
    except LibraryError:  # it does not fit
        return False
    speed = workspace.engine.speed
    return not speed or planned.prompt_tokens / speed.reads <= _READ_IN_SECONDS


def _summary(workspace: Workspace, document: Document, number: int, details: list[dict[str, Any]]) -> list[Figure]:
    _forget(workspace, document)
    analysis = _made(workspace, Request("summary", (document.id,), reading="condensed"))
    (read,) = analysis.documents
    details.append(
        {
            "document": document.name,
            "pages": document.pages,
            "chunks": document.chunks,
            "seconds": analysis.seconds,
            "estimated": analysis.estimated_seconds,
            "tenths": list(read.tenths_cited),
            "statements": len(analysis.entries),
            "left_out": analysis.left_out,
            "prompt_tokens": analysis.prompt_tokens,
            "written_tokens": analysis.written_tokens,
        }
    )
    place = f"whole: longest document {number + 1}"
    said = f"{document.name}, {document.pages or document.chunks} {'pages' if document.pages else 'passages'}"
    return [
        Figure(f"{place}, time", analysis.seconds, "s", note=said),
        Figure(f"{place}, tenths cited", len(read.tenths_cited), "", Target(">=", 10), note=analysis.method),
    ]


def _made(workspace: Workspace, request: Request) -> Analysis:
    *_, last = analyse(workspace, request)
    assert isinstance(last, Analysis)  # noqa: S101 - nobody stops it
    return last


def _forget(workspace: Workspace, document: Document) -> None:
    """What was written of it before would make it quick."""
    workspace.catalog.analyses.forget_document(document.id)
