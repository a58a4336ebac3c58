"""Feedback: kept on this machine, gone with its chat, nothing in it of a document that is gone, good for measuring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Call, Shell
from docmind.answering.ask import ask
from docmind.answering.events import Answer
from docmind.answering.stored import to_stored
from docmind.bench.answers.evaluation_set import read_set
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.workspace import Workspace

TEXTS = {
    "note.txt": "The rent is 900 pounds a month.\n\nPets are welcome here.",
    "manual.md": "# Machine\n\nDescale the machine every three months with citric acid.",
}
QUESTIONS = (
    "How much is the rent a month?",
    "How often does one descale the machine?",
    "Are pets welcome here?",
    "Who discovered penicillin?",
)


@pytest.fixture
def library(plain_settings: Settings, tmp_path: Path) -> Settings:
    """A library whose chat has four answers; the third has a thumb down without a word."""
    with Workspace(plain_settings) as workspace:
        for name, text in TEXTS.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        assert all(not outcome.error for outcome in ingest(workspace, [tmp_path / name for name in TEXTS]))
        chats = workspace.catalog.chats
        chat = chats.new("Questions")
        for question in QUESTIONS:
            *_, answer = ask(workspace, question)
            assert isinstance(answer, Answer)
            chats.add(chat.id, Message("user", {"text": question}))
            chats.add(chat.id, Message("assistant", to_stored(answer)))
        rent, machine, pets, absent = [
            message.id for message in chats.messages(chat.id) if message.role == "assistant" and message.id
        ]
        chats.feedback.give(rent, helpful=True)
        chats.feedback.give(machine, helpful=False, why="Too long.", right_answer="every three months")
        chats.feedback.give(pets, helpful=False)
        chats.feedback.give(absent, helpful=True)
    return plain_settings


@pytest.fixture
def shell(library: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    """The command line over that library."""
    process = Shell(
        tmp_path, DOCMIND_DATA_DIR=str(library.data_dir), DOCMIND_ENGINE="extractive", DOCMIND_EMBEDDER="hash"
    )
    return Call(process, capfd)


def test_it_is_exported_as_a_set_that_answers_are_measured_on(shell: Shell, tmp_path: Path) -> None:
    """While the library is open, too: nothing of it is locked."""
    (tmp_path / "set").mkdir()
    done = shell("feedback", "export", "set/questions.jsonl", "--documents", "--json").document
    assert (done["questions"], done["left_out"]) == (2, 2)
    measured = read_set(tmp_path / "set")
    assert set(measured.documents) == set(TEXTS)
    rent, machine = measured.questions
    assert (rent.question, rent.document, rent.answers) == (QUESTIONS[0], "note.txt", (TEXTS["note.txt"][:31],))
    assert rent.passage == TEXTS["note.txt"]
    assert (machine.question, machine.answers) == (QUESTIONS[1], ("every three months",))
    assert "citric acid" in machine.passage
    lines = [json.loads(line) for line in (tmp_path / "set" / "questions.jsonl").read_text("utf-8").splitlines()]
    assert [(line["helpful"], line["why"]) for line in lines] == [(True, ""), (False, "Too long.")]


def test_an_empty_name_is_no_file(shell: Shell) -> None:
    assert "names no file to write" in shell("feedback", "export", "", status=1).err


def test_it_is_listed_after_a_restart_and_cleared(shell: Shell) -> None:
    listed = shell("feedback", "list").out
    assert f"up   {QUESTIONS[0]}" in listed
    assert f"down {QUESTIONS[1]}\n       why: Too long.\n       right answer: every three months" in listed
    assert shell("feedback", "clear", "--json").document == {"cleared": 4}
    assert "no feedback yet" in shell("feedback", "list").out


def test_nothing_of_a_deleted_document_is_in_it(library: Settings, shell: Shell, tmp_path: Path) -> None:
    with Workspace(library) as workspace:
        delete(workspace, workspace.catalog.find("manual.md"))
        # A document that was replaced is another one.
        (tmp_path / "note.txt").write_text("The rent is 990 pounds a month.", encoding="utf-8")
        assert [outcome.status for outcome in ingest(workspace, [tmp_path / "note.txt"])] == ["replaced"]
    assert shell("feedback", "export", "lines.jsonl", "--json").document == {
        "file": "lines.jsonl", "questions": 0, "left_out": 4,
    }  # fmt: skip
    assert (tmp_path / "lines.jsonl").read_text("utf-8") == ""
    listed = shell("feedback", "list", "--json").document["feedback"]
    assert [entry["document_gone"] for entry in listed] == [True] * 4
    assert all(entry["document"] is None and entry["passage"] is None for entry in listed)


def test_it_goes_with_its_chat_and_a_deleted_answer_takes_none(library: Settings) -> None:
    with Workspace(library) as workspace:
        chats = workspace.catalog.chats
        (chat,) = chats.all()
        kept = chats.messages(chat.id)[1].id
        assert kept is not None
        chats.delete(chat.id)
        assert chats.feedback.all() == []
        chats.feedback.give(kept, helpful=True)
        assert chats.feedback.of(kept) is None


def test_a_document_named_like_a_path_out_of_the_folder_is_not_copied(
    library: Settings, shell: Shell, tmp_path: Path
) -> None:
    from docmind.ingestion.ingest import drain
    from docmind.ingestion.originals import stage_file

    with Workspace(library) as workspace:
        (tmp_path / "trap.txt").write_text("The secret word is mountain.", encoding="utf-8")
        stage_file(workspace, tmp_path / "trap.txt", "../../trap.txt")
        list(drain(workspace))
        *_, answer = ask(workspace, "What is the secret word?")
        assert isinstance(answer, Answer)
        chats = workspace.catalog.chats
        chat = chats.new("Trap")
        chats.add(chat.id, Message("assistant", to_stored(answer)))
        (message,) = chats.messages(chat.id)
        assert message.id is not None
        chats.feedback.give(message.id, helpful=True)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert "no name for a file" in shell("feedback", "export", "a/b/questions.jsonl", "--documents", status=1).err
    assert not (tmp_path / "a" / "trap.txt").exists()
