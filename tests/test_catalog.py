"""The catalogue: one truth about documents and chats, whatever happens in between."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.storage.catalog import Catalog, Document
from docmind.storage.chats import Message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = Catalog(path)
    yield opened
    opened.close()


def publish(catalog: Catalog, document: Document) -> list[Document]:
    catalog.start(document.id)
    return catalog.publish(
        document.id, format="txt", title="A title", pages=3, chunks=7, seconds=0.5, warnings=["Page 2 is a picture."]
    )


def test_a_document_goes_from_queued_to_ready(catalog: Catalog) -> None:
    queued = catalog.enqueue("lease.pdf", "ab" * 32, 1234)
    assert (queued.state, queued.name, queued.size, queued.chunks) == ("queued", "lease.pdf", 1234, 0)
    catalog.start(queued.id)
    catalog.progress(queued.id, 3, 7)
    reading = catalog.document(queued.id)
    assert (reading.state, reading.chunks_done, reading.chunks) == ("reading", 3, 7)
    assert catalog.hidden() == [queued.id]
    assert publish(catalog, queued) == []
    ready = catalog.document(queued.id)
    assert (ready.state, ready.chunks, ready.chunks_done, ready.pages) == ("ready", 7, 7, 3)
    assert (ready.title, ready.format, ready.warnings) == ("A title", "txt", ("Page 2 is a picture.",))
    assert catalog.hidden() == []


def test_a_newer_version_takes_the_place_of_the_older_in_one_step(catalog: Catalog) -> None:
    old = catalog.enqueue("lease.pdf", "aa", 1)
    publish(catalog, old)
    new = catalog.enqueue("lease.pdf", "bb", 2)
    assert [document.id for document in catalog.documents("ready")] == [old.id]
    assert [document.id for document in publish(catalog, new)] == [old.id]
    assert catalog.find("lease.pdf") == catalog.document(new.id)
    assert catalog.hidden() == [old.id]
    catalog.forget(old.id)
    assert catalog.hidden() == []


def test_a_failure_says_why_and_is_forgotten_once_the_document_is_mended(catalog: Catalog) -> None:
    for reason in ("It is encrypted.", "It is damaged."):
        catalog.fail(catalog.enqueue("lease.pdf", "aa", 1).id, reason)
    (failed,) = catalog.documents("failed")
    assert failed.error == "It is damaged."
    publish(catalog, catalog.enqueue("lease.pdf", "bb", 1))
    assert [document.state for document in catalog.documents()] == ["ready"]


def test_a_failed_newer_version_leaves_the_older_searchable(catalog: Catalog) -> None:
    old = catalog.enqueue("lease.pdf", "aa", 1)
    publish(catalog, old)
    catalog.fail(catalog.enqueue("lease.pdf", "bb", 1).id, "It is damaged.")
    assert catalog.find("lease.pdf").id == old.id


def test_documents_are_found_by_name_id_and_bytes(catalog: Catalog) -> None:
    document = catalog.enqueue("päper 🦩.pdf", "cc", 1)
    with pytest.raises(DocumentNotFoundError, match="empty"):
        catalog.find("päper 🦩.pdf")
    publish(catalog, document)
    assert catalog.find("päper 🦩.pdf").id == catalog.find(document.id).id == document.id
    assert catalog.known("another name", "cc") == catalog.find(document.id)
    assert catalog.known("another name", "dd") is None
    with pytest.raises(DocumentNotFoundError, match="päper"):
        catalog.find("paper.pdf")
    with pytest.raises(DocumentNotFoundError, match="docmind documents list"):
        catalog.document("nobody")


def test_the_revision_grows_with_every_change_of_what_is_searchable(catalog: Catalog) -> None:
    seen = [catalog.revision]
    document = catalog.enqueue("a", "aa", 1)
    catalog.start(document.id)
    catalog.progress(document.id, 1, 2)
    assert catalog.revision == seen[0]
    publish(catalog, document)
    seen.append(catalog.revision)
    catalog.retire(document.id)
    seen.append(catalog.revision)
    assert seen == sorted(set(seen))


def test_everything_is_there_after_closing(path: Path) -> None:
    catalog = Catalog(path)
    document = catalog.enqueue("a", "aa", 1)
    catalog.remember("embedder", "minilm")
    catalog.remember("embedder", "bge")
    catalog.close()
    again = Catalog(path)
    assert again.document(document.id) == document
    assert (again.fact("embedder"), again.fact("nothing")) == ("bge", None)
    again.close()


def test_documents_come_oldest_first(catalog: Catalog) -> None:
    names = [f"{number}.txt" for number in range(20)]
    for name in names:
        catalog.enqueue(name, name, 1)
    assert [document.name for document in catalog.documents()] == names
    assert [document.name for document in catalog.documents("queued", "ready")] == names
    assert catalog.documents("ready") == []


def test_a_chat_keeps_its_messages_in_order_until_it_is_deleted(catalog: Catalog) -> None:
    chat, other = catalog.chats.new("Rent"), catalog.chats.new("Pets")
    turns = [Message("user", {"text": "Zürich 🦩?"}), Message("assistant", {"text": "Yes.", "citations": [{"n": 1}]})]
    for turn in turns:
        catalog.chats.add(chat.id, turn)
    assert catalog.chats.messages(chat.id) == turns
    assert [item.title for item in catalog.chats.all()] == ["Pets", "Rent"]
    catalog.chats.delete(chat.id)
    assert catalog.chats.messages(chat.id) == []
    catalog.chats.add(chat.id, turns[0])  # an answer may arrive after its chat was deleted
    assert catalog.chats.messages(chat.id) == []
    assert [item.id for item in catalog.chats.all()] == [other.id]


def test_many_threads_may_write_at_once(catalog: Catalog) -> None:
    def write(number: int) -> None:
        for turn in range(10):
            publish(catalog, catalog.enqueue(f"{number}-{turn}", f"{number}-{turn}", 1))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog.documents("ready")) == 40
    assert catalog.revision == 40


def test_one_may_read_while_another_writes(path: Path, catalog: Catalog) -> None:
    reader = Catalog(path)
    document = catalog.enqueue("a", "aa", 1)
    assert reader.document(document.id) == document
    publish(catalog, document)
    assert [item.state for item in reader.documents()] == ["ready"]
    reader.close()


@pytest.mark.parametrize(
    "content", [b"this is no database, whatever its name says" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_catalogue_is_named_with_advice(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="DOCMIND_DATA_DIR"):
        Catalog(path)


def test_a_catalogue_of_a_newer_version_is_left_alone(path: Path) -> None:
    Catalog(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LibraryError, match="Upgrade DocMind"):
        Catalog(path)


def test_a_catalogue_damaged_inside_says_what_to_do(path: Path) -> None:
    Catalog(path).close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    # Where the schema itself lies in what is damaged, opening it says so.
    with pytest.raises(LibraryError, match="Check the disk, restore"), closing(Catalog(path)) as catalog:
        catalog.documents()


def test_analyses_and_what_was_kept_on_the_way_go_with_their_document(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    ids = []
    for name in ("a.txt", "b.txt"):
        document = catalog.enqueue(name, name, 1)
        catalog.publish(document.id, format="txt", title=name, pages=None, chunks=1, seconds=1, warnings=[])
        ids.append(document.id)
    for document_id in ids:
        catalog.analyses.keep_step(document_id, "part 1", "what a model wrote")
    assert catalog.analyses.add("both", {"n": 1}, ids)
    assert catalog.analyses.add("second", {"n": 2}, ids[1:])
    assert [stored.title for stored in catalog.analyses.all()] == ["second", "both"]

    catalog.retire(ids[0])
    catalog.forget(ids[0])
    assert [stored.content for stored in catalog.analyses.all()] == [{"n": 2}]
    assert catalog.analyses.step(ids[0], "part 1") is None
    assert catalog.analyses.step(ids[1], "part 1") == "what a model wrote"
    # What is still being written of it is not kept any more.
    catalog.analyses.keep_step(ids[0], "part 2", "too late")
    assert catalog.analyses.step(ids[0], "part 2") is None
    assert catalog.analyses.add("late", {}, ids) is None
    catalog.close()
