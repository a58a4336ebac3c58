"""What is kept, what is given again, and what is gone: the cache in a library whose engine quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question, Turn
from docmind.answering.remembering import kept_answers
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.workspace import Workspace

RENT = "What is the monthly rent of the flat?"
LEASE = "The monthly rent of the flat is 900 pounds. The deposit of the flat is 1,350 pounds."


@pytest.fixture
def caching(plain_settings: Settings) -> Settings:
    """Settings that keep answers and need no model."""
    return plain_settings.model_copy(update={"cache": True})


@pytest.fixture
def library(caching: Settings, tmp_path: Path) -> Iterator[Workspace]:
    """Two documents."""
    with Workspace(caching) as workspace:
        add(workspace, tmp_path, "lease.txt", LEASE)
        add(workspace, tmp_path, "garden.txt", "The garden is open from nine in the morning to six in the evening.")
        yield workspace


def add(workspace: Workspace, folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    (outcome,) = ingest(workspace, [folder / name])
    assert outcome.document_id
    return outcome.document_id


def answer(workspace: Workspace, question: Question | str) -> Answer:
    *_, last = ask(workspace, question)
    assert isinstance(last, Answer)
    return last


def test_a_repeated_question_is_answered_from_the_cache_with_its_citations(library: Workspace) -> None:
    first, again = answer(library, RENT), answer(library, RENT)
    assert first.from_cache is None
    assert again.from_cache is not None
    assert again.from_cache.question == RENT
    assert (again.text, again.sentences, again.citations) == (first.text, first.sentences, first.citations)
    assert "900" in again.text


def test_asking_anew_asks_the_documents_and_keeps_what_they_say(library: Workspace) -> None:
    answer(library, RENT)
    assert answer(library, Question(RENT, fresh=True)).from_cache is None
    assert answer(library, RENT).from_cache
    assert kept_answers(library).statistics().entries == 1


def test_an_answer_holds_only_for_the_documents_that_were_asked(library: Workspace) -> None:
    lease = library.catalog.find("lease.txt").id
    answer(library, Question(RENT, scope=(lease,)))
    assert answer(library, Question(RENT, scope=(lease,))).from_cache
    assert answer(library, RENT).from_cache is None


def test_a_question_that_leans_on_the_chat_holds_only_after_the_same_chat(library: Workspace) -> None:
    chat = (Turn("Which flat?", "The monthly rent of the flat is 900 pounds."),)
    leaning = "What is the deposit of this flat?"
    answer(library, Question(leaning, history=chat))
    assert answer(library, Question(leaning, history=chat)).from_cache
    assert answer(library, Question(leaning, history=(Turn("Which garden?", "The open one."),))).from_cache is None


def test_a_question_that_stands_alone_is_answered_from_any_chat(library: Workspace) -> None:
    answer(library, Question(RENT, history=(Turn("Which flat?", "The first."),)))
    assert answer(library, RENT).from_cache


def test_an_answer_holds_only_under_the_same_settings(library: Workspace) -> None:
    answer(library, RENT)
    stricter = library.settings.model_copy(update={"support_threshold": 0.7})
    library.close()
    with Workspace(stricter) as other:
        assert answer(other, RENT).from_cache is None
    with Workspace(library.settings) as same:
        assert answer(same, RENT).from_cache


def test_what_was_not_found_is_not_kept(library: Workspace) -> None:
    answer(library, "Who painted the ceiling of the chapel?")
    assert kept_answers(library).statistics().entries == 0


def test_what_was_stopped_is_not_kept(library: Workspace) -> None:
    *_, _last = ask(library, RENT, stopped=lambda: True)
    assert kept_answers(library).statistics().entries == 0


def test_nothing_is_kept_or_written_where_the_cache_is_off(library: Workspace) -> None:
    off = library.settings.model_copy(update={"cache": False})
    library.close()
    with Workspace(off) as workspace:
        answer(workspace, RENT)
        assert answer(workspace, RENT).from_cache is None
    assert not (off.data_dir / "cache").exists()


def replace_lease(workspace: Workspace, folder: Path) -> None:
    add(workspace, folder, "lease.txt", LEASE.replace("900", "950"))


def add_another(workspace: Workspace, folder: Path) -> None:
    add(workspace, folder, "notes.txt", "Nothing of interest stands in these notes about the weather.")


def delete_lease(workspace: Workspace, _: Path) -> None:
    delete(workspace, workspace.catalog.find("lease.txt"))


@pytest.mark.parametrize("change", [replace_lease, add_another, delete_lease])
def test_any_change_of_the_documents_asked_ends_an_answer(
    library: Workspace, tmp_path: Path, change: Callable[[Workspace, Path], None]
) -> None:
    answer(library, RENT)
    change(library, tmp_path)
    assert kept_answers(library).statistics().entries == 0
    assert answer(library, RENT).from_cache is None


def test_a_change_elsewhere_ends_no_answer(library: Workspace, tmp_path: Path) -> None:
    lease = library.catalog.find("lease.txt").id
    answer(library, Question(RENT, scope=(lease,)))
    add_another(library, tmp_path)
    assert answer(library, Question(RENT, scope=(lease,))).from_cache


def test_what_changes_while_an_answer_is_written_keeps_it_out(library: Workspace, tmp_path: Path) -> None:
    events = ask(library, RENT)
    next(events)
    add_another(library, tmp_path)
    *_, last = events
    assert isinstance(last, Answer)
    assert last.found
    assert kept_answers(library).statistics().entries == 0


def test_no_file_of_the_cache_holds_words_of_a_deleted_document(library: Workspace, tmp_path: Path) -> None:
    lease, garden = (library.catalog.find(name).id for name in ("lease.txt", "garden.txt"))
    answer(library, Question(RENT, scope=(lease,)))
    answer(library, Question("When is the garden open in the morning?", scope=(garden,)))
    assert list(files_with(b"900 pounds", library.settings.data_dir / "cache"))
    delete_lease(library, tmp_path)
    assert kept_answers(library).statistics().entries == 1
    for words in (b"900 pounds", b"monthly rent"):
        assert not list(files_with(words, library.settings.data_dir / "cache"))


def test_what_a_crash_left_goes_when_the_cache_is_opened_again(library: Workspace) -> None:
    answer(library, RENT)
    library.catalog.retire(library.catalog.find("lease.txt").id)  # and the process ends before anything else
    library.close()
    with Workspace(library.settings) as workspace:
        answer(workspace, "When is the garden open in the morning?")
        assert not list(files_with(b"monthly rent", library.settings.data_dir / "cache"))


def files_with(words: bytes, folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and words in file.read_bytes())


def test_a_damaged_cache_is_begun_anew_and_the_question_answered(caching: Settings, tmp_path: Path) -> None:
    with Workspace(caching) as workspace:
        add(workspace, tmp_path, "lease.txt", LEASE)
        answer(workspace, RENT)
    file = caching.data_dir / "cache" / "answers.sqlite"
    file.write_bytes(b"no database at all" * 1000)
    with Workspace(caching) as workspace:
        assert "900" in answer(workspace, RENT).text
        assert answer(workspace, RENT).from_cache
