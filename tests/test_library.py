"""What a library knows of its documents beside their text: first words, languages, names and collections."""

from __future__ import annotations

import io

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question
from docmind.errors import LibraryError
from docmind.ingestion.describing import first_words
from docmind.ingestion.ingest import drain
from docmind.ingestion.originals import stage
from docmind.ingestion.recovery import describe_older
from docmind.ingestion.renaming import rename
from docmind.languages import language_of
from docmind.storage.catalog import Document
from docmind.workspace import Workspace

LEASE = "# Lease of Flat 3\n\nParties\n\nThe tenant pays a rent of 950 pounds on the first day of each month.\n"
MIETE = "# Mietvertrag\n\nDie Miete beträgt 950 Euro im Monat und ist am ersten Tag jedes Monats zu zahlen.\n"


def add(workspace: Workspace, name: str, text: str) -> Document:
    stage(workspace, io.BytesIO(text.encode()), name)
    list(drain(workspace))
    return workspace.catalog.find(name)


def found(workspace: Workspace, words: str = "rent") -> set[str]:
    return {item.node.metadata["document"] for item in workspace.retriever(limit=10).retrieve(words)}


def test_a_document_is_described_by_its_own_first_sentence_in_its_language(plain_workspace: Workspace) -> None:
    lease = add(plain_workspace, "lease.md", LEASE)
    assert lease.description == "The tenant pays a rent of 950 pounds on the first day of each month."
    assert lease.language == "en"
    assert add(plain_workspace, "miete.md", MIETE).language == "de"
    figures = add(plain_workspace, "figures.txt", "2021 2022 2023\n\n4 5 6")
    assert (figures.description, figures.language) == ("2021 2022 2023", None)


def test_documents_of_an_earlier_version_are_described_from_their_passages(plain_workspace: Workspace) -> None:
    lease = add(plain_workspace, "lease.md", LEASE)
    plain_workspace.catalog.particulars.describe(lease.id, "", None)
    describe_older(plain_workspace)
    again = plain_workspace.catalog.document(lease.id)
    assert "950 pounds" in again.description
    assert again.language == "en"
    assert plain_workspace.catalog.particulars.undescribed() == []


def test_a_long_description_ends_between_words() -> None:
    words = first_words(["Contents", "word " * 100 + "end."])
    assert len(words) <= 200
    assert words.endswith("word…")
    assert first_words(["的" * 500]).endswith("…")
    assert first_words([]) == ""
    assert language_of("12 34") is None


def test_a_renamed_document_is_found_and_cited_by_its_new_name(plain_workspace: Workspace) -> None:
    lease = add(plain_workspace, "lease.md", LEASE)
    other = add(plain_workspace, "other.md", MIETE)
    assert rename(plain_workspace, lease, "  Flat 3, 2024 ") == "Flat 3, 2024.md"
    assert found(plain_workspace) == {"Flat 3, 2024.md", "other.md"}
    assert plain_workspace.store.count(lease.id) == lease.chunks
    *_, answer = ask(plain_workspace, Question("What rent does the tenant pay?"))
    assert isinstance(answer, Answer)
    assert answer.citations[0].document == "Flat 3, 2024.md"
    with pytest.raises(LibraryError, match="Another document"):
        rename(plain_workspace, other, "Flat 3, 2024.md")
    with pytest.raises(LibraryError, match="empty"):
        rename(plain_workspace, other, " ")
    # The same bytes under the old name are known; other bytes under the new one replace it.
    assert stage(plain_workspace, io.BytesIO(LEASE.encode()), "lease.md")[1]
    add(plain_workspace, "Flat 3, 2024.md", LEASE.replace("950", "990"))
    assert len(plain_workspace.catalog.documents("ready")) == 2


def test_collections_hold_documents_until_none_is_left_and_pass_to_a_new_version(plain_workspace: Workspace) -> None:
    collections = plain_workspace.catalog.collections
    lease, miete = add(plain_workspace, "lease.md", LEASE), add(plain_workspace, "miete.md", MIETE)
    assert collections.add(" My  contracts ", [lease.id, miete.id, lease.id]) == "My contracts"
    assert collections.add("my CONTRACTS", [miete.id]) == "My contracts"
    assert collections.add("Flats", [lease.id]) == "Flats"
    assert collections.add("  ", [lease.id]) == ""
    assert collections.all() == {"Flats": 1, "My contracts": 2}
    assert collections.by_document() == {lease.id: ["Flats", "My contracts"], miete.id: ["My contracts"]}
    assert collections.documents_of(["flats", "My contracts"]) == [lease.id, miete.id]
    assert collections.documents_of([]) == []

    newer = add(plain_workspace, "lease.md", LEASE.replace("950", "990"))
    assert collections.by_document()[newer.id] == ["Flats", "My contracts"]
    collections.remove("my contracts", [newer.id])
    assert collections.documents_of(["My contracts"]) == [miete.id]
    plain_workspace.catalog.forget(miete.id)
    assert collections.all() == {"Flats": 1}
