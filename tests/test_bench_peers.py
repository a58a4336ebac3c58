"""DocMind and other programs are compared: in processes of their own, and their pages counted in one way."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers import DOCMIND, PROGRAMS, STOCK, bench_peers, rank_of
from benchmarks.peers_page import PAGE, ahead, rows_of, write
from docmind.bench.machine import this_machine
from docmind.bench.report import document
from docmind.bench.retrieval.questions import RetrievalQuestion
from docmind.errors import DocMindError, SettingsError
from docmind.resources import app_folder
from docmind.settings import Settings
from filings import write_filings

THEIRS = app_folder() / ".venv-peers"


@pytest.fixture
def filings(tmp_path: Path) -> Path:
    """Two documents of two pages, and a question about each document's second page."""
    return write_filings(tmp_path / "filings", asked=(2,))


def test_several_passages_of_a_page_count_once() -> None:
    asked = RetrievalQuestion(1, "How many?", "a.pdf", frozenset({3, 4}))
    assert rank_of(asked, [("a.pdf", 1), ("a.pdf", 1), ("b.pdf", 3), ("a.pdf", 1), ("a.pdf", 4)]) == 3
    assert rank_of(asked, [("a.pdf", 3)] * 5) == 1
    assert rank_of(asked, [("b.pdf", 3)]) is None


def test_the_table_shows_medians_and_says_where_another_program_is_ahead() -> None:
    ours = {
        "program": "DocMind", "passages": 900, "ingestion": [10.0, 12.0], "pages a second": [9.0, 11.0],
        "search": [8.0, 8.0], "first 1": [40.0, 40.0], "first 5": [50.0, 50.0], "first 10": [60.0, 60.0],
        "memory": [0.5, 0.7], "ready": [1.0, 2.0],
    }  # fmt: skip
    theirs = {**ours, "program": "Other", "ingestion": [44.0, 44.0], "search": [5.0, 7.0], "first 10": [65.0, 65.0]}
    heading, first, second = rows_of([ours, theirs])
    assert dict(zip(heading, first, strict=True))["ingestion, s"] == "11"
    assert dict(zip(heading, second, strict=True))["search p50, ms"] == "6"
    assert ahead([ours, theirs]) == ["search p50, ms: Other (6 against 8)", "first 10, %: Other (65 against 60)"]
    assert ahead([ours]) == []


@pytest.mark.slow  # loads torch in a process of its own
def test_programs_whose_environment_is_missing_are_left_out_and_named(
    filings: Path, settings: Settings, tmp_path: Path
) -> None:
    report = bench_peers(settings, filings, (DOCMIND, STOCK), rounds=1, environment=tmp_path / "none")
    (record,) = report.details
    assert (record["pages"], record["passages"]) == (4, 4)
    assert record["first 1"] == [100]
    assert 0 < record["memory"][0] < 8
    assert record["versions"]["qdrant-edge-py"]
    assert STOCK.name in report.setting["left out"]
    (aimed,) = (figure for figure in report.figures if figure.target)
    assert aimed.value is None
    assert "make bench-peers" in aimed.note


def test_a_program_that_fails_is_named_with_what_it_said(filings: Path, settings: Settings) -> None:
    with pytest.raises(DocMindError, match=r"Broken failed.*No module named benchmarks.peer_that_is_not_there"):
        bench_peers(settings, filings, [replace(DOCMIND, name="Broken", module="peer_that_is_not_there")])


def test_a_folder_without_pdfs_is_refused(filings: Path, settings: Settings) -> None:
    for path in (filings / "pdfs").iterdir():
        path.unlink()
    with pytest.raises(SettingsError, match="holds no PDF"):
        bench_peers(settings, filings)


@pytest.mark.slow
@pytest.mark.timeout(900)  # five programs, each of which loads libraries for seconds on a quiet machine
@pytest.mark.skipif(not THEIRS.is_dir(), reason="the other programs' environment is missing (make bench-peers)")
def test_all_programs_find_the_pages_and_the_figures_reach_the_documentation(
    filings: Path, settings: Settings, tmp_path: Path
) -> None:
    report = bench_peers(settings, filings, rounds=1)
    assert [record["program"] for record in report.details] == [program.name for program in PROGRAMS]
    assert {(record["pages"], record["passages"], *record["first 5"]) for record in report.details} == {(4, 4, 100)}
    assert all((figure.value or 0) > 0 for figure in report.figures)
    values = document(report, report.setting, "", this_machine(), complete=True)
    for number in range(1, len(report.plots) + 1):
        (tmp_path / f"peers-{number}.png").touch()
    (tmp_path / "peers.json").write_text(json.dumps(values), encoding="utf-8")
    page = tmp_path / "docs" / "peers.md"
    page.parent.mkdir()
    shutil.copy(PAGE, page)
    write(tmp_path / "peers.json", page)
    write(tmp_path / "peers.json", page)  # again, in the place of what it wrote
    text = page.read_text(encoding="utf-8")
    assert all(text.count(f"| {program.name} | ") == 2 for program in PROGRAMS)  # what it does, what was measured
    assert text.startswith("# DocMind and its peers")
    assert text.endswith(PAGE.read_text(encoding="utf-8").splitlines()[-1] + "\n")
    assert (page.parent / "peers-1.png").exists()
