"""Adding documents: what parsing, chunking, storing and indexing cost over embedding alone, and queueing many files."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import processor_seconds
from benchmarks.texts import files_of, made_up_texts, sample_vocabulary
from docmind.bench.corpus import fill, library_settings, samples_folder
from docmind.bench.report import Figure, Report, Target, median_of
from docmind.errors import SettingsError
from docmind.ingestion.chunking import chunk_document, embedded_text
from docmind.ingestion.originals import stage
from docmind.ingestion.titles import document_title
from docmind.settings import Settings
from docmind.workspace import Workspace

_TARGET = Target("<=", 1.15)
_QUEUEING_TARGET = Target("<=", 1.2)  # 1 where the time grows as the number of files does


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        files: PDFs that are drawn where no documents are given.
        pages: Pages of each.
        words: Words of each page.
        rounds: Measurements.
        few: Tiny files that are queued first.
        many: All that are queued in the end.
    """

    files: int = 6
    pages: int = 12
    words: int = 450
    rounds: int = 3
    few: int = 2_000
    many: int = 20_000


def bench_ingest(settings: Settings, data: Path | None = None, size: Size | None = None) -> Report:
    """Time to ingest a folder over the time the embedder alone needs for the same chunks in the same batches.

    Both are measured in each round, the order turned from round to round, so that a machine that slows down
    favours neither. Then tiny files are queued in an empty library, and none of them is read.

    Args:
        settings: Models and batch size; each round has a library of its own.
        data: Documents; None draws PDFs, or takes the samples where reportlab is missing.
        size: How much to measure.

    Raises:
        SettingsError: a document cannot be read.
    """
    size = size or Size()
    with tempfile.TemporaryDirectory() as temporary:
        folder, source = (data, str(data)) if data else _documents(Path(temporary) / "documents", settings, size)
        rounds = [
            _round(settings, folder, Path(temporary) / f"library-{number}", embed_first=bool(number % 2))
            for number in range(size.rounds)
        ]
        few, many = _queue(settings, Path(temporary) / "queue", size)
    chunks = rounds[0].chunks
    works = [each.ingest_work / each.embed_work for each in rounds if each.embed_work]  # its clock ticks coarsely
    return Report(
        "ingest",
        figures=(
            median_of(
                "ingestion over embedding alone", [each.ingest / each.embed for each in rounds], "x", _TARGET,
                of="rounds",
            ),
            median_of(
                "the same in processor time", works, "x", of="rounds", note="a busy machine disturbs it less"
            ),
            median_of("ingestion", [each.ingest for each in rounds], "s", of="rounds"),
            median_of("embedding alone", [each.embed for each in rounds], "s", of="rounds"),
            median_of("ingestion speed", [chunks / each.ingest for each in rounds], "chunks/s", of="rounds"),
            Figure(
                f"queueing {size.many:,} files over queueing {size.few:,}, time of a file",
                (many / size.many) / (few / size.few), "x", _QUEUEING_TARGET, note="one measurement",
            ),
            Figure(f"queueing {size.few:,} files", few, "s"),
            Figure(f"queueing {size.many:,} files", many, "s"),
        ),
        setting={
            "documents": f"{source}: {rounds[0].documents} documents, {rounds[0].pages} pages, {chunks} chunks",
            "embedder": f"{rounds[0].embedder}, batches of {settings.embed_batch_size}",
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds on the clock and seconds of work (processor time), for what number of things."""

    ingest: float
    ingest_work: float
    embed: float
    embed_work: float
    documents: int
    pages: int
    chunks: int
    embedder: str


def _round(settings: Settings, folder: Path, library: Path, *, embed_first: bool) -> _Round:
    with Workspace(library_settings(settings, library)) as workspace:
        # This also starts the reading process and loads the embedder, which an open app has done already.
        batches = _batches(workspace, folder)
        workspace.embedder.model.get_text_embedding_batch(batches[0][:8])
        chunks = 0

        def embed_alone() -> None:
            for batch in batches:
                workspace.embedder.model.get_text_embedding_batch(batch)

        def add() -> None:
            nonlocal chunks
            chunks = fill(workspace, folder)

        if embed_first:
            embed, ingest = _timed(embed_alone), _timed(add)
        else:
            ingest, embed = _timed(add), _timed(embed_alone)
        documents = workspace.catalog.documents("ready")
        pages = sum(document.pages or 0 for document in documents)
        return _Round(*ingest, *embed, len(documents), pages, chunks, workspace.embedder.name)


def _batches(workspace: Workspace, folder: Path) -> list[list[str]]:
    """The texts that ingestion embeds, in the batches in which it does."""
    batches: list[list[str]] = []
    size = workspace.settings.embed_batch_size
    for path in files_of(folder):
        name = path.relative_to(folder).as_posix()
        parsed = workspace.reader.parse(path, name)
        title = document_title(parsed, name)
        nodes = chunk_document(parsed, name, title, "benchmark", workspace.embedder)
        texts = [embedded_text(node) for node in nodes]
        batches += [texts[begin : begin + size] for begin in range(0, len(texts), size)]
    if not batches:
        raise SettingsError(f"{folder} holds no document that can be read. Give another with --data.")
    return batches


def _queue(settings: Settings, library: Path, size: Size) -> tuple[float, float]:
    """Seconds until the first few tiny files, all different, and until all of them wait in the queue of a library."""
    with Workspace(library_settings(settings, library)) as workspace:
        few = 0.0
        started = time.perf_counter()
        for number in range(size.many):
            stage(workspace, io.BytesIO(f"Note {number}.".encode()), f"note-{number}.txt")
            if number + 1 == size.few:
                few = time.perf_counter() - started
        return few, time.perf_counter() - started


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    started, spent = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - started, processor_seconds() - spent


def _documents(folder: Path, settings: Settings, size: Size) -> tuple[Path, str]:
    """PDFs of made-up text in a folder, or the samples; and what they are called."""
    try:
        from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]  # noqa: PLC0415 - `dev` extra
        from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return samples_folder(), "the samples (reportlab is missing)"
    known = sample_vocabulary(settings)
    folder.mkdir()
    title = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=15, leading=20)
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=14, spaceBefore=8)
    for number in range(size.files):
        flow = []
        for page, text in enumerate(made_up_texts(known, size.pages, size.words, seed=number), start=1):
            sentences = [f"{sentence}." for sentence in text.rstrip(".").split(". ")]
            flow.append(Paragraph(f"{page}. {' '.join(sentences[0].split()[:3])}", title))
            flow += [Paragraph(" ".join(sentences[begin : begin + 6]), body) for begin in range(0, len(sentences), 6)]
            flow.append(PageBreak())
        SimpleDocTemplate(str(folder / f"report-{number + 1}.pdf"), title=f"Report {number + 1}").build(flow)
    return folder, f"PDFs of made-up text ({size.files} of {size.pages} pages, {size.words} words a page)"
