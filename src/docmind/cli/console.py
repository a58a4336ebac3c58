"""How the command line speaks: text for people, or one JSON document for programs, never both on one stream."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from docmind.answering.utilisation import grade
from docmind.errors import DocMindError
from docmind.plain_text import readable, shortened
from docmind.records import Locator

if TYPE_CHECKING:
    # For annotations only: these modules cost seconds to import.
    from docmind.answering.cache import CacheStatistics
    from docmind.answering.events import Answer
    from docmind.ingestion.ingest import Ingested
    from docmind.models import Row
    from docmind.retrieval.reranking import Reranking
    from docmind.storage.catalog import Document


class Output:
    """Where a command's results go."""

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        self._stream = stream
        self._as_json = as_json
        self._told = False

    def line(self, text: str) -> None:
        """A line for people."""
        self.piece(text + "\n")

    def piece(self, text: str) -> None:
        """Part of a line for people, shown at once."""
        if not self._as_json:
            self._stream.write(_harmless(text))
            self._stream.flush()

    def document(self, value: Any) -> None:
        """The command's one JSON document; where there is one already, what went wrong behind it is said elsewhere."""
        if self._as_json and not self._told:
            self._told = True
            json.dump(value, self._stream, ensure_ascii=False, indent=2, default=_plain)
            self._stream.write("\n")
            self._stream.flush()


@contextmanager
def output(as_json: bool) -> Iterator[Output]:
    """Keep standard output for the command's own words.

    Libraries, native ones included, write to file descriptor 1 when they please; inside this block that is standard
    error. An error that DocMind raises on purpose becomes a JSON document too.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(kept, "w", encoding="utf-8", errors="replace", closefd=False) as stream:
            out = Output(stream, as_json=as_json)
            try:
                yield out
            except DocMindError as error:
                out.document({"error": {"kind": type(error).__name__, "message": str(error)}})
                raise
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def say(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(_harmless(text) + "\n")


def printable(text: str) -> str:
    """Text from a file that nobody vouches for, on one line and without what would steer a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in " ".join(text.split())
    )


def _harmless(text: str) -> str:
    """Lines of our own, with names and words of documents in them that must not steer the terminal."""
    return readable(text).replace("\r", " ")


def notice(message: str) -> None:
    """Say what is going on, apart from the result."""
    sys.stderr.write(f"{_harmless(message)}\n")


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit status 1."""
    sys.stderr.write(f"docmind: {_harmless(message)}\n")
    sys.exit(1)


@contextmanager
def progress(*, remaining: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error where that is a terminal; called with a name, done and total.

    Args:
        remaining: Whether it tells the time left, not the time that has passed.
    """
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn() if remaining else TimeElapsedColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                # Square brackets in a file name would be read as colours.
                tasks[name] = bars.add_task(name.replace("[", "\\["), total=total)
            bars.update(tasks[name], completed=done, total=total, visible=done < total)

        yield show


def ingested_line(outcome: Ingested) -> str:
    """One file's outcome."""
    if outcome.error:
        return f"failed     {outcome.path}: {outcome.error}"
    pages = f"{outcome.pages} pages, " if outcome.pages else ""
    notes = "".join(f"\n           note: {warning}" for warning in outcome.warnings)
    return f"{outcome.status:<10} {outcome.path} ({pages}{outcome.chunks} passages, {outcome.seconds:.1f} s){notes}"


def reembedding_line(before: str | None, wanted: str | None, passages: int, seconds: float | None) -> str:
    """What embedding the library anew takes."""
    took = f"about {duration(seconds)}, by the sizes of the models" if seconds else "a time that shows once it runs"
    return (
        f"Embedding {passages:,} passages anew: from {before} to {wanted}. It takes {took}. Ctrl-C ends it, and the "
        "same command goes on; until it is through, the library answers as it did."
    )


def duration(seconds: float) -> str:
    """Seconds in words: '40 s', '5 min', '2.5 h'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def search_lines(result: dict[str, Any]) -> str:
    """One passage; of a table that began before it, behind the table's head."""
    head, text = (" ".join((result[part] or "").split()) for part in ("table_head", "text"))
    # The head is short where it tells; what was found must be seen in any case.
    found = " ".join(filter(None, (shortened(head, _SHOWN_CHARACTERS // 3), shortened(text, _SHOWN_CHARACTERS))))
    place = Locator.from_values(result["locator"]).words(result["document"])
    heading = f" · {result['heading']}" if result["heading"] else ""
    return f"{result['rank']:>2}. {place}{heading}\n    {found}"


_SHOWN_CHARACTERS = 300


def answer_lines(answer: Answer) -> str:
    """What follows the streamed text: which sentences hold, the sources, what was read; nothing where the app spoke."""
    if answer.engine == "app":  # nothing was read, and nothing has a source
        return ""
    lines = ["", "", *([f"Asked as: {answer.asked_as}", ""] if answer.asked_as else [])]
    if not answer.found and not answer.stopped:
        lines += [answer.text, "", "Closest passages, the first ones first; they may not answer this"]
    elif answer.draft and not answer.by_document:
        lines += ["The documents do not support that. They say:", answer.text, "", "Sources"]
    elif not all(sentence.supported for sentence in answer.sentences):
        lines += [*_unsupported_lines(answer), "", "Sources"]
    else:
        lines += ["Sources"]
    for citation in answer.citations:
        # What supports an answer stands in it already, with the header of its table.
        lines += [f"[{citation.n}] {citation.place}: “{citation.quote if answer.found else citation.read_alone}”"]
        for sentence in answer.sentences:
            if citation.n in sentence.citations:
                lines += [f"      supports{'' if sentence.supported else ' in part'}: {sentence.text.strip()}"]
    if answer.alternative:
        lines += ["", f"Next best, {answer.alternative.place}: “{answer.alternative.read_alone}”"]
    for note in _notes(answer):
        lines += ["", note]
    lines += ["", _read_line(answer)]
    read = answer.read
    cut = sum(item.how != "dropped" for item in read.left_out)
    if read.left_out:
        lines += [f"Left out: {len(read.left_out) - cut}; shortened: {cut} (which and why: --json)."]
    return "\n".join(lines)


def search_notes(looked_first: Sequence[str], reranked: Reranking | None) -> Iterator[str]:
    """What else there is to know of how passages were found."""
    if looked_first:
        yield f"Looked first in {', '.join(looked_first)}, because the question names it."
    if reranked and reranked.words:
        yield reranked.words


def _notes(answer: Answer) -> Iterator[str]:
    """What else there is to know of how an answer was found."""
    yield from search_notes(answer.looked_first, answer.reranked)
    if answer.found and answer.nothing_in:
        yield f"Nothing that answers it was found in {', '.join(answer.nothing_in)}. Closest there:"
        for citation in answer.closest:
            yield f"  {citation.place}: “{citation.read_alone}”"
    if answer.not_asked:
        yield f"Not asked any more: {', '.join(answer.not_asked)}."
    if answer.from_cache:
        yield f"From cache: {answer.from_cache.words}; --no-cache asks again."


def _read_line(answer: Answer) -> str:
    """What was read for an answer, by which model, and how long it took."""
    read = answer.read
    if read.whole:
        told = f"Read {read.documents} {'document' if read.documents == 1 else 'documents'} from beginning to end"
    else:
        told = f"Read {read.chunks} passages of {read.documents} documents"
    graded = f" (grade {grade(read.utilisation)} of A to E)" if read.utilisation is not None else ""
    tokens = f": {read.tokens_words}{graded}" if read.tokens_words else ""
    by = f" {answer.model} ({answer.engine})," if read.tokens_words else " No model was asked;"
    elsewhere = " Question and passages went to another machine." if answer.left_machine else ""
    return f"{told}{tokens}.{by} {answer.total_seconds:.1f} s.{elsewhere}"


def cache_lines(statistics: CacheStatistics, *, on: bool) -> str:
    """What the cache holds and has been good for."""
    lines = [] if on else ["The cache is off (DOCMIND_CACHE): no answer is kept or given again."]
    lines += [
        f"{statistics.entries:,} answers kept, {statistics.size_bytes / 1e6:.1f} MB",
        f"{statistics.hits:,} questions answered from them, {statistics.misses:,} not; "
        f"{statistics.seconds_saved:,.1f} s saved",
    ]
    return "\n".join([*lines, statistics.problem] if statistics.problem else lines)


def _unsupported_lines(answer: Answer) -> list[str]:
    lines = ["Not supported by the documents:"]
    for sentence in answer.sentences:
        if not sentence.supported:
            words = "".join(f"[{text}]" if reason else text for text, reason in sentence.parts)
            lines += [
                f"  ? {words.strip()}",
                *(f"      “{text}”: {reason}" for text, reason in sentence.parts if reason),
            ]
    return lines


def document_line(document: Document, collections: Sequence[str] = ()) -> str:
    """One document of the library, and the collections that it is in."""
    if document.state == "failed":
        return f"failed   {document.name}: {document.error}"
    pages = f"{document.pages} pages, " if document.pages else ""
    counts = f"{pages}{document.chunks} passages, {document.size:,} bytes"
    held = f" [{', '.join(collections)}]" if collections else ""
    return f"{document.state:<8} {document.name} ({counts}){held} {document.id}"


def model_line(entry: dict[str, Any]) -> str:
    """One model."""
    mark = "here  " if entry["present"] else "      "
    size = f", {entry['size_bytes'] / 1e6:,.0f} MB" if "size_bytes" in entry else ""
    description = f": {entry['description']}" if "description" in entry else ""
    return f"{mark} {entry['name']} ({entry['kind']}{size}){description}"


def overview_table(rows: Sequence[Row], reason: str) -> str:
    """What fits this machine, and what is used."""
    lines = [("", "model", "form", "parameters", "weights", "window", "KV cache", "overhead", "fits?")]
    for row in rows:
        fit = row.fit
        mark = "used" if row.chosen else "here" if row.path else ""
        billions = f"{row.model.parameters / 1e9:.1f} B" if row.model and row.model.parameters else ""
        sizes = (
            [f"{size / 2**30:.1f} GiB" for size in (fit.weight_bytes, fit.kv_bytes, fit.overhead_bytes)] if fit else []
        )
        weights, cache, overhead = sizes or ("", "", "")
        window = f"{fit.window:,}" if fit else ""
        verdict: str = fit.verdict if fit else ""
        if row.engine is None:  # its memory is told all the same, as the engine would use it that could
            verdict = "cannot be read here"
        elif fit is not None and fit.verdict == "smaller window":
            verdict = f"with a smaller window of {fit.largest_window:,}"
        lines.append((mark, row.name, row.form, billions, weights, window, cache, overhead, verdict))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    notes = [f"{row.name}: {' '.join(filter(None, (row.why, row.advice)))}" for row in rows if not row.chosen]
    return "\n".join([*table, "", reason, "", *notes])


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
