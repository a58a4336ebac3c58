"""DocMind, stock LlamaIndex and txtai on the same files, the same weights and the same questions.

Each runs in a fresh process of its own, one after the other, and all of them again in the opposite order. The others
live in an environment of their own, which `make bench-peers` sets up.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.peer import Job, Measured, Place, read_measured
from benchmarks.peers_page import rows_of
from benchmarks.processes import in_fresh_process, memory_bytes, stop_tree
from docmind.bench.memory_sampler import MemorySampler
from docmind.bench.report import Figure, Plot, Report, Target, median_of
from docmind.bench.retrieval.metrics import DEPTHS
from docmind.bench.retrieval.questions import RetrievalQuestion, in_folder, read_questions
from docmind.embeddings import open_embedder
from docmind.environment import process_environment
from docmind.errors import DocMindError, SettingsError
from docmind.models import find_model
from docmind.resources import app_folder
from docmind.settings import Settings

_TARGET = Target(">=", 4)
_ROUNDS = 2
_SHOWN, _LOOKED_THROUGH = 10, 50  # passages; ten different pages nearly always stand among fifty passages
_PATIENCE = 3 * 3600.0
_PAUSE = 0.5  # between two looks at the memory
_GIB = 2**30
_MISSING = "`make bench-peers` sets up the environment that they need"
# No model hub, no telemetry; and what asks the network all the same finds nobody there.
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
}
# What DocMind tells its libraries' threads, and others do not.
_OURS = ("OMP_WAIT_POLICY", "TOKENIZERS_PARALLELISM")


@dataclass(frozen=True, slots=True)
class Program:
    """One of those compared: its name, its file in `benchmarks/`, whether it cuts passages to the model."""

    name: str
    module: str
    fitted: bool = False
    ours: bool = False


DOCMIND = Program("DocMind", "peer_docmind", fitted=True, ours=True)
STOCK = Program("LlamaIndex, stock", "peer_llama_index")
PROGRAMS = (
    DOCMIND,
    STOCK,
    Program("LlamaIndex, cut to the model", "peer_llama_index", fitted=True),
    Program("txtai, a row a page", "peer_txtai"),
    Program("txtai, cut to the model", "peer_txtai", fitted=True),
)


@dataclass(frozen=True, slots=True)
class Round:
    """What a program told of one run, the most memory that it took, and the rank of each question's first hit."""

    told: Measured
    memory: int
    ranks: tuple[int | None, ...]

    @property
    def search(self) -> float:
        """Seconds of the middle search."""
        return statistics.median(self.told.searches)

    def hits(self, depth: int) -> float:
        """Share of questions with an evidence page among the first different pages, in per cent."""
        return 100 * sum(rank is not None and rank <= depth for rank in self.ranks) / len(self.ranks)


def bench_peers(
    settings: Settings,
    data: Path,
    programs: Sequence[Program] = PROGRAMS,
    rounds: int = _ROUNDS,
    environment: Path | None = None,
) -> Report:
    """Ingestion, search, page hits and memory of each program; those whose environment is missing are left out.

    Args:
        settings: DocMind's, which also name the embedding model of all of them.
        data: Folder with documents, of which the PDFs directly in it are taken, and `questions.jsonl`, which names
            the pages of the evidence.
        programs: What is compared, DocMind among them.
        rounds: How often each runs.
        environment: The virtual environment of the others; None takes this checkout's.

    Raises:
        SettingsError: the folder is not of that form.
        ModelNotFoundError: the embedding model is not on this machine.
        DocMindError: a program failed.
    """
    documents, path = in_folder(data)
    files = tuple(str(path.resolve()) for path in sorted(documents.glob("*.pdf")))
    if not files:
        raise SettingsError(f"{documents} holds no PDF. Give another folder with --data.")
    questions = page_questions(path, documents)
    model = find_model(settings.embedder, "embedding", settings)
    in_fresh_process(_prepare, settings)
    theirs = (environment or app_folder() / ".venv-peers") / "bin" / "python"
    present = [program for program in programs if program.ours or theirs.is_file()]
    found: dict[Program, list[Round]] = {program: [] for program in present}
    for number in range(rounds):
        for program in present[:: -1 if number % 2 else 1]:
            asked = tuple(question.question for question in questions)
            job = Job(files, str(model), program.fitted, asked, _SHOWN, _LOOKED_THROUGH, time.time())
            told, memory = _run(program, Path(sys.executable) if program.ours else theirs, job, settings)
            ranks = tuple(rank_of(*each) for each in zip(questions, told.found, strict=True))
            found[program].append(Round(told, memory, ranks))
    missing = [program for program in programs if program not in present]
    return _report(found, missing, len(questions), len(files), model.name)


def page_questions(path: Path, documents: Path) -> list[RetrievalQuestion]:
    """The questions of a file, each of which names the pages of its evidence.

    Raises:
        SettingsError: the file is not of that form.
    """
    questions = read_questions(path, documents)
    for asked in questions:
        if not asked.pages:
            raise SettingsError(f"Line {asked.line} of {path} names no 'pages', which are what is counted here.")
    return questions


def rank_of(asked: RetrievalQuestion, places: Sequence[Place]) -> int | None:
    """Rank, from 1 and among the different pages that were found, of the first that holds the evidence."""
    for rank, (document, page) in enumerate(dict.fromkeys(places), start=1):
        if document == asked.document and page in asked.pages:
            return rank
    return None


def _prepare(settings: Settings) -> None:
    """Have the model converted and its engine chosen, which happens once on a machine."""
    open_embedder(settings)


def _run(program: Program, python: Path, job: Job, settings: Settings) -> tuple[Measured, int]:
    """One program in a fresh process, and the most memory that it and its children took, in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        told, said = Path(folder) / "told.json", Path(folder) / "said.txt"
        (Path(folder) / "job.json").write_text(json.dumps(asdict(job)), encoding="utf-8")
        command = [str(python), "-m", f"benchmarks.{program.module}", str(Path(folder) / "job.json"), str(told)]
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, env=_environment(program, settings, Path(folder)), stdout=output, stderr=output
            )
            sampler = MemorySampler("the process and its children", False, lambda: memory_bytes(process.pid), _PAUSE)
            try:
                with sampler.sampling() as memory:
                    process.wait(_PATIENCE)
            finally:
                if process.poll() is None:
                    stop_tree(process.pid)
                    process.wait()
        if process.returncode:
            last = said.read_text(encoding="utf-8", errors="replace").strip()[-500:]
            raise DocMindError(
                f"{program.name} failed. If a package is missing, remove .venv-peers and run `make bench-peers`. "
                f"It said: {last}"
            )
        return read_measured(told), max(memory)


def _environment(program: Program, settings: Settings, folder: Path) -> dict[str, str]:
    given = process_environment(
        DOCMIND_DATA_DIR=str(folder / "library"), DOCMIND_MODELS_DIR=str(settings.models_path),
        DOCMIND_EMBEDDER=settings.embedder, **_OFFLINE,
    )  # fmt: skip
    given["PYTHONPATH"] = os.pathsep.join(filter(None, [str(app_folder()), given.get("PYTHONPATH")]))
    return given if program.ours else {name: value for name, value in given.items() if name not in _OURS}


def _report(
    found: Mapping[Program, Sequence[Round]], missing: Sequence[Program], questions: int, files: int, model: str
) -> Report:
    details = tuple(_detail(program, rounds) for program, rounds in found.items())
    pages = {program: max(each.told.filled.pages for each in rounds) for program, rounds in found.items()}
    speeds = [statistics.median(each.told.filled.pages / each.told.ingestion for each in of) for of in found.values()]
    return Report(
        "peers",
        figures=tuple(_ratios(found, missing)),
        setting={
            "documents": f"{files} PDFs, {max(pages.values())} pages, {questions} questions",
            "embedder": f"{model}, the same folder for all",
            **({"left out": f"{', '.join(p.name for p in missing)}: {_MISSING}"} if missing else {}),
            **{f"versions, {program.name.partition(',')[0]}": _versions(rounds) for program, rounds in found.items()},
        },
        plots=(
            Plot(
                "bars", f"Questions with an evidence page among the first different pages (n = {questions})",
                "% of questions",
                {
                    program.name: [statistics.median(each.hits(depth) for each in rounds) for depth in DEPTHS]
                    for program, rounds in found.items()
                },
                tuple(f"first {depth}" for depth in DEPTHS),
            ),
            Plot(
                "bars", "From the files to a finished index", "pages a second", {"pages a second": speeds},
                tuple(program.name.replace(", ", ",\n") for program in found),
            ),
        ),
        details=details,
        rows=rows_of(details),
    )  # fmt: skip


def _ratios(found: Mapping[Program, Sequence[Round]], missing: Sequence[Program]) -> Iterator[Figure]:
    """How many times DocMind's time, or memory, the others take, round by round."""
    ours = found[DOCMIND]
    for program in [*(each for each in found if not each.ours), *missing]:
        pairs = list(zip(found.get(program, ()), ours, strict=program in found))
        note = _MISSING if program in missing else ""
        for quantity, values in (
            ("ingestion", [theirs.told.ingestion / own.told.ingestion for theirs, own in pairs]),
            ("search", [theirs.search / own.search for theirs, own in pairs]),
            ("peak memory", [theirs.memory / own.memory for theirs, own in pairs]),
        ):
            target = _TARGET if quantity == "ingestion" and program == STOCK else None
            yield median_of(f"{quantity}: {program.name} over DocMind", values, "x", target, of="rounds", note=note)


def _detail(program: Program, rounds: Sequence[Round]) -> dict[str, Any]:
    """All that is known of a program, a value a round."""
    filled = rounds[0].told.filled
    return {
        "program": program.name,
        "pages": filled.pages,
        "passages": filled.passages,
        "versions": rounds[0].told.versions,
        "ingestion": [each.told.ingestion for each in rounds],
        "pages a second": [each.told.filled.pages / each.told.ingestion for each in rounds],
        "search": [1000 * each.search for each in rounds],
        **{f"first {depth}": [each.hits(depth) for each in rounds] for depth in DEPTHS},
        "memory": [each.memory / _GIB for each in rounds],
        "ready": [each.told.ready for each in rounds],
        "ranks": [each.ranks for each in rounds],
    }


def _versions(rounds: Sequence[Round]) -> str:
    return ", ".join(f"{name} {version}" for name, version in rounds[0].told.versions.items())
