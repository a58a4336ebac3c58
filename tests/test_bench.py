"""Benchmarks run, say what they measured in one shape, and compute what they claim to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clicks import Size as ClicksSize
from benchmarks.clicks import bench_clicks
from benchmarks.folders import Size as FoldersSize
from benchmarks.folders import bench_folders
from benchmarks.ingest import Size as IngestSize
from benchmarks.ingest import bench_ingest
from benchmarks.made_up_library import Nearest, fill_library, text_like
from benchmarks.scale import Size as ScaleSize
from benchmarks.scale import bench_scale, search_times
from benchmarks.start import bench_start
from benchmarks.texts import Vocabulary, made_up_texts
from commands import Call, Shell
from docmind.bench.ask import bench_ask
from docmind.bench.machine import this_machine
from docmind.bench.report import Figure, Report, Spread, Target, document, median_of, table
from docmind.cli.bench import find_benchmarks
from docmind.environment import process_environment
from docmind.errors import DocMindError, SettingsError
from docmind.settings import Settings, load_settings
from docmind.workspace import Workspace


def by_name(report: Report) -> dict[str, Figure]:
    return {figure.name: figure for figure in report.figures}


def test_recall_agrees_with_brute_force() -> None:
    generator = np.random.default_rng(3)
    vectors = generator.standard_normal((200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    questions = vectors[:5]
    true = Nearest(questions, 10)
    blocks = [vectors[:70], vectors[70:71], vectors[71:]]
    assert all(np.array_equal(mine, block) for mine, block in zip(true.watching(blocks), blocks, strict=True))
    nearest = [sorted(range(200), key=lambda i, q=question: -float(vectors[i] @ q))[:10] for question in questions]
    assert true.shares(nearest) == [1.0] * 5
    missing_three = [[*found[:7], *(i for i in range(200) if i not in found)][:10] for found in nearest]
    assert true.shares(missing_three) == [0.7] * 5
    assert true.shares([found[::-1] for found in nearest]) == [1.0] * 5  # order does not matter


def test_made_vectors_have_unit_length_and_lie_near_the_real_ones() -> None:
    generator = np.random.default_rng(4)
    known = generator.standard_normal((40, 32)).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    sizes = [len(block) for block in text_like(known, 12_000, generator)]
    assert sizes == [5_000, 5_000, 2_000]
    (made,) = text_like(known, 300, generator)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert np.median((made @ known.T).max(axis=1)) > 0.7


def test_targets_stand_next_to_figures_and_judge_nothing() -> None:
    target = Target("<=", 1.5)
    assert median_of("a", [3.0, 1.0, 2.0], "s", target) == Figure(
        "a", 2.0, "s", target, Spread(1.0, 2.0, 3.0, "3 runs")
    )
    assert Figure("b", 1.5, "s", target).reached is True
    assert Figure("b", 1.6, "s", target).reached is False
    assert Figure("b", 1.6, "s").reached is None
    assert median_of("c", [], "s", target).reached is None
    shown = table(Report("x", (Figure("b", 1.6, "s", target),), {}), {"model": "tiny"}, "docmind bench x")
    assert "1.6 s" in shown
    assert "NO" in shown
    assert "model: tiny" in shown


@pytest.mark.slow
def test_scale_report(plain_settings: Settings) -> None:
    size = ScaleSize(chunks=(600, 300), many=100, questions=20, filtered=6, texts=120, words=500)
    report = bench_scale(plain_settings, size=size)
    figures = by_name(report)
    for chunks in (300, 600):
        assert figures[f"{chunks} chunks: dense recall@10 against exact search"].value == 1.0  # so few are all compared
        for name in ("search, p50", "search, p99", "disk", "insert", "build the search graph"):
            assert (figures[f"{chunks} chunks: {name}"].value or 0) > 0
        assert (figures[f"{chunks} chunks: search within one document over one of all"].value or 0) > 0
    assert len([name for name in figures if name.endswith("over one of all")]) == 8
    growth = figures["300 chunks: search among 100 documents over one among 20"]
    assert growth.spread is not None
    assert growth.spread.of == "20 questions"
    assert figures["600 chunks: dense recall@10, random vectors"].target is None
    values = document(report, report.setting, "docmind bench scale", this_machine(), complete=True)
    assert set(values) == {"name", "command", "figures", "setting", "machine", "plots", "details"}
    assert json.loads(json.dumps(values)) == json.loads(json.dumps(values, default=str))  # plain JSON values only
    for figure in values["figures"]:
        assert set(figure) == {"name", "value", "unit", "target", "reached", "spread", "note"}


def test_scale_searches_as_users_do(plain_workspace: Workspace) -> None:
    """Chunks of documents that are being read or removed are nearest to their questions, and are not found."""
    vectors = np.eye(60, plain_workspace.embedder.dimensions, dtype=np.float32)
    words = Vocabulary(("alder", "birch"), (0.5, 0.5))
    fill_library(plain_workspace, 40, made_up_texts(words, 60, 150, seed=2), [vectors[:7], vectors[7:]], 60, 16)
    assert plain_workspace.store.count() == 60
    states = {state: len(plain_workspace.catalog.documents(state)) for state in ("reading", "removing", "queued")}
    assert states == {"reading": 1, "removing": 1, "queued": 2}
    owners = {"document-0", "document-1"}
    assert all(plain_workspace.store.count(owner) == 10 for owner in owners)
    for vector in vectors[:20]:
        found = plain_workspace.retriever().search("alder", vector.tolist())
        assert found
        assert not owners & {item.node.ref_doc_id for item in found}
    assert len(search_times([plain_workspace], [("alder", vector.tolist()) for vector in vectors])[0]) == 60


def test_ingest_report(plain_settings: Settings) -> None:
    report = bench_ingest(plain_settings, size=IngestSize(files=2, pages=2, words=60, rounds=2, few=5, many=20))
    figures = by_name(report)
    assert (figures["ingestion over embedding alone"].value or 0) > 0
    assert figures["ingestion"].spread is not None
    assert (figures["queueing 20 files over queueing 5, time of a file"].value or 0) > 0
    assert (figures["queueing 20 files"].value or 0) > (figures["queueing 5 files"].value or 0)
    assert "2 documents, 4 pages" in report.setting["documents"]


def test_ingest_of_nothing_says_so(plain_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--data"):
        bench_ingest(plain_settings, tmp_path)


def test_ask_report(plain_settings: Settings) -> None:
    report = bench_ask(plain_settings)
    figures = by_name(report)
    assert 0 < (figures["warm question to preview"].value or 0) < (figures["warm question to first token"].value or 0)
    assert (figures["prompt"].value or 0) > 0
    assert len(report.details) == 12


def test_what_comes_with_a_checkout_says_so_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(DocMindError, match="comes with a checkout"):
        find_benchmarks(tmp_path)


def test_a_folder_that_takes_no_report_is_refused_before_anything_is_measured(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    docmind = Call(Shell(tmp_path, DOCMIND_DATA_DIR="library"), capfd)
    for place in ("file/reports", f"{'long' * 80}/reports"):
        done = docmind("bench", "ask", "--out", place, status=1)
        assert "Name another folder with --out" in done.err
        assert "measuring" not in done.out


def test_the_command_finds_the_benchmarks_of_its_checkout(tmp_path: Path) -> None:
    """From whatever folder it is called: not the current one, but the one that the package lies in."""
    (tmp_path / "pdfs").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "docmind.cli.main", "bench", "ingest", "--data", "pdfs"], cwd=tmp_path,
        env=process_environment(DOCMIND_DATA_DIR=str(tmp_path / "unused"), DOCMIND_EMBEDDER="hash"),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "pdfs holds no document that can be read" in done.stdout + done.stderr


@pytest.mark.browser
def test_every_click_of_the_benchmark_leads_somewhere() -> None:
    figures = by_name(bench_clicks(load_settings(), rounds=1, size=ClicksSize(documents=8, chats=3, turns=2)))
    assert len(figures) == 15
    assert all((figure.value or 0) > 0 for figure in figures.values())


def test_folders_report(tmp_path: Path) -> None:
    figures = by_name(bench_folders(Settings(data_dir=tmp_path), FoldersSize(files=20, changes=1)))
    assert len(figures) == 3
    assert all((figure.value or 0) > 0 for figure in figures.values())


@pytest.mark.browser
def test_start_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DATA_DIR": str(tmp_path), "ENGINE": "extractive", "EMBEDDER": "hash"}.items():
        monkeypatch.setenv(f"DOCMIND_{name}", value)
    figures = by_name(bench_start(load_settings(), rounds=1))
    for name in ("docmind to the app answering", "docmind ask --json, whole process"):
        assert (figures[name].value or 0) > 0
    assert 0 < (figures["memory of an open library after one answer"].value or 0) < 8
