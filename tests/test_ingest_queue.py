"""The queue: one document costs the others nothing, whatever it does, and nothing is read twice or shown half."""

from __future__ import annotations

import dataclasses
import io
import shutil
import sqlite3
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest

from docmind.embeddings import Embedder
from docmind.errors import LibraryError, ModelError
from docmind.ingestion.ingest import Ingested, drain, ingest, process
from docmind.ingestion.originals import stage
from docmind.ingestion.recovery import recover
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.storage.catalog import Catalog, Document
from docmind.stores.edge import EdgeVectorStore
from docmind.workspace import Workspace


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def add(workspace: Workspace, name: str, text: str) -> Document:
    document, _ = stage(workspace, io.BytesIO(text.encode()), name)
    return document


def found(workspace: Workspace, words: str = "rent") -> set[str]:
    """The names of the documents that a search shows."""
    return {item.node.metadata["document"] for item in workspace.retriever(limit=100).retrieve(words)}


def states(workspace: Workspace) -> dict[str, str]:
    return {document.name: document.state for document in workspace.catalog.documents()}


def check_books(workspace: Workspace) -> None:
    """Catalogue, vectors and originals agree to the last chunk and the last byte."""
    ready = workspace.catalog.documents("ready")
    assert workspace.store.count() == sum(document.chunks for document in ready)
    kept = [*ready, *(document for document in workspace.catalog.documents("failed") if document.may_retry)]
    assert {file.name for file in workspace.originals.iterdir()} == {document.sha256 for document in kept}


def failing_on(name: str, error: BaseException, times: int = 1000) -> Callable[[str, int, int], None]:
    """Progress that raises while chunks of one document are written."""
    left = [times]

    def report(shown: str, _done: int, _total: int) -> None:
        if shown == name and left[0]:
            left[0] -= 1
            raise error

    return report


class StubbornStore(EdgeVectorStore):
    """Keeps the chunks of one document, as a store does whose disk is full."""

    kept: str = ""

    def delete(self, ref_doc_id: str, **options: Any) -> None:
        if ref_doc_id == self.kept:
            raise LibraryError("The disk is full.")
        super().delete(ref_doc_id, **options)


class StubbornWorkspace(Workspace):
    """A library over a stubborn store."""

    @cached_property
    def store(self) -> StubbornStore:  # type: ignore[override]  # a property there
        return StubbornStore.open(self.settings.data_dir / "vectors", self.embedder.dimensions)

    def close(self) -> None:
        self.store.close()
        super().close()


class Measured(Workspace):
    """A library whose chunks are as long as one says."""

    max_tokens = 512

    @property
    def embedder(self) -> Embedder:
        return dataclasses.replace(super().embedder, max_tokens=self.max_tokens)


# Published stays published


def test_a_version_that_is_published_stays_when_its_predecessor_cannot_be_removed(plain_settings: Settings) -> None:
    with StubbornWorkspace(plain_settings) as workspace:
        add(workspace, "a.txt", "The rent is 900 pounds.")
        (old,) = drain(workspace)
        assert old.document_id
        workspace.store.kept = old.document_id
        add(workspace, "a.txt", "The rent is 950 pounds.")
        outcomes: list[Ingested] = []
        with pytest.raises(LibraryError, match="full"):  # said once the queue is empty
            outcomes.extend(drain(workspace))
        (shown,) = workspace.retriever(limit=10).retrieve("rent pounds")
        assert "950" in shown.node.get_content()
        assert sorted(document.state for document in workspace.catalog.documents()) == ["ready", "removing"]

        recover(workspace)  # keeps nobody from adding
        workspace.store.kept = ""
        assert list(drain(workspace)) == []
        assert states(workspace) == {"a.txt": "ready"}
        check_books(workspace)


def test_bytes_that_cannot_be_dropped_unpublish_nothing(plain_workspace: Workspace) -> None:
    add(plain_workspace, "a.txt", "The rent is 900 pounds.")
    list(drain(plain_workspace))
    original = plain_workspace.originals / plain_workspace.catalog.find("a.txt").sha256
    original.unlink()
    original.mkdir()
    document = add(plain_workspace, "a.txt", "The rent is 950 pounds.")
    outcome = process(plain_workspace, document, "a.txt")
    assert outcome is not None
    assert outcome.status == "replaced"
    (shown,) = plain_workspace.retriever(limit=10).retrieve("rent pounds")
    assert "950" in shown.node.get_content()


# Attempts


def test_a_document_that_makes_docmind_fail_is_given_up_and_the_others_go_on(
    plain_workspace: Workspace, inbox: Path
) -> None:
    for name in ("a.txt", "poison.txt", "z.txt"):
        (inbox / name).write_text(f"The rent in {name} is low.", encoding="utf-8")
    outcomes = list(ingest(plain_workspace, [inbox], failing_on("poison.txt", ValueError("boom"))))
    assert [(Path(outcome.path).name, outcome.status) for outcome in outcomes] == [
        ("a.txt", "ingested"),
        ("z.txt", "ingested"),
        ("poison.txt", "failed"),
    ]
    assert outcomes[-1].path == str(inbox / "poison.txt")
    (poison,) = plain_workspace.catalog.documents("failed")
    assert poison.attempts == 3
    assert poison.error == outcomes[-1].error
    assert poison.error is not None
    assert "ValueError: boom" in poison.error
    assert found(plain_workspace) == {"a.txt", "z.txt"}
    check_books(plain_workspace)

    # Its bytes are kept, so it is tried again where somebody asks for that.
    assert poison.may_retry
    recover(plain_workspace)
    check_books(plain_workspace)
    plain_workspace.catalog.retry(poison.id)
    (again,) = drain(plain_workspace)
    assert again.status == "ingested"
    assert found(plain_workspace) == {"a.txt", "poison.txt", "z.txt"}


def test_a_document_that_is_worth_no_other_try_keeps_no_bytes(plain_workspace: Workspace) -> None:
    document = add(plain_workspace, "a.xyz", "The rent is low.")
    list(drain(plain_workspace))
    assert not plain_workspace.catalog.document(document.id).may_retry
    assert list(plain_workspace.originals.iterdir()) == []
    plain_workspace.catalog.retry(document.id)
    assert plain_workspace.catalog.document(document.id).state == "failed"


def test_dismissing_a_document_that_failed_drops_its_bytes(plain_workspace: Workspace) -> None:
    document = add(plain_workspace, "a.txt", "The rent is low.")
    assert [each.status for each in drain(plain_workspace, failing_on("a.txt", ValueError("boom")))] == ["failed"]
    check_books(plain_workspace)
    delete(plain_workspace, plain_workspace.catalog.document(document.id))
    assert plain_workspace.catalog.documents() == []
    check_books(plain_workspace)


def test_a_document_that_fails_once_is_read_in_the_same_run(plain_workspace: Workspace) -> None:
    for name in ("a.txt", "b.txt"):
        add(plain_workspace, name, f"The rent in {name} is low.")
    outcomes = list(drain(plain_workspace, failing_on("a.txt", ValueError("boom"), times=2)))
    assert [(outcome.path, outcome.status) for outcome in outcomes] == [("b.txt", "ingested"), ("a.txt", "ingested")]
    assert plain_workspace.catalog.find("a.txt").attempts == 0


@pytest.mark.parametrize(
    "error", [ModelError("No model."), LibraryError("No space."), OSError(28, "No space left"), KeyboardInterrupt()]
)
def test_what_is_not_the_documents_fault_costs_it_no_attempt(plain_workspace: Workspace, error: BaseException) -> None:
    document = add(plain_workspace, "a.txt", "The rent is low.")
    for _ in range(4):
        with pytest.raises((ModelError, LibraryError, KeyboardInterrupt)):
            list(drain(plain_workspace, failing_on("a.txt", error)))
        assert plain_workspace.catalog.document(document.id).state == "queued"
        assert plain_workspace.catalog.document(document.id).attempts == 0
    assert [outcome.status for outcome in drain(plain_workspace)] == ["ingested"]


def test_a_document_that_ends_the_process_is_given_up_and_does_not_end_it_for_ever(
    plain_settings: Settings, tmp_path: Path
) -> None:
    settings = plain_settings
    for crash in range(3):
        with Workspace(settings) as workspace:
            if crash == 0:
                add(workspace, "killer.txt", "The rent is low.")
                add(workspace, "z.txt", "The rent is high.")
            recover(workspace)
            while (document := workspace.catalog.next_queued()) and document.name != "killer.txt":
                assert process(workspace, document, document.name)
            assert document is not None
            assert document.attempts == crash
            workspace.catalog.start(document.id)
            # What a crash leaves on disk is what is there now.
            settings = plain_settings.model_copy(update={"data_dir": tmp_path / f"crash-{crash}"})
            shutil.copytree(workspace.settings.data_dir, settings.data_dir)
    with Workspace(settings) as workspace:
        outcomes = list(ingest(workspace, []))
        assert [(outcome.path, outcome.status) for outcome in outcomes] == [("killer.txt", "failed")]
        assert "3 times" in (outcomes[0].error or "")
        assert states(workspace) == {"killer.txt": "failed", "z.txt": "ready"}
        check_books(workspace)


def test_closing_costs_no_attempt(plain_settings: Settings) -> None:
    for _ in range(4):
        with Workspace(plain_settings) as workspace:
            document = add(workspace, "a.txt", "The rent is low.")
            recover(workspace)
            assert workspace.catalog.document(document.id).attempts == 0
            workspace.catalog.start(document.id)
    with Workspace(plain_settings) as workspace:
        assert [outcome.status for outcome in ingest(workspace, [])] == ["ingested"]


# Several threads


def test_a_document_deleted_while_it_is_read_stays_deleted(plain_workspace: Workspace) -> None:
    add(plain_workspace, "a.txt", "The rent is low.")

    def report(name: str, _done: int, _total: int) -> None:
        delete(plain_workspace, plain_workspace.catalog.find(name, "reading"))

    assert list(drain(plain_workspace, report)) == []
    assert states(plain_workspace) == {}
    check_books(plain_workspace)
    add(plain_workspace, "a.txt", "The rent is high.")
    assert [outcome.status for outcome in drain(plain_workspace)] == ["ingested"]


def test_a_document_that_is_being_removed_is_neither_published_nor_failed(plain_workspace: Workspace) -> None:
    catalog = plain_workspace.catalog
    document = add(plain_workspace, "a.txt", "The rent is low.")

    def report(_name: str, _done: int, _total: int) -> None:
        catalog.retire(document.id)  # the first step of removing it, in another thread

    assert list(drain(plain_workspace, report)) == []
    assert states(plain_workspace) == {}
    check_books(plain_workspace)
    other = add(plain_workspace, "b.txt", "The rent is high.")
    catalog.start(other.id)
    catalog.retire(other.id)
    catalog.fail(other.id, "It cannot be read.")
    assert states(plain_workspace) == {"b.txt": "removing"}


def test_a_document_is_read_by_one_thread_alone(plain_workspace: Workspace) -> None:
    document = add(plain_workspace, "a.txt", "The rent is low.")
    others: list[object] = []

    def report(_name: str, _done: int, _total: int) -> None:
        others.append(process(plain_workspace, document, "a.txt"))  # what another thread would do that saw it wait
        others.extend(ingest(plain_workspace, []))  # which recovers

    assert [outcome.status for outcome in drain(plain_workspace, report)] == ["ingested"]
    assert others == [None]
    check_books(plain_workspace)
    assert found(plain_workspace) == {"a.txt"}


def test_recovering_leaves_a_copy_alone_that_is_being_made(plain_workspace: Workspace) -> None:
    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            recover(plain_workspace)
            return super().read(size)

    stage(plain_workspace, Source(b"The rent is low."), "a.txt")
    (plain_workspace.originals / ".staging-left-by-a-crash").touch()
    assert [outcome.status for outcome in ingest(plain_workspace, [])] == ["ingested"]
    check_books(plain_workspace)


def test_closing_while_a_document_is_read_is_said_in_words(plain_settings: Settings) -> None:
    workspace = Workspace(plain_settings)
    add(workspace, "a.txt", "The rent is low.")
    with pytest.raises(LibraryError, match="closed while"):
        list(drain(workspace, lambda *_: workspace.close()))


# Nothing old shows up


def test_a_retry_that_makes_fewer_chunks_leaves_none_of_the_earlier(plain_settings: Settings) -> None:
    with Measured(plain_settings.model_copy(update={"embed_batch_size": 4})) as workspace:
        text = "\n\n".join(f"Clause {number} says that the rent is {number} pounds a month." for number in range(99))
        document = add(workspace, "a.txt", text)
        workspace.max_tokens = 64
        with pytest.raises(ModelError):
            list(drain(workspace, failing_on("a.txt", ModelError("No model."))))
        before = workspace.store.count(document.id)
        workspace.max_tokens = 512
        (outcome,) = drain(workspace)
        assert outcome.chunks < before + 4
        assert workspace.store.count(document.id) == outcome.chunks
        check_books(workspace)


def test_interrupted_documents_are_hidden_and_waiting_ones_need_not_be(plain_workspace: Workspace) -> None:
    waiting = [add(plain_workspace, f"{number}.txt", f"The rent is {number}.") for number in range(3)]
    assert plain_workspace.catalog.hidden() == []
    with pytest.raises(ModelError):
        list(drain(plain_workspace, failing_on("0.txt", ModelError("No model."))))
    assert plain_workspace.store.count() > 0
    assert plain_workspace.catalog.hidden() == [waiting[0].id]
    assert found(plain_workspace) == set()
    recover(plain_workspace)
    assert plain_workspace.catalog.hidden() == []
    assert plain_workspace.store.count() == 0


# Equal bytes


def test_equal_bytes_dropped_under_two_names_are_read_once(plain_workspace: Workspace) -> None:
    first = add(plain_workspace, "a.txt", "The rent is low.")
    add(plain_workspace, "b.txt", "The rent is low.")
    read, unchanged = drain(plain_workspace)
    assert (read.path, read.status) == ("a.txt", "ingested")
    assert (unchanged.path, unchanged.status, unchanged.document_id) == ("b.txt", "unchanged", first.id)
    assert (unchanged.chunks, unchanged.pages) == (read.chunks, read.pages)
    assert states(plain_workspace) == {"a.txt": "ready"}
    check_books(plain_workspace)


def test_where_the_first_name_fails_the_second_is_tried(plain_workspace: Workspace) -> None:
    add(plain_workspace, "a.xyz", "The rent is low.")
    add(plain_workspace, "b.txt", "The rent is low.")
    assert [(outcome.path, outcome.status) for outcome in drain(plain_workspace)] == [
        ("a.xyz", "failed"),
        ("b.txt", "ingested"),
    ]
    check_books(plain_workspace)


@pytest.mark.parametrize("at_once", [True, False])
def test_known_bytes_replace_what_their_name_stood_for(plain_workspace: Workspace, at_once: bool) -> None:
    add(plain_workspace, "b.txt", "The rent was 900 pounds.")
    list(drain(plain_workspace))
    add(plain_workspace, "a.txt", "The rent is 950 pounds.")
    if not at_once:
        list(drain(plain_workspace))
    add(plain_workspace, "b.txt", "The rent is 950 pounds.")
    assert list(drain(plain_workspace))[-1].status == "replaced"
    shown = [item.node.get_content() for item in plain_workspace.retriever(limit=10).retrieve("rent pounds")]
    assert not any("900" in text for text in shown)
    assert states(plain_workspace) == {"a.txt": "ready", "b.txt": "ready"}
    delete(plain_workspace, plain_workspace.catalog.find("a.txt"))
    assert len(list(plain_workspace.originals.iterdir())) == 1  # the other still needs the bytes


def test_a_version_added_again_after_it_was_overtaken_comes_back(plain_workspace: Workspace, inbox: Path) -> None:
    add(plain_workspace, "a.txt", "The rent is 900 pounds.")
    newer = add(plain_workspace, "a.txt", "The rent is 950 pounds.")
    process(plain_workspace, newer, "a.txt")
    (inbox / "a.txt").write_bytes(b"The rent is 900 pounds.")
    assert [outcome.status for outcome in ingest(plain_workspace, [inbox / "a.txt"])] == ["replaced"]
    (shown,) = plain_workspace.retriever(limit=10).retrieve("rent pounds")
    assert "900" in shown.node.get_content()
    check_books(plain_workspace)


# Growth


def fill(database: sqlite3.Connection, count: int) -> None:
    """A library of so many documents in each state that a library may be full of."""
    rows = [
        (f"{state}-{number}", f"{state} {number}.txt", f"{state} {number}", state, int(state != "queued"))
        for state in ("ready", "queued", "failed")
        for number in range(count)
    ]
    with database:
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO document (id, name, sha256, size, state, added, may_have_chunks) "
            "VALUES (?, ?, ?, 999, ?, 0, ?)",  # larger than what the tests add, which is read first
            rows,
        )
        database.execute("UPDATE document SET may_have_chunks = 0 WHERE state = 'failed'")


def steps(database: sqlite3.Connection, work: Callable[[], object]) -> int:
    """How many steps of its machine SQLite takes for some work, in tens."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    database.set_progress_handler(count, 10)
    work()
    database.set_progress_handler(None, 0)
    return taken


def life_of_a_document(catalog: Catalog, name: str) -> None:
    """Everything the catalogue is asked and told while one document is added, searched, replaced and deleted."""
    for version in (f"{name} 1", f"{name} 2"):
        assert catalog.known(name, version) is None
        assert catalog.waiting(version) == []
        document = catalog.enqueue(name, version, 1)
        assert catalog.next_queued() is not None
        assert not catalog.overtaken(document)
        assert not catalog.start(document.id)
        catalog.progress(document.id, 1, 2)
        assert document.id in catalog.hidden()
        replaced = catalog.publish(document.id, format="txt", title="", pages=None, chunks=2, seconds=0.1, warnings=())
        for predecessor in replaced:
            catalog.forget(predecessor.id)
            assert not catalog.bytes.is_needed(predecessor.sha256)
        assert catalog.hidden() == []
        # As many ids as a search finds passages: SQLite plans for two otherwise than for ten.
        assert catalog.searchable([document.id, *(f"nobody's {n}" for n in range(9))]) == {document.id}
        assert catalog.has("ready")
        assert catalog.interrupted() == []
        assert catalog.documents("removing", "reading") == []
    failed = catalog.enqueue(f"{name} failed", f"{name} failed", 1)
    catalog.start(failed.id)
    catalog.fail(failed.id, "It is damaged.")
    catalog.forget(failed.id)
    assert catalog.find(name).id == document.id
    catalog.retire(document.id)
    catalog.forget(document.id)


def test_a_document_costs_the_catalogue_the_same_however_many_there_are(tmp_path: Path) -> None:
    taken = []
    for count in (10, 5000):
        catalog = Catalog(tmp_path / f"{count}.sqlite")
        fill(catalog.database.connection, count)
        taken.append(steps(catalog.database.connection, partial(life_of_a_document, catalog, "a.txt")))
        catalog.close()
    assert taken[0] > 0
    assert taken[1] <= taken[0] * 1.2


def test_staging_and_reading_the_next_cost_the_same_however_many_wait(plain_settings: Settings, tmp_path: Path) -> None:
    taken = []
    for count in (10, 2000):
        with Workspace(plain_settings.model_copy(update={"data_dir": tmp_path / str(count)})) as workspace:
            add(workspace, "a.txt", "The rent is low.")
            connection = workspace.catalog.database.connection
            fill(connection, count)
            taken.append(
                (
                    steps(connection, partial(add, workspace, "b.txt", "The rent is high.")),
                    steps(connection, partial(next, drain(workspace))),
                    steps(connection, partial(found, workspace)),
                )
            )
    assert all(few > 0 and many <= few * 1.2 + 1 for few, many in zip(*taken, strict=True))
