"""What is kept, what is given again, and what is gone: the cache in a library whose engine quotes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import docmind
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.question import Question, Turn
from docmind.answering.remembering import Ground, ground_of, kept_answers, scope_of, version_of
from docmind.answering.understanding import understand
from docmind.engines.extractive import ExtractiveEngine
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.models import find_model
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


@pytest.mark.parametrize("other", [{"engine_name": "another"}, {"model_name": "another"}, {"weights": "other"}])
def test_an_answer_holds_only_for_the_engine_and_the_model_that_gave_it(
    library: Workspace, other: dict[str, str]
) -> None:
    same = {"model_name": "some model", "weights": "its own"}
    library.current_engine.replace(lambda: ExtractiveEngine(**same))
    answer(library, RENT)
    library.current_engine.replace(lambda: ExtractiveEngine(**(same | other)))
    assert answer(library, RENT).from_cache is None
    library.current_engine.replace(lambda: ExtractiveEngine(**same))
    assert answer(library, RENT).from_cache


def test_other_weights_under_the_same_name_are_another_model_before_it_is_opened(
    library: Workspace, models_dir: Path, tmp_path: Path
) -> None:
    here = find_model("smollm2-135m-instruct", "language", Settings(models_dir=models_dir))
    model = tmp_path / here.name
    shutil.copyfile(here, model)
    library.current_engine.change(library.settings.model_copy(update={"engine": "auto", "model": str(model)}))
    asked = Question(RENT)

    def ground() -> Ground:
        found = ground_of(library, asked, understand(asked, "never"))
        assert found
        return found

    first = ground()
    assert ground() == first
    assert library.current_engine.if_open is None
    with model.open("r+b") as file:  # of the same length, as those of a model that was trained further
        file.seek(-4096, os.SEEK_END)
        file.write(bytes(4096))
    assert ground().model == first.model
    assert scope_of(ground()) != scope_of(first)


def test_an_answer_holds_only_for_the_code_and_the_prompts_that_gave_it(library: Workspace, tmp_path: Path) -> None:
    package = tmp_path / "docmind"
    for number in range(2):
        shutil.copytree(Path(docmind.__file__).parent / "answering", package / str(number) / "answering")
        for beside in ("dates.py", "sentences.py", "tables.py"):
            (package / str(number) / beside).touch()
    with (package / "1" / "answering" / "prompts.py").open("a", encoding="utf-8") as prompts:
        prompts.write("# One word more.\n")
    versions = [version_of(package / str(number)) for number in range(2)]
    assert versions[0] != versions[1]
    assert versions[0] != version_of(Path(docmind.__file__).parent)
    answer(library, RENT)
    ground = ground_of(library, Question(RENT), understand(Question(RENT), "never"))
    assert ground
    answers = kept_answers(library)
    assert answers.get(RENT, scope_of(ground))
    assert answers.get(RENT, scope_of(replace(ground, rest=versions[1]))) is None


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
