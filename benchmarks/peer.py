"""One of the programs that `docmind bench peers` compares: what it is told, what it does, and what it tells.

Each runs in a process of its own, which may hold none of DocMind's packages: this file needs Python alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """What a program is told.

    Attributes:
        files: The PDFs; a document is called by its file's name.
        model: Folder of the embedding model.
        fitted: Whether passages are cut to what the model reads, rather than as the program does by itself.
        questions: What is asked.
        shown: Results of a search that is timed.
        looked_through: Results in which pages are counted, in a second search that is not timed.
        begun: When the process was started, in seconds of the system's clock.
    """

    files: tuple[str, ...]
    model: str
    fitted: bool
    questions: tuple[str, ...]
    shown: int
    looked_through: int
    begun: float


@dataclass(frozen=True, slots=True)
class Filled:
    """What was ingested."""

    pages: int
    passages: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program tells.

    Attributes:
        ready: Seconds from the start of the process until its libraries and the model were loaded.
        ingestion: Seconds from the files to the finished index.
        filled: What that holds.
        searches: Seconds of each question, its embedding included.
        found: The places of each question's results, best first: document and page, from 1.
        versions: Of the packages that matter.
    """

    ready: float
    ingestion: float
    filled: Filled
    searches: tuple[float, ...]
    found: tuple[tuple[Place, ...], ...]
    versions: dict[str, str]


class Peer(Protocol):
    """A program whose libraries and model are loaded."""

    def ingest(self, files: Sequence[Path]) -> Filled:
        """Read, cut, embed and index the files, into memory or onto the disk, as the program does it."""
        ...

    def search(self, question: str, limit: int) -> Sequence[Place]:
        """Where the results for a question stand, best first."""
        ...


def run(open_peer: Callable[[Job], Peer], *packages: str) -> None:
    """Do the job in the file that the command line names first, and write what was measured into the second."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    peer = open_peer(job)
    ready, loaded = time.time() - job.begun, time.perf_counter()
    filled = peer.ingest([Path(file) for file in job.files])
    ingested = time.perf_counter()
    searches, found = [], []
    for question in job.questions:
        begun = time.perf_counter()
        peer.search(question, job.shown)
        searches.append(time.perf_counter() - begun)
        found.append(tuple(peer.search(question, job.looked_through)))
    measured = Measured(
        ready,
        ingested - loaded,
        filled,
        tuple(searches),
        tuple(found),
        {package: metadata.version(package) for package in packages},
    )
    Path(sys.argv[2]).write_text(json.dumps(asdict(measured)), encoding="utf-8")


def read_measured(path: Path) -> Measured:
    """What a program wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    found = tuple(tuple((document, page) for document, page in places) for places in values["found"])
    return Measured(**{**values, "filled": Filled(**values["filled"]), "found": found})
