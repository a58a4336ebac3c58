"""A library in Rust that panics, which is no Exception in Python, ends no thread in silence."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NoReturn

import pytest

from docmind.answering import runs
from docmind.answering.events import Failure
from docmind.answering.question import Question
from docmind.answering.runs import AnswerRun
from docmind.errors import panics_caught
from docmind.ingestion import reading
from docmind.ingestion.ingest import ingest
from docmind.ingestion.jobs import Ingestion
from docmind.workspace import Workspace


class PanicException(BaseException):
    """What PyO3 raises."""


def panic(*_: object, **__: object) -> NoReturn:
    raise PanicException("index out of bounds")


def test_a_panic_becomes_an_exception_and_a_key_that_ends_the_program_stays_one() -> None:
    with pytest.raises(RuntimeError, match="index out of bounds"), panics_caught():
        panic()
    with pytest.raises(KeyboardInterrupt), panics_caught():
        raise KeyboardInterrupt


def test_the_page_of_an_answer_gets_its_last_event(plain_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "ask", panic)
    finished: list[object] = []
    run = AnswerRun(plain_workspace, Question("Who pays?"), finished.append)
    run.start()
    last = next(event for event in run.follow() if event is not None)
    assert isinstance(last, Failure)
    assert finished == [last]


def test_a_document_that_makes_a_library_panic_fails_and_the_next_one_is_read(
    plain_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reading.read

    def sometimes(workspace: Workspace, document: object) -> object:
        return panic() if getattr(document, "name", "") == "bad.txt" else read(workspace, document)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(reading, "read", sometimes)
    for name in ("bad.txt", "good.txt"):
        (tmp_path / name).write_text(f"The rent in {name} is 900 pounds.", encoding="utf-8")
    outcomes = {
        each.path: each.status for each in ingest(plain_workspace, [tmp_path / "bad.txt", tmp_path / "good.txt"])
    }
    assert {Path(path).name: status for path, status in outcomes.items()} == {
        "bad.txt": "failed",
        "good.txt": "ingested",
    }


def test_the_thread_that_reads_goes_on(plain_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Ingestion(plain_workspace)
    tried = threading.Event()

    def once() -> None:
        tried.set()
        panic()

    monkeypatch.setattr(jobs, "_drain", once)
    jobs.wake()
    assert tried.wait(10)
    monkeypatch.undo()
    for _ in range(100):
        if jobs.problem:
            break
        threading.Event().wait(0.05)
    assert "failed unexpectedly" in (jobs.problem or "")
    jobs.wake()
    for _ in range(100):
        if jobs.problem is None:
            break
        threading.Event().wait(0.05)
    assert jobs.problem is None
