"""`docmind bench`: run benchmarks, show a table or JSON, write everything into a folder where one is given."""

from __future__ import annotations

import json as json_format
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docmind.cli import console
from docmind.errors import DocMindError, SettingsError
from docmind.private_files import as_the_user_has_it
from docmind.resources import app_folder
from docmind.settings import EngineName, Settings, load_settings
from docmind.whole_files import check_place

if TYPE_CHECKING:
    from docmind.bench.report import Report
    from docmind.bench.scenarios import Plan


class Name(StrEnum):
    """The benchmarks."""

    START = "start"
    ASK = "ask"
    INGEST = "ingest"
    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"
    SCALE = "scale"
    PEERS = "peers"
    ENGINE = "engine"
    ANSWERS = "answers"
    CLICKS = "clicks"
    FOLDERS = "folders"


class Half(StrEnum):
    """Which questions of an evaluation set are asked: all, or those about a half of its documents."""

    ALL = "all"
    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


_OF_A_CHECKOUT = (Name.START, Name.INGEST, Name.EMBEDDING, Name.SCALE, Name.PEERS, Name.CLICKS, Name.FOLDERS)


def bench(
    names: Annotated[list[Name], typer.Argument(help="Which to run, one after the other.")],
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Documents to measure on; `retrieval`, `answers` and `peers` want documents/ (or pdfs/) and "
            "questions.jsonl in it.",
        ),
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="`retrieval`: the folder of documents, instead of --data."),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="`retrieval`: the file of questions, a JSON object on each line, or CSV."
        ),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="`retrieval`: also each stage of the search, with what it adds.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Also write each report into this folder, with its plots in a checkout."),
    ] = None,
    engine: Annotated[
        EngineName | None, typer.Option(help="`engine`, `answers`: which to measure, instead of the setting's.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="`engine`, `answers`: which language model, instead of the setting's.")
    ] = None,
    users: Annotated[
        list[int] | None,
        typer.Option(min=1, max=64, help="`engine`: how many ask at once; may be given several times (1, 2, 5, 8)."),
    ] = None,
    runs: Annotated[int | None, typer.Option(min=1, help="`engine`: measurements of each kind (5).")] = None,
    chunks: Annotated[
        list[int] | None,
        typer.Option(min=1_000, help="`scale`: chunks of a library; may be given several times (10000, 100000)."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="`engine`: under a minute, to see that it works; not for comparing.")
    ] = False,
    parts: Annotated[
        str | None, typer.Option(help="`answers`: what to measure, separated by commas; 'answerable=40' tries 40.")
    ] = None,
    most: Annotated[int | None, typer.Option(min=1, help="`answers`: how many to try in each part, at most.")] = None,
    half: Annotated[
        Half, typer.Option(help="`answers`: ask about one half of the documents, or about both, one by one.")
    ] = Half.ALL,
) -> None:
    """Measure this installation on this machine; targets stand next to the figures and judge nothing."""
    asked = _Asked(
        data,
        documents,
        questions,
        compare,
        out,
        engine,
        model,
        tuple(users or ()),
        runs,
        quick,
        parts,
        most,
        half,
        tuple(chunks or ()),
    )
    with console.output(json) as out_stream:
        from docmind.bench.machine import this_machine  # noqa: PLC0415 - `--help` must not wait for it
        from docmind.bench.report import document, table  # noqa: PLC0415

        if out:
            as_the_user_has_it()  # reports are meant to be shown; libraries close their own folders
            _check_folder(out)  # before anybody waits for a measurement
        settings, machine = load_settings(), this_machine()
        out_stream.line(f"{machine}\n")
        reports = []
        unwritten: SettingsError | None = None
        for name in dict.fromkeys(names):
            out_stream.line(f"{name}: measuring …")
            started = time.perf_counter()
            report = _run(name, settings, asked)
            command = f"docmind bench {name}{asked.options(name)}"
            setting = {**report.setting, "seconds taken": round(time.perf_counter() - started, 1)}
            out_stream.line(table(report, setting, command))
            reports.append(document(report, setting, command, machine))
            if out:
                try:
                    _write(out, report, document(report, setting, command, machine, complete=True))
                except OSError as error:  # what was measured is shown all the same
                    unwritten = _no_place(out, error)
        # An engine's report has a form of its own, which programs get as it is when they ask for nothing else.
        out_stream.document(reports[0] if names == [Name.ENGINE] else {"reports": reports})
        if unwritten:
            raise unwritten


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line said."""

    data: Path | None
    documents: Path | None
    questions: Path | None
    compare: bool
    out: Path | None
    engine: EngineName | None
    model: str | None
    users: tuple[int, ...]
    runs: int | None
    quick: bool
    parts: str | None = None
    most: int | None = None
    half: Half = Half.ALL
    chunks: tuple[int, ...] = ()

    def options(self, name: Name) -> str:
        """The options that make a difference to a benchmark's figures, as one types them."""
        if name == Name.RETRIEVAL:
            given = {"--data": self.data, "--documents": self.documents, "--questions": self.questions}
            words = [f"{option} {value}" for option, value in given.items() if value is not None]
            return "".join(f" {word}" for word in [*words, *(["--compare"] if self.compare else [])])
        if name not in (Name.ENGINE, Name.ANSWERS):
            sizes = "".join(f" --chunks {each}" for each in self.chunks) if name == Name.SCALE else ""
            return (f" --data {self.data}" if self.data else "") + sizes
        if name == Name.ANSWERS:
            half = None if self.half == Half.ALL else self.half
            of_answers = {
                "--data": self.data, "--engine": self.engine, "--model": self.model, "--parts": self.parts,
                "--most": self.most, "--half": half,
            }  # fmt: skip
            return "".join(f" {option} {value}" for option, value in of_answers.items() if value is not None)
        said = {"--engine": self.engine, "--model": self.model, "--runs": self.runs}
        words = [f"{option} {value}" for option, value in said.items() if value is not None]
        words += [f"--users {users}" for users in self.users]
        return "".join(f" {word}" for word in [*words, *(["--quick"] if self.quick else [])])

    def documents_and_questions(self) -> tuple[Path, Path]:
        """The folder of documents and the file of questions, each named by itself or found in the data folder."""
        if self.documents and self.questions:
            return self.documents, self.questions
        if self.data is None:
            raise SettingsError(
                "`docmind bench retrieval` needs --documents FOLDER and --questions FILE, or --data FOLDER with both "
                "in it, as documents/ and questions.jsonl; docs/benchmarks/retrieval.md says what stands in them."
            )
        from docmind.bench.retrieval.questions import in_folder  # noqa: PLC0415 - as below

        documents, questions = in_folder(self.data)
        return self.documents or documents, self.questions or questions

    def settings(self, settings: Settings) -> Settings:
        """The settings with the engine and the model that were named."""
        named = {"engine": self.engine, "model": self.model}
        return settings.model_copy(update={key: value for key, value in named.items() if value is not None})

    def plan(self) -> Plan:
        """How much of an engine to measure."""
        from docmind.bench.scenarios import Plan, quick_plan  # noqa: PLC0415 - as below

        plan = quick_plan() if self.quick else Plan()
        return replace(plan, runs=self.runs or plan.runs, users=self.users or plan.users)


def _run(name: Name, settings: Settings, asked: _Asked) -> Report:  # noqa: PLR0911 - one for each benchmark
    """Run one benchmark; each is imported alone, since each loads other libraries."""
    if name in _OF_A_CHECKOUT:
        find_benchmarks(app_folder())
    match name:
        case Name.START:
            from benchmarks.start import bench_start  # noqa: PLC0415

            return bench_start(settings)
        case Name.CLICKS:
            from benchmarks.clicks import bench_clicks  # noqa: PLC0415

            return bench_clicks(settings)
        case Name.FOLDERS:
            from benchmarks.folders import bench_folders  # noqa: PLC0415

            return bench_folders(settings)
        case Name.ASK:
            from docmind.bench.ask import bench_ask  # noqa: PLC0415

            return bench_ask(settings)
        case Name.INGEST:
            from benchmarks.ingest import bench_ingest  # noqa: PLC0415

            return bench_ingest(settings, asked.data)
        case Name.EMBEDDING:
            from benchmarks.embedding import bench_embedding  # noqa: PLC0415

            return bench_embedding(settings, asked.data)
        case Name.RETRIEVAL:
            from docmind.bench.retrieval.measuring import bench_retrieval  # noqa: PLC0415

            documents, questions = asked.documents_and_questions()
            with console.progress() as progress:
                return bench_retrieval(
                    settings, documents, questions, compare=asked.compare, out=asked.out, progress=progress
                )
        case Name.SCALE:
            from benchmarks.scale import Size, bench_scale  # noqa: PLC0415

            return bench_scale(settings, asked.data, Size(chunks=asked.chunks) if asked.chunks else None)
        case Name.PEERS:
            from benchmarks.peers import bench_peers  # noqa: PLC0415

            return bench_peers(settings, _with_questions(name, asked.data))
        case Name.ANSWERS:
            from docmind.bench.answers.measuring import bench_answers  # noqa: PLC0415

            data = _with_questions(name, asked.data)
            with console.progress() as progress:
                return bench_answers(
                    asked.settings(settings),
                    data,
                    parts=asked.parts.split(",") if asked.parts else (),
                    questions=asked.most,
                    half=asked.half.value,
                    out=asked.out,
                    progress=progress,
                )
        case Name.ENGINE:
            from docmind.bench.engine import bench_engine  # noqa: PLC0415

            further = {}
            with suppress(DocMindError):  # only a checkout compares the engine with its library
                find_benchmarks(app_folder())
                from benchmarks.overhead import over_library  # noqa: PLC0415

                further["compare"] = over_library
            with console.progress() as progress:
                return bench_engine(asked.settings(settings), asked.plan(), progress, **further)


def _with_questions(name: Name, data: Path | None) -> Path:
    if data is None:
        page = "answers" if name == Name.ANSWERS else "retrieval"
        raise SettingsError(
            f"`docmind bench {name}` needs --data FOLDER, a folder with documents/ and questions.jsonl; "
            f"docs/benchmarks/{page}.md says what stands in them."
        )
    return data


def find_benchmarks(folder: Path) -> None:
    """Make the package `benchmarks` importable, which stands next to the app in a checkout and is not in the wheel.

    Raises:
        DocMindError: it is not there.
    """
    if not (folder / "benchmarks").is_dir():
        raise DocMindError(
            "This benchmark comes with a checkout of DocMind and is not in the installed package. Clone the "
            "repository and run `make bench` there; answers, ask, retrieval and engine run here."
        )
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_place(folder / "report.json")
    except OSError as error:
        raise _no_place(folder, error) from error


def _no_place(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(f"Nothing can be written into {folder} ({error.strerror}). Name another folder with --out.")


def _write(folder: Path, report: Report, values: dict[str, object]) -> None:
    text = json_format.dumps(values, ensure_ascii=False, indent=2)
    (folder / f"{report.name}.json").write_text(text + "\n", encoding="utf-8")
    try:
        find_benchmarks(app_folder())
    except DocMindError:
        console.notice(f"{report.name}.json holds what its plots show; a checkout of DocMind draws them.")
        return
    from benchmarks.plots import draw  # noqa: PLC0415 - only --out draws

    for number, plot in enumerate(report.plots, start=1):
        draw(plot, folder / (f"{report.name}.png" if len(report.plots) == 1 else f"{report.name}-{number}.png"))
