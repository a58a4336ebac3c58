"""`docmind bench`: run benchmarks, show a table or JSON, write everything into a folder where one is given."""

from __future__ import annotations

import json as json_format
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docmind import console
from docmind.errors import SettingsError
from docmind.settings import Settings, load_settings

if TYPE_CHECKING:
    from docmind.bench.report import Report


class Name(StrEnum):
    """The benchmarks."""

    START = "start"
    ASK = "ask"
    INGEST = "ingest"
    RETRIEVAL = "retrieval"
    PAGES = "pages"


def bench(
    names: Annotated[list[Name], typer.Argument(help="Which to run, one after the other.")],
    data: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Documents to measure on; `pages` wants pdfs/ and questions.jsonl in it."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Also write each report and its plots into this folder.")
    ] = None,
) -> None:
    """Measure this installation on this machine; targets stand beside the figures and judge nothing."""
    with console.output(json) as out_stream:
        from docmind.bench.machine import this_machine  # noqa: PLC0415 - `docmind --help` must not wait for it
        from docmind.bench.report import document, table  # noqa: PLC0415

        settings, machine = load_settings(), this_machine()
        out_stream.line(f"{machine}\n")
        documents = []
        for name in dict.fromkeys(names):
            out_stream.line(f"{name}: measuring …")
            started = time.perf_counter()
            report = _run(name, settings, data, out)
            command = f"docmind bench {name}" + (f" --data {data}" if data else "")
            setting = {**report.setting, "seconds taken": round(time.perf_counter() - started, 1)}
            out_stream.line(table(report, setting, command))
            documents.append(document(report, setting, command, machine))
            if out:
                _write(out, report, document(report, setting, command, machine, complete=True))
        out_stream.document({"reports": documents})


def _run(name: Name, settings: Settings, data: Path | None, out: Path | None) -> Report:
    """Run one benchmark; each is imported alone, since each loads other libraries."""
    match name:
        case Name.START:
            from docmind.bench.start import bench_start  # noqa: PLC0415

            return bench_start(settings)
        case Name.ASK:
            from docmind.bench.ask import bench_ask  # noqa: PLC0415

            return bench_ask(settings)
        case Name.INGEST:
            from docmind.bench.ingest import bench_ingest  # noqa: PLC0415

            return bench_ingest(settings, data)
        case Name.RETRIEVAL:
            from docmind.bench.retrieval import bench_retrieval  # noqa: PLC0415

            return bench_retrieval(settings, data)
        case Name.PAGES:
            from docmind.bench.pages import bench_pages  # noqa: PLC0415

            if data is None:
                raise SettingsError(
                    "`docmind bench pages` needs --data FOLDER, a folder with pdfs/ and questions.jsonl; "
                    "docs/benchmarks/first.md says what stands in them."
                )
            return bench_pages(settings, data, out)


def _write(folder: Path, report: Report, values: dict[str, object]) -> None:
    from docmind.bench.plots import draw  # noqa: PLC0415 - only --out draws

    folder.mkdir(parents=True, exist_ok=True)
    text = json_format.dumps(values, ensure_ascii=False, indent=2)
    (folder / f"{report.name}.json").write_text(text + "\n", encoding="utf-8")
    for number, plot in enumerate(report.plots, start=1):
        draw(plot, folder / (f"{report.name}.png" if len(report.plots) == 1 else f"{report.name}-{number}.png"))
