"""Which documents a question may be answered from: named, in collections, of a type, added when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from docmind import Limits, query_engine
from docmind.errors import DocumentNotFoundError, LibraryError
from docmind.ingestion.ingest import ingest
from docmind.storage.catalog import Catalog
from docmind.storage.scope import documents_within
from docmind.workspace import Workspace

DAYS = {"lease.pdf": 10, "old lease.pdf": 1, "policy.docx": 11, "notes.md": 12, "waiting.pdf": 13}


def day(number: int) -> datetime:
    return datetime(2026, 1, number)  # as a user says it, in the zone of this machine


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalogue of documents of three types, each added at noon of another day, one of which is not read yet."""
    opened = Catalog(tmp_path / "catalog.sqlite")
    for name, number in DAYS.items():
        document = opened.enqueue(name, name, 1)
        noon = day(number).replace(hour=12).timestamp()
        opened.database.run("UPDATE document SET id = ?, added = ? WHERE id = ?", (name, noon, document.id))
        if name != "waiting.pdf":
            form = name.rpartition(".")[2]
            opened.publish(name, format=form, title=name, pages=1, chunks=1, seconds=1, warnings=())
    opened.collections.add("Flats", ["lease.pdf", "notes.md"])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        (Limits(types=("pdf",)), {"lease.pdf", "old lease.pdf"}),
        (Limits(types=(".PDF", "md")), {"lease.pdf", "old lease.pdf", "notes.md"}),
        (Limits(added_after=day(10)), {"lease.pdf", "policy.docx", "notes.md"}),
        (Limits(added_before=day(11)), {"lease.pdf", "old lease.pdf"}),
        (Limits(added_after=day(11), added_before=day(12)), {"policy.docx"}),
        (Limits(collections=("flats",), types=("pdf",)), {"lease.pdf"}),
        (Limits(documents=("policy.docx",), collections=("Flats",)), {"policy.docx", "lease.pdf", "notes.md"}),
        (Limits(documents=("lease.pdf", "lease.pdf"), added_after=day(2)), {"lease.pdf"}),
        (Limits(documents=()), set()),
    ],
)
def test_limits_leave_the_documents_they_name(catalog: Catalog, limits: Limits, names: set[str]) -> None:
    chosen = documents_within(catalog, limits)
    assert chosen is not None
    assert set(chosen) == names
    assert len(chosen) == len(names)


def test_no_limit_is_the_whole_library(catalog: Catalog) -> None:
    assert documents_within(catalog, Limits()) is None


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(types=("xlsx",)), r"'xlsx'.*docx, md, pdf"),
        (Limits(added_after=day(20)), "added on 2026-01-20 or later.*documents list"),
        (Limits(types=("docx",), added_before=day(2)), "type docx and was added before 2026-01-02"),
        (Limits(documents=("notes.md",), types=("pdf",)), "of those that were named"),
        (Limits(added_after=day(3), added_before=day(2)), "Exchange the two dates"),
        (Limits(collections=("Houses",)), "'Houses'.*Flats"),
        (Limits(documents=("waiting.pdf",)), "waiting.pdf"),
    ],
)
def test_limits_that_leave_nothing_say_why(catalog: Catalog, limits: Limits, says: str) -> None:
    with pytest.raises((DocumentNotFoundError, LibraryError), match=says):
        documents_within(catalog, limits)


def test_where_there_is_no_collection_or_document_yet_the_next_step_is_named(tmp_path: Path) -> None:
    opened = Catalog(tmp_path / "catalog.sqlite")
    with pytest.raises(LibraryError, match=r"no collection named 'x'\. `docmind documents collect"):
        documents_within(opened, Limits(collections=("x",)))
    with pytest.raises(LibraryError, match=r"no document of the type 'pdf'\. Add documents with"):
        documents_within(opened, Limits(types=("pdf",)))
    opened.close()


def test_a_query_engine_keeps_to_its_limits(plain_workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The rent is 900 pounds a month.", encoding="utf-8")
    (tmp_path / "b.md").write_text("The rent is 700 pounds a month.", encoding="utf-8")
    assert all(each.status == "ingested" for each in ingest(plain_workspace, [tmp_path / "a.txt", tmp_path / "b.md"]))
    response = query_engine(plain_workspace, limits=Limits(types=("md",))).query("How much is the rent?")
    assert {found.node.metadata["document"] for found in response.source_nodes} == {"b.md"}
    with pytest.raises(DocumentNotFoundError, match="named"):
        query_engine(plain_workspace, ["a.txt"], limits=Limits(types=("md",)))
