"""Migrations: a library that any earlier version wrote opens with the code of today, with all that is in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from docmind.answering.events import Answer, Failure
from docmind.answering.stored import from_stored
from docmind.errors import LibraryInUseError
from docmind.ingestion.ingest import ingest
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.storage.catalog import Catalog
from docmind.storage.migrations import NEWEST, migrate
from docmind.workspace import Workspace

LIBRARIES = sorted((Path(__file__).resolve().parent / "fixtures").glob("library-*.tar.xz"))


@pytest.fixture(params=LIBRARIES, ids=lambda path: path.name.split(".")[0])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings whose library was written by an earlier version; see `fixtures/make_library.py`."""
    with tarfile.open(request.param) as tar:
        tar.extractall(tmp_path / "data", filter="data")
    return Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash")


def version(path: Path) -> int:
    with sqlite3.connect(path) as database:
        found = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    return int(found)


def found(workspace: Workspace, words: str) -> set[str]:
    return {item.node.metadata["document"] for item in workspace.retriever(limit=10).retrieve(words)}


def test_there_is_a_library_of_the_first_version() -> None:
    assert "library-1.tar.xz" in {path.name for path in LIBRARIES}


def test_an_earlier_library_opens_with_all_that_is_in_it(settings: Settings, tmp_path: Path) -> None:
    with Workspace(settings) as workspace:
        assert version(settings.data_dir / "catalog.sqlite") == NEWEST
        recover(workspace)
        catalog = workspace.catalog
        states = {document.name: document.state for document in catalog.documents()}
        assert states == {"lease.txt": "ready", "manual.md": "ready", "empty.txt": "failed"}
        assert catalog.documents("failed")[0].error
        assert found(workspace, "rent pounds") == {"lease.txt", "manual.md"}
        assert catalog.hidden() == []

        # The chat, its citations, and the answer that failed.
        (chat,) = catalog.chats.all()
        question, answer, _, failure = catalog.chats.messages(chat.id)
        assert question.content["text"].startswith("How much is the rent")
        assert question.content["scope"] == ["lease.txt"]
        shown = from_stored(answer.content)
        assert isinstance(shown, Answer)
        assert shown.found
        (citation,) = shown.citations
        assert (citation.document, citation.document_id) == ("lease.txt", catalog.find("lease.txt").id)
        assert "950 pounds" in citation.quote
        assert from_stored(failure.content) == Failure("The model is not on this machine.")

        # The model that was chosen.
        assert (catalog.fact("chosen_model"), catalog.fact("chosen_engine")) == ("qwen3-4b", "openvino")
        assert workspace.current_engine.settings.model == "qwen3-4b"

        # It is worked with as with one of today.
        (tmp_path / "lease.txt").write_text("The rent is 990 pounds a month.", encoding="utf-8")
        assert [outcome.status for outcome in ingest(workspace, [tmp_path / "lease.txt"])] == ["replaced"]
        manual = catalog.find("manual.md")
        assert delete(workspace, manual) == manual.chunks > 0
        (only,) = workspace.retriever(limit=10).retrieve("rent pounds citric acid")
        assert "990" in only.node.get_content()
        assert {file.name for file in workspace.originals.iterdir()} == {catalog.find("lease.txt").sha256}


def test_what_an_earlier_version_left_half_done_is_finished(settings: Settings) -> None:
    with sqlite3.connect(settings.data_dir / "catalog.sqlite") as database:
        database.execute("UPDATE document SET state = 'reading' WHERE name = 'lease.txt'")
        database.execute("UPDATE document SET state = 'removing' WHERE name = 'manual.md'")
    database.close()
    with Workspace(settings) as workspace:
        assert found(workspace, "rent machine") == set()
        assert [(outcome.path, outcome.status) for outcome in ingest(workspace, [])] == [("lease.txt", "ingested")]
        assert found(workspace, "rent machine") == {"lease.txt"}
        assert workspace.store.count() == workspace.catalog.ready_chunks()


def test_two_processes_may_migrate_at_once(settings: Settings) -> None:
    path = settings.data_dir / "catalog.sqlite"
    together = threading.Barrier(4)
    ended: list[list[str]] = []

    def open_it() -> None:
        together.wait()
        catalog = Catalog(path)
        ended.append([document.name for document in catalog.documents()])
        catalog.close()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [["lease.txt", "manual.md", "empty.txt"]] * 4
    assert version(path) == NEWEST


OPEN_AT_ONCE = """
import sys, time
from pathlib import Path
from docmind.storage.catalog import Catalog
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(30):
    while time.time() < start + number * 0.1:
        pass
    Catalog(Path(sys.argv[1]) / f"{number}.sqlite").close()
"""


def test_processes_that_open_a_new_library_at_once_all_get_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(tmp_path)]
    together = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in together:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start = f"{time.time() + 0.2}\n"
    assert [process.communicate(start)[1] for process in together] == [""] * 4
    assert {version(path) for path in tmp_path.glob("*.sqlite")} == {NEWEST}


def test_a_library_that_another_is_making_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # SQLite does not wait for such a one where a file is taken over into WAL
    ending = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    ending.start()
    Catalog(tmp_path / "catalog.sqlite").close()
    ending.join()
    other.close()
    assert version(tmp_path / "catalog.sqlite") == NEWEST


def test_a_migration_that_is_cut_short_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    # Something of that name is in the way of the last statement of version 2.
    database.execute("CREATE TABLE message_chat (id INTEGER)")
    with pytest.raises(sqlite3.OperationalError, match="message_chat"):
        migrate(database)
    assert version(path) == 1
    assert "attempts" not in {row[1] for row in database.execute("PRAGMA table_info(document)")}
    database.execute("DROP TABLE message_chat")
    assert migrate(database) == NEWEST
    database.close()


def test_a_new_library_is_of_the_newest_version(tmp_path: Path) -> None:
    Catalog(tmp_path / "catalog.sqlite").close()
    assert version(tmp_path / "catalog.sqlite") == NEWEST


def test_a_library_that_another_process_has_open_is_not_migrated_under_it(settings: Settings) -> None:
    """That process may be of the version that wrote it, and would not know the new tables."""
    before = version(settings.data_dir / "catalog.sqlite")
    with FileLock(settings.data_dir / "library.lock"), pytest.raises(LibraryInUseError):
        Workspace(settings)
    assert version(settings.data_dir / "catalog.sqlite") == before < NEWEST
