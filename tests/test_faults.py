"""Power cuts and kills: what was acknowledged stays, what was not is finished later, nothing is half there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docmind.ingestion.ingest import ingest
from docmind.settings import Settings
from docmind.storage.catalog import Document, open_catalog
from docmind.workspace import Workspace

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

DOCMIND = Path(sys.executable).with_name("docmind")
FILES = 12
PATIENCE = 120.0  # seconds until a process that should have begun counts as stuck


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Documents long enough to be caught in the middle; each has a word that no other has."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(FILES):
        sentences = (
            f"Clause {part} of zyx{number} says that the rent is {part} pounds a month." for part in range(900)
        )
        (folder / f"doc {number:02}.txt").write_text("\n\n".join(sentences), encoding="utf-8")
    return folder


def start(settings: Settings, inbox: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCMIND_")}
    environment |= {
        "DOCMIND_DATA_DIR": str(settings.data_dir),
        "DOCMIND_MODELS_DIR": str(settings.models_path),
        "DOCMIND_ENGINE": settings.engine,
        "DOCMIND_EMBEDDER": settings.embedder,
        "DOCMIND_EMBED_BATCH_SIZE": str(settings.embed_batch_size),
    }
    return subprocess.Popen(
        [DOCMIND, "ingest", inbox, "--json"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def kill_when(process: subprocess.Popen[bytes], settings: Settings, moment: Callable[[list[Document]], bool]) -> None:
    """Kill the process once the catalogue, read from outside, shows the moment."""
    give_up = time.monotonic() + PATIENCE
    while not (settings.data_dir / "catalog.sqlite").exists() and process.poll() is None:
        time.sleep(0.01)
        assert time.monotonic() < give_up
    time.sleep(0.2)  # the file exists before its tables do
    catalog = open_catalog(settings)
    while process.poll() is None and not moment(catalog.documents()):
        time.sleep(0.002)
        assert time.monotonic() < give_up
    process.send_signal(signal.SIGKILL)
    process.communicate()
    catalog.close()


def searchable(workspace: Workspace) -> set[str]:
    """The documents that searches show, asked for each one's own word and for what all share."""
    shown: set[str] = set()
    for words in (*(f"zyx{number}" for number in range(FILES)), "rent pounds"):
        for item in workspace.retriever(limit=30).retrieve(words):
            shown.add(str(item.node.ref_doc_id))
    return shown


def finish(settings: Settings, inbox: Path) -> dict[str, Any]:
    """Run the same command again, to its end."""
    process = start(settings, inbox)
    out, _ = process.communicate()
    assert process.returncode == 0
    return dict(json.loads(out))


def check_finished(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        documents = workspace.catalog.documents()
        assert sorted(document.name for document in documents) == [f"doc {number:02}.txt" for number in range(FILES)]
        assert {document.state for document in documents} == {"ready"}
        for document in documents:
            assert workspace.store.count(document.id) == document.chunks > 0
        assert workspace.store.count() == sum(document.chunks for document in documents)
        assert searchable(workspace) == {document.id for document in documents}
        assert {file.name for file in workspace.originals.iterdir()} == {document.sha256 for document in documents}


def check_after_kill(settings: Settings) -> set[str]:
    """What was acknowledged is searchable and complete, and nothing else is seen. Returns the acknowledged ids."""
    catalog = open_catalog(settings)
    ready = {document.id for document in catalog.documents("ready")}
    catalog.close()
    with Workspace(settings) as workspace:
        assert searchable(workspace) == ready
        for document in workspace.catalog.documents("ready"):
            assert workspace.store.count(document.id) == document.chunks
    return ready


# One of them belongs to the tests that run every time.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.faults) for seed in (1, 2))])
def test_a_kill_in_the_middle_of_many_documents_loses_and_halves_nothing(
    plain_settings: Settings, inbox: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    ready, part = chance.randrange(FILES - 2), chance.random()
    settings = plain_settings.model_copy(update={"embed_batch_size": 4})

    def moment(documents: list[Document]) -> bool:
        done = sum(document.state == "ready" for document in documents)
        return done > ready or (
            done == ready and any(d.state == "reading" and d.chunks_done > part * d.chunks > 0 for d in documents)
        )

    kill_when(start(settings, inbox), settings, moment)
    acknowledged = check_after_kill(settings)
    assert len(acknowledged) < FILES
    finish(settings, inbox)
    check_finished(settings)
    catalog = open_catalog(settings)
    assert acknowledged <= {document.id for document in catalog.documents("ready")}
    catalog.close()


@pytest.mark.faults
def test_one_kill_after_another_still_gets_to_the_end(plain_settings: Settings, inbox: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable, not secret
    acknowledged: set[str] = set()
    for _ in range(2):
        process = start(plain_settings, inbox)
        wanted = len(acknowledged) + chance.randint(1, 3)
        kill_when(
            process,
            plain_settings,
            lambda documents, wanted=wanted: sum(d.state == "ready" for d in documents) >= wanted,
        )
        now = check_after_kill(plain_settings)
        assert acknowledged <= now
        acknowledged = now
    finish(plain_settings, inbox)
    check_finished(plain_settings)


@pytest.mark.faults
def test_a_kill_during_embedding_with_the_real_model_is_mended_by_the_next_run(settings: Settings, inbox: Path) -> None:
    for number, path in enumerate(sorted(inbox.iterdir())):
        if number < 2:
            path.write_text(path.read_text(encoding="utf-8")[:8000], encoding="utf-8")
        else:
            path.unlink()
    small = settings.model_copy(update={"embed_batch_size": 4, "engine": "extractive"})
    kill_when(start(small, inbox), small, lambda documents: any(0 < d.chunks_done < d.chunks for d in documents))
    check_after_kill(small)
    catalog = open_catalog(small)
    assert [document.state for document in catalog.documents()] == ["reading", "queued"]  # the next waits meanwhile
    catalog.close()
    with Workspace(small) as workspace:
        assert {outcome.status for outcome in ingest(workspace, [inbox])} == {"ingested"}
        documents = workspace.catalog.documents()
        assert [document.state for document in documents] == ["ready", "ready"]
        assert workspace.store.count() == sum(document.chunks for document in documents)
        assert searchable(workspace) == {document.id for document in documents}


@pytest.mark.faults
def test_a_kill_leaves_no_reading_process_behind(plain_settings: Settings, inbox: Path) -> None:
    import psutil

    process = start(plain_settings, inbox)
    children: list[psutil.Process] = []

    def moment(documents: list[Document]) -> bool:
        if any(document.state == "ready" for document in documents):
            children.extend(psutil.Process(process.pid).children(recursive=True))
        return bool(children)

    kill_when(process, plain_settings, moment)
    assert children
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert (len(gone), alive) == (len(children), [])


@pytest.mark.faults
def test_an_analysis_that_was_killed_goes_on_with_what_was_written(settings: Settings, tmp_path: Path) -> None:
    """The real model reads a document part by part; nothing that it wrote before the kill is written again."""
    path = tmp_path / "chronicle.txt"
    path.write_text(
        "\n\n".join(
            f"In its year {number} the bridge of the old town was crossed by {number * 37} people on foot, and the "
            f"warden {'painted' if number % 3 else 'swept'} it {number % 9 + 2} times."
            for number in range(300)
        ),
        encoding="utf-8",
    )
    with Workspace(settings) as workspace:
        list(ingest(workspace, [path]))
    command = [DOCMIND, "analyse", "chronicle.txt", "--reading", "condensed", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCMIND_")}
    environment |= {
        "DOCMIND_DATA_DIR": str(settings.data_dir),
        "DOCMIND_MODELS_DIR": str(settings.models_path),
        "DOCMIND_ANSWER_STYLE": "write",
    }
    steps = "SELECT key, value FROM analysis_step"
    catalog = open_catalog(settings)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and len(catalog.database.run(steps)) < 2:
        time.sleep(0.01)
        assert time.monotonic() < give_up
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = {row["key"]: row["value"] for row in catalog.database.run(steps)}
    assert len(before) >= 2

    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    after = {row["key"]: row["value"] for row in catalog.database.run(steps)}
    catalog.close()
    assert len(after) > len(before)
    assert before.items() <= after.items()
    result = json.loads(done.stdout)
    assert result["documents"][0]["tenths_cited"] == list(range(10))
    # What was written before was not read again by the model either.
    whole = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    assert json.loads(whole.stdout)["written_tokens"] == 0
    assert result["written_tokens"] > 0
