"""A catalogue that is lost, or put back from a backup, takes no document along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from docmind.ingestion.ingest import drain, ingest
from docmind.ingestion.originals import note_names, sweep
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import delete
from docmind.ingestion.renaming import rename
from docmind.ingestion.repair import forgotten, take_up
from docmind.ingestion.set_aside import kept_aside
from docmind.settings import Settings
from docmind.workspace import Workspace

TEXTS = {
    "lease.txt": "The rent is 900 pounds a month.",
    "manual.md": "# Machine\n\nClean the machine daily.",
    "minutes.txt": "The committee met in May.",
}


@pytest.fixture
def settings(plain_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Of a library of three documents, closed."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Workspace(plain_settings) as workspace:
        assert {each.status for each in ingest(workspace, [folder])} == {"ingested"}
    return plain_settings


def names(workspace: Workspace) -> list[str]:
    return sorted(document.name for document in workspace.catalog.documents("ready"))


def found(workspace: Workspace, question: str) -> list[str]:
    passages = workspace.retriever(limit=2).search(question, workspace.embedder.model.get_query_embedding(question))
    return [item.node.metadata["document"] for item in passages]


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_catalogue_that_is_lost_takes_no_document_along(settings: Settings, how: str, tmp_path: Path) -> None:
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    if how == "emptied":
        (settings.data_dir / "catalog.sqlite").touch()
    (tmp_path / "new.txt").write_text("Bicycles are kept in the yard.", encoding="utf-8")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [tmp_path / "new.txt"]))
        assert names(workspace) == ["new.txt"]
        assert found(workspace, "Where are bicycles kept?") == ["new.txt"]  # nothing unknown takes a place
        assert sorted(name for kept in kept_aside(settings.data_dir) for name in kept.names) == sorted(TEXTS)
        assert [trouble for _, trouble in take_up(workspace)] == [None] * 3
        list(drain(workspace))
        assert names(workspace) == sorted([*TEXTS, "new.txt"])
        assert found(workspace, "How much is the rent?")[0] == "lease.txt"
        assert kept_aside(settings.data_dir) == []


def test_an_older_catalogue_keeps_what_came_after_it(settings: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    shutil.copy(settings.data_dir / "catalog.sqlite", backup)
    (tmp_path / "later.txt").write_text("Bicycles are kept in the yard.", encoding="utf-8")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [tmp_path / "later.txt"]))
        passages = workspace.store.count()
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    shutil.copy(backup, settings.data_dir / "catalog.sqlite")
    with Workspace(settings) as workspace:
        recover(workspace)
        assert names(workspace) == sorted(TEXTS)
        assert workspace.store.count() == passages - 1  # none is left that nobody owns
        assert [kept.names for kept in kept_aside(settings.data_dir)] == [("later.txt",)]
        assert [trouble for _, trouble in take_up(workspace)] == [None]
        list(drain(workspace))
        assert names(workspace) == sorted([*TEXTS, "later.txt"])


def test_the_right_catalogue_finds_its_documents_again_after_a_start_without_it(
    settings: Settings, tmp_path: Path
) -> None:
    catalogue, backup = settings.data_dir / "catalog.sqlite", tmp_path / "backup.sqlite"
    shutil.copy(catalogue, backup)
    catalogue.unlink()
    with Workspace(settings) as workspace:
        recover(workspace)
        assert len(kept_aside(settings.data_dir)) == 3
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    shutil.copy(backup, catalogue)
    with Workspace(settings) as workspace:
        recover(workspace)
        list(drain(workspace))
        assert names(workspace) == sorted(TEXTS)
        assert kept_aside(settings.data_dir) == []
        assert found(workspace, "How much is the rent?")[0] == "lease.txt"
        noted = [json.loads(note.read_text("utf-8"))["names"] for note in (settings.data_dir / "names").iterdir()]
        assert sorted(name for each in noted for name in each) == sorted(TEXTS)


def test_what_is_taken_up_again_takes_the_place_of_no_newer_document(settings: Settings, tmp_path: Path) -> None:
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    (tmp_path / "lease.txt").write_text("The rent is 1,000 pounds a month.", encoding="utf-8")
    with Workspace(settings) as workspace:
        list(ingest(workspace, [tmp_path / "lease.txt"]))
        list(take_up(workspace))
        list(drain(workspace))
        assert names(workspace) == sorted([*TEXTS, "lease (2).txt"])
        newer, older = (workspace.catalog.find(name) for name in ("lease.txt", "lease (2).txt"))
        assert b"1,000" in (workspace.originals / newer.sha256).read_bytes()
        assert b"900" in (workspace.originals / older.sha256).read_bytes()


def test_what_is_taken_up_again_is_kept_until_it_is_read(settings: Settings) -> None:
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    with Workspace(settings) as workspace:
        recover(workspace)
        list(take_up(workspace))
        assert forgotten(workspace) == []
        delete(workspace, workspace.catalog.find("lease.txt", "queued"))
        assert [kept.names for kept in forgotten(workspace)] == [("lease.txt",)]
        list(drain(workspace))
        assert names(workspace) == ["manual.md", "minutes.txt"]
        assert [kept.names for kept in kept_aside(settings.data_dir)] == [("lease.txt",)]
        (kept,) = forgotten(workspace)
        kept.path.write_bytes(b"\x00\x01" * 400)  # nothing that can be read
        list(take_up(workspace))
        assert [outcome.status for outcome in drain(workspace)] == ["failed"]
        assert [kept.names for kept in kept_aside(settings.data_dir)] == [("lease.txt",)]


def test_what_an_older_catalogue_could_not_read_is_not_removed(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        lease = workspace.catalog.find("lease.txt")
        workspace.catalog.database.run("UPDATE document SET state = 'failed', may_retry = 0 WHERE id = ?", (lease.id,))
        sweep(workspace)
        assert [kept.names for kept in kept_aside(settings.data_dir)] == [("lease.txt",)]


def test_what_is_being_removed_is_not_kept_aside(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        lease = workspace.catalog.find("lease.txt")
        workspace.catalog.retire(lease.id)
        sweep(workspace)  # by another thread, before the one that removes it has come so far
        assert kept_aside(settings.data_dir) == []
        assert not list(settings.data_dir.rglob(f"{lease.sha256}*"))


def test_what_was_deleted_is_not_kept_aside(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        lease = workspace.catalog.find("lease.txt")
        # A kill between the row and the bytes.
        workspace.catalog.retire(lease.id)
        workspace.catalog.forget(lease.id)
        assert (workspace.originals / lease.sha256).is_file()
    with Workspace(settings) as workspace:
        recover(workspace)
        assert kept_aside(settings.data_dir) == []
        assert not list(settings.data_dir.rglob(f"{lease.sha256}*"))
        delete(workspace, workspace.catalog.find("manual.md"))
        assert len(list(workspace.originals.iterdir())) == len(list((settings.data_dir / "names").iterdir())) == 1


def test_an_upload_that_was_cut_short_is_not_kept_aside(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        sha256 = "ab" * 32
        workspace.catalog.bytes.loosen(sha256)
        (workspace.originals / sha256).write_bytes(b"half")
        recover(workspace)
        assert not (workspace.originals / sha256).exists()
        assert kept_aside(settings.data_dir) == []


def test_a_note_says_what_a_document_is_called_now(settings: Settings) -> None:
    with Workspace(settings) as workspace:
        lease = workspace.catalog.find("lease.txt")
        rename(workspace, lease, "Flat 3")
        note = settings.data_dir / "names" / f"{lease.sha256}.json"
        assert json.loads(note.read_text("utf-8")) == {"names": ["Flat 3.txt"]}
        note.unlink()
        recover(workspace)
        assert json.loads(note.read_text("utf-8")) == {"names": ["Flat 3.txt"]}


@pytest.mark.parametrize("note", [None, "", "{", '{"names": []}', '{"names": [3]}', "[]"])
def test_without_a_note_a_document_is_kept_all_the_same(settings: Settings, note: str | None) -> None:
    with Workspace(settings) as workspace:
        lease = workspace.catalog.find("lease.txt")
        note_names(workspace, lease.sha256)
    beside = settings.data_dir / "names" / f"{lease.sha256}.json"
    beside.unlink() if note is None else beside.write_text(note, "utf-8")
    for path in settings.data_dir.glob("catalog.sqlite*"):
        path.unlink()
    with Workspace(settings) as workspace:
        recover(workspace)
        assert (f"recovered-{lease.sha256[:12]}.txt",) in [kept.names for kept in kept_aside(settings.data_dir)]
        list(take_up(workspace))
        list(drain(workspace))
        assert found(workspace, "How much is the rent?")[0].startswith("recovered-")
