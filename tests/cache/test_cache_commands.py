"""`docmind cache` and `docmind ask --no-cache`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docmind.cli.main import app

QUESTION = "What is the monthly rent of the flat?"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command over a library of one document and gives what it prints as JSON."""
    monkeypatch.setenv("DOCMIND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOCMIND_ENGINE", "extractive")
    monkeypatch.setenv("DOCMIND_EMBEDDER", "hash")

    def command(*arguments: str) -> dict[str, Any]:
        capfd.readouterr()
        app([*arguments, "--json"], standalone_mode=False)
        printed: dict[str, Any] = json.loads(capfd.readouterr().out)
        return printed

    (tmp_path / "lease.txt").write_text("The monthly rent of the flat is 900 pounds.", encoding="utf-8")
    command("ingest", str(tmp_path / "lease.txt"))
    return command


def test_kept_answers_are_counted_asked_around_and_cleared(run: Run) -> None:
    assert run("ask", QUESTION)["from_cache"] is None
    again = run("ask", f"Please tell me: {QUESTION}")
    assert again["from_cache"]["question"] == QUESTION
    assert "900" in again["answer"]
    assert run("ask", QUESTION, "--no-cache")["from_cache"] is None
    shown = run("cache", "show")
    assert (shown["on"], shown["entries"], shown["hits"], shown["misses"]) == (True, 1, 1, 1)
    assert run("cache", "clear") == {"deleted": 1}
    assert run("cache", "show")["entries"] == 0


def test_a_deleted_document_takes_its_answers_along(run: Run) -> None:
    run("ask", QUESTION)
    run("documents", "delete", "lease.txt")
    assert run("cache", "show")["entries"] == 0
