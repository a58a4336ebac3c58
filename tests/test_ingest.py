"""Ingest: every file ends in a clear state, nothing is done twice, and nothing of what was removed is left."""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from docmind.errors import DocumentTooLargeError, LibraryError, LibraryInUseError
from docmind.ingestion.ingest import Ingested, ingest, process
from docmind.ingestion.originals import stage
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.storage.catalog import open_catalog
from docmind.workspace import Workspace

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def write(path: Path, *sentences: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(sentences), encoding="utf-8")
    return path


def run(workspace: Workspace, *paths: Path) -> list[Ingested]:
    return list(ingest(workspace, list(paths)))


def found(workspace: Workspace, words: str, limit: int = 100) -> set[str]:
    """The names of the documents that a search shows."""
    return {item.node.metadata["document"] for item in workspace.retriever(limit=limit).retrieve(words)}


def check_books(workspace: Workspace) -> None:
    """Catalogue, vectors and originals agree to the last chunk and the last byte."""
    ready = workspace.catalog.documents("ready")
    for document in ready:
        assert workspace.store.count(document.id) == document.chunks == document.chunks_done > 0
    assert workspace.store.count() == sum(document.chunks for document in ready)
    assert {file.name for file in workspace.originals.iterdir()} == {document.sha256 for document in ready}


def test_every_sample_is_ingested_and_found(plain_workspace: Workspace) -> None:
    outcomes = run(plain_workspace, SAMPLES)
    assert {outcome.status for outcome in outcomes} == {"ingested"}
    assert len(outcomes) == len(list(SAMPLES.iterdir()))
    assert all(outcome.chunks and outcome.document_id and outcome.error is None for outcome in outcomes)
    assert found(plain_workspace, "the") == {path.name for path in SAMPLES.iterdir()}
    check_books(plain_workspace)


def test_the_same_files_again_are_unchanged_and_nothing_is_added(plain_workspace: Workspace, inbox: Path) -> None:
    paths = [write(inbox / "a.txt", "The rent is low."), write(inbox / "b.txt", "The cat sleeps.")]
    first, again = run(plain_workspace, *paths), run(plain_workspace, *paths)
    assert [outcome.status for outcome in again] == ["unchanged", "unchanged"]
    assert [outcome.document_id for outcome in again] == [outcome.document_id for outcome in first]
    assert [outcome.chunks for outcome in again] == [outcome.chunks for outcome in first]
    check_books(plain_workspace)


def test_the_same_bytes_under_another_name_are_unchanged(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", "The rent is low.")
    (first,) = run(plain_workspace, path)
    (copy,) = run(plain_workspace, Path(shutil.copy(path, inbox / "copy.txt")))
    assert (copy.status, copy.document_id) == ("unchanged", first.document_id)
    assert found(plain_workspace, "rent") == {"a.txt"}
    check_books(plain_workspace)


def test_new_bytes_under_an_old_name_replace_it(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", "The rent is 900 pounds.")
    run(plain_workspace, path)
    (outcome,) = run(plain_workspace, write(path, "The rent is 950 pounds.", "Pets are allowed."))
    assert outcome.status == "replaced"
    texts = [item.node.get_content() for item in plain_workspace.retriever(limit=50).retrieve("rent pounds")]
    assert any("950" in text for text in texts)
    assert not any("900" in text for text in texts)
    assert len(plain_workspace.catalog.documents()) == 1
    check_books(plain_workspace)


def test_a_new_version_replaces_the_old_one_though_the_clock_was_set_back(
    plain_workspace: Workspace, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = inbox / "clock.txt"
    for number, now in enumerate((2_000_000_000.0, 1_000_000_000.0, 1_500_000_000.0)):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        lease.write_text(f"The rent is {900 + number} pounds.", encoding="utf-8")
        [outcome] = ingest(plain_workspace, [lease])
        assert outcome.status == ("replaced" if number else "ingested")
    [document] = [each for each in plain_workspace.catalog.documents("ready") if each.name == "clock.txt"]
    texts = [node.get_content() for node in plain_workspace.store.chunks_of(document.id)]
    assert texts == ["The rent is 902 pounds."]
    assert plain_workspace.store.count() == plain_workspace.catalog.ready_chunks()


def test_a_file_that_cannot_be_read_fails_alone_and_says_why(plain_workspace: Workspace, inbox: Path) -> None:
    good = write(inbox / "good.txt", "The rent is low.")
    paths = [
        write(inbox / "empty.txt"),
        inbox / "missing.txt",
        write(inbox / "fake.pdf", "%PDF-1.7", "This is no PDF."),
        inbox / "odd.xyz",
        good,
    ]
    (inbox / "odd.xyz").write_bytes(bytes(range(256)) * 20)
    outcomes = {Path(outcome.path).name: outcome for outcome in run(plain_workspace, *paths)}
    assert outcomes.pop("good.txt").status == "ingested"
    for outcome in outcomes.values():
        assert (outcome.status, outcome.chunks) == ("failed", 0)
        assert outcome.error
    assert {document.name for document in plain_workspace.catalog.documents("failed")} == set(outcomes) - {
        "missing.txt"
    }
    assert found(plain_workspace, "rent text") == {"good.txt"}
    check_books(plain_workspace)


def test_a_mended_file_is_no_longer_listed_as_failed(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt")
    assert run(plain_workspace, path)[0].status == "failed"
    assert run(plain_workspace, write(path, "The rent is low."))[0].status == "ingested"
    assert [document.state for document in plain_workspace.catalog.documents()] == ["ready"]


def test_a_failed_newer_version_leaves_the_older_in_place(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", "The rent is low.")
    run(plain_workspace, path)
    path.write_bytes(b"")
    assert run(plain_workspace, path)[0].status == "failed"
    assert found(plain_workspace, "rent") == {"a.txt"}
    check_books(plain_workspace)


def test_folders_give_names_relative_to_them(plain_workspace: Workspace, inbox: Path) -> None:
    for name in ("a.txt", "deep/a.txt", "deep/er/päper 🦩.md", ".hidden/b.txt", ".c.txt", "image.xyz"):
        write(inbox / name, f"The rent of {name} is low.")
    outcomes = run(plain_workspace, inbox)
    assert {outcome.status for outcome in outcomes} == {"ingested"}
    assert found(plain_workspace, "rent") == {"a.txt", "deep/a.txt", "deep/er/päper 🦩.md"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_file_name_that_is_no_text_does_no_harm(plain_workspace: Workspace, inbox: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9.txt"))
    path.write_bytes(b"The rent is low.")
    assert [outcome.status for outcome in run(plain_workspace, path)] == ["ingested"]
    assert [outcome.status for outcome in run(plain_workspace, inbox)] == ["unchanged"]
    assert found(plain_workspace, "rent") == {"caf?.txt"}


def test_a_deleted_document_is_gone_everywhere(plain_workspace: Workspace, inbox: Path) -> None:
    run(plain_workspace, write(inbox / "a.txt", "The rent is low."), write(inbox / "b.txt", "The rent is high."))
    document = plain_workspace.catalog.find("a.txt")
    assert delete(plain_workspace, document) == document.chunks > 0
    assert plain_workspace.store.count(document.id) == 0
    assert found(plain_workspace, "rent low") == {"b.txt"}
    assert not (plain_workspace.originals / document.sha256).exists()
    assert [item.name for item in plain_workspace.catalog.documents()] == ["b.txt"]
    check_books(plain_workspace)


def test_a_deleted_document_may_come_back(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", "The rent is low.")
    run(plain_workspace, path)
    delete(plain_workspace, plain_workspace.catalog.find("a.txt"))
    assert plain_workspace.store.count() == 0
    assert run(plain_workspace, path)[0].status == "ingested"
    assert found(plain_workspace, "rent") == {"a.txt"}
    check_books(plain_workspace)


def test_a_file_over_the_limit_is_refused_and_nothing_of_it_stays(plain_settings: Settings) -> None:
    with Workspace(plain_settings.model_copy(update={"max_file_mib": 1})) as workspace:
        with pytest.raises(DocumentTooLargeError, match="DOCMIND_MAX_FILE_MIB"):
            stage(workspace, io.BytesIO(b"x" * (2**20 + 1)), "big.txt")
        assert list(workspace.originals.iterdir()) == []
        assert workspace.catalog.documents() == []


def test_a_document_staged_twice_is_queued_once(plain_workspace: Workspace) -> None:
    first, known = stage(plain_workspace, io.BytesIO(b"The rent is low."), "a.txt")
    again, _ = stage(plain_workspace, io.BytesIO(b"The rent is low."), "a.txt")
    assert (again.id, known) == (first.id, False)
    assert process(plain_workspace, first, "a.txt").status == "ingested"
    _, known = stage(plain_workspace, io.BytesIO(b"The rent is low."), "a.txt")
    assert known


def test_what_an_earlier_run_left_unfinished_is_resumed(plain_settings: Settings) -> None:
    with Workspace(plain_settings) as workspace:
        for name in ("queued.txt", "reading.txt"):
            document, _ = stage(workspace, io.BytesIO(f"The rent in {name} is low.".encode()), name)
        workspace.catalog.start(document.id)
        assert found(workspace, "rent") == set()
    with Workspace(plain_settings) as workspace:
        assert {outcome.path for outcome in run(workspace)} == {"queued.txt", "reading.txt"}
        assert found(workspace, "rent") == {"queued.txt", "reading.txt"}
        check_books(workspace)


def test_an_interrupted_old_version_never_replaces_a_newer_one(plain_workspace: Workspace, inbox: Path) -> None:
    stage(plain_workspace, io.BytesIO(b"The rent is 900 pounds."), "a.txt")
    run(plain_workspace, write(inbox / "a.txt", "The rent is 950 pounds."))
    (found_now,) = plain_workspace.retriever(limit=50).retrieve("rent pounds")
    assert "950" in found_now.node.get_content()
    assert [document.state for document in plain_workspace.catalog.documents()] == ["ready"]
    check_books(plain_workspace)


def test_recovery_finishes_removals_and_sweeps_up_what_nobody_owns(plain_workspace: Workspace, inbox: Path) -> None:
    run(plain_workspace, write(inbox / "a.txt", "The rent is low."), write(inbox / "b.txt", "The rent is high."))
    plain_workspace.catalog.retire(plain_workspace.catalog.find("a.txt").id)
    (plain_workspace.originals / ".staging-1").write_bytes(b"half a file")
    (plain_workspace.originals / ("0" * 64)).write_bytes(b"nobody's")
    assert found(plain_workspace, "rent low") == {"b.txt"}
    recover(plain_workspace)
    assert [document.name for document in plain_workspace.catalog.documents()] == ["b.txt"]
    check_books(plain_workspace)


def test_progress_is_told_to_the_end(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", *(f"Sentence {number} is about the rent of a flat." * 20 for number in range(200)))
    told: list[tuple[str, int, int]] = []
    (outcome,) = ingest(plain_workspace, [path], lambda *report: told.append(report))
    assert len(told) > 1
    assert {name for name, _, _ in told} == {"a.txt"}
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert told[-1] == ("a.txt", outcome.chunks, outcome.chunks)


def test_nothing_is_searchable_before_the_document_is_complete(plain_workspace: Workspace, inbox: Path) -> None:
    path = write(inbox / "a.txt", *(f"Sentence {number} is about the rent of a flat." * 20 for number in range(200)))
    seen: list[set[str]] = []
    list(ingest(plain_workspace, [path], lambda *_: seen.append(found(plain_workspace, "rent"))))
    assert seen
    assert set().union(*seen) == set()
    assert found(plain_workspace, "rent") == {"a.txt"}


def test_a_library_is_open_in_one_place_only(plain_settings: Settings) -> None:
    with Workspace(plain_settings) as workspace:
        with pytest.raises(LibraryInUseError, match="Close it"):
            Workspace(plain_settings)
        catalog = open_catalog(plain_settings)  # reading the list is allowed meanwhile
        assert catalog.documents() == workspace.catalog.documents()
        catalog.close()
    Workspace(plain_settings).close()


def test_a_library_may_be_closed_by_another_thread_than_opened_it(plain_settings: Settings) -> None:
    workspace = Workspace(plain_settings)
    closer = threading.Thread(target=workspace.close)
    closer.start()
    closer.join()
    Workspace(plain_settings).close()


def test_a_filled_library_is_searched_with_its_own_embedder_whatever_the_settings_name(
    settings: Settings, inbox: Path
) -> None:
    hashed = settings.model_copy(update={"embedder": "hash"})
    with Workspace(hashed) as workspace:
        run(workspace, write(inbox / "a.txt", "The rent is low."))
    with Workspace(settings.model_copy(update={"embedder": "all-minilm-l6-v2"})) as workspace:
        assert workspace.embedder.name == "hash"
        assert found(workspace, "rent") == {"a.txt"}
    with Workspace(settings) as workspace:  # 'auto' stays with what filled the library
        assert workspace.embedder.name == "hash"
    with Workspace(settings.model_copy(update={"embedder": "all-minilm-l6-v2"})) as workspace:
        document = workspace.catalog.find("a.txt")
        assert delete(workspace, document) == document.chunks  # deleting needs no model
    with Workspace(settings) as workspace:  # emptied, it takes any model again
        assert workspace.embedder.name == "all-minilm-l6-v2"


def test_an_empty_library_takes_any_embedder(settings: Settings) -> None:
    with Workspace(settings.model_copy(update={"embedder": "hash"})) as workspace:
        assert found(workspace, "anything") == set()
    with Workspace(settings) as workspace:
        assert found(workspace, "anything") == set()
        assert workspace.store.dimensions == 384


def test_vectors_whose_catalogue_is_lost_are_never_found(plain_settings: Settings, inbox: Path) -> None:
    with Workspace(plain_settings) as workspace:
        run(workspace, write(inbox / "a.txt", "The rent is low."))
    for file in plain_settings.data_dir.glob("catalog.sqlite*"):
        file.unlink()
    with Workspace(plain_settings) as workspace:
        assert found(workspace, "rent") == set()


def test_a_folder_that_cannot_be_made_is_named_with_advice(plain_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(LibraryError, match="DOCMIND_DATA_DIR"):
        Workspace(plain_settings.model_copy(update={"data_dir": tmp_path / "file" / "data"}))


def test_lost_vectors_are_made_again_by_the_next_ingest(plain_settings: Settings, inbox: Path) -> None:
    with Workspace(plain_settings) as workspace:
        run(workspace, write(inbox / "a.txt", "The zebra fee is 3 pounds."))
    shutil.rmtree(plain_settings.data_dir / "vectors")
    with Workspace(plain_settings) as workspace:
        assert [outcome.status for outcome in run(workspace, inbox / "a.txt")] == ["ingested"]
        assert found(workspace, "zebra fee") == {"a.txt"}
        check_books(workspace)


def test_a_lost_original_is_put_back_by_adding_the_file_again(plain_settings: Settings, inbox: Path) -> None:
    path = write(inbox / "a.txt", "The zebra fee is 3 pounds.")
    with Workspace(plain_settings) as workspace:
        run(workspace, path)
        shutil.rmtree(workspace.originals)
        assert [outcome.status for outcome in run(workspace, path)] == ["unchanged"]
        check_books(workspace)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(plain_workspace: Workspace, inbox: Path) -> None:
    os.mkfifo(inbox / "pipe.txt")
    outcome = run(plain_workspace, inbox / "pipe.txt")[0]
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert "is no file" in outcome.error


def test_what_lies_in_the_way_inside_the_library_is_named(plain_settings: Settings) -> None:
    with Workspace(plain_settings) as workspace:
        (workspace.originals / "folder").mkdir()
        recover(workspace)
        shutil.rmtree(workspace.originals)
    (plain_settings.data_dir / "originals").write_text("in the way", encoding="utf-8")
    with Workspace(plain_settings) as workspace, pytest.raises(LibraryError, match="originals cannot be made"):
        recover(workspace)


def test_a_name_longer_than_the_file_system_takes_fails_alone(plain_workspace: Workspace, inbox: Path) -> None:
    good = write(inbox / "a.txt", "The zebra fee is 3 pounds.")
    assert [outcome.status for outcome in run(plain_workspace, inbox / ("n" * 300), good)] == ["failed", "ingested"]


def test_equal_names_from_two_folders_of_one_call_do_not_replace_each_other(
    plain_workspace: Workspace, inbox: Path
) -> None:
    for folder in ("north", "south"):
        (inbox / folder).mkdir()
        write(inbox / folder / "report.txt", f"The {folder} sold well.")
    outcomes = run(plain_workspace, inbox / "north", inbox / "south")
    assert [outcome.status for outcome in outcomes] == ["ingested", "ingested"]
    names = {document.name for document in plain_workspace.catalog.documents("ready")}
    assert names == {"north/report.txt", "south/report.txt"}


def test_closing_while_a_document_is_read_leaves_it_to_be_resumed(plain_settings: Settings, inbox: Path) -> None:
    workspace = Workspace(plain_settings)
    with write(inbox / "a.txt", "The rent is low.").open("rb") as source:
        document, _ = stage(workspace, source, "a.txt")
    workspace.reader.close()
    with pytest.raises(LibraryError, match="closing"):
        process(workspace, document, "a.txt")
    workspace.close()
    with Workspace(plain_settings) as again:
        assert [outcome.status for outcome in run(again)] == ["ingested"]


def test_files_of_the_users_own_in_the_library_folder_stay(plain_settings: Settings) -> None:
    own = plain_settings.data_dir / "originals" / "my thesis.pdf"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    with Workspace(plain_settings) as workspace:
        run(workspace)
    assert own.read_text() == "mine"
