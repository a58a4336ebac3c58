"""Under an answer: thumbs that are kept, downloads that can be checked, and a note where a document changed since."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import ask, labels, messages, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.events import Answer
from docmind.answering.export.files import FORMS, read_export
from docmind.answering.export.verify import verify
from docmind.answering.stored import answers_of
from docmind.exporting import library_shelf
from docmind.ingestion.ingest import ingest
from docmind.ingestion.removal import delete
from docmind.storage.feedback import Feedback
from docmind.ui.app_state import app_state
from docmind.ui.download_view import exported, file_name
from docmind.workspace import Workspace

QUESTION = "How much is the rent a month?"
RENT = "The rent is 900 pounds a month."


@pytest.fixture
def chat(app: AppTest, tmp_path: Path) -> AppTest:
    """The chat over one small text, a question about it answered."""
    app.run()
    wait_until(app_state().warm.is_set)
    put(tmp_path / "note.txt", f"{RENT}\n\nPets are welcome here.")
    app.switch_page("pages/chat.py").run()
    ask(app, QUESTION)
    return app


def put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    assert [outcome.error for outcome in ingest(app_state().workspace, [path])] == [None]


def library() -> Workspace:
    return app_state().workspace


def given() -> list[Feedback]:
    return [feedback for feedback, _ in library().catalog.chats.feedback.all()]


def shown_answers() -> list[Answer]:
    catalog = library().catalog
    return [answer for chat in catalog.chats.all() for answer in answers_of(catalog.chats.messages(chat.id))]


def test_thumbs_are_kept_with_what_one_says_and_taken_back(chat: AppTest) -> None:
    assert "Say more" not in words(chat)
    chat.feedback[0].set_value(0).run()
    assert [(feedback.helpful, feedback.why) for feedback in given()] == [(False, "")]
    why, right = (area for area in chat.text_area if area.key and area.key.endswith(("-why", "-right")))
    why.set_value("It is the old rent.")
    right.set_value("950 pounds")
    press(chat, "Keep")
    assert [(feedback.why, feedback.right_answer) for feedback in given()] == [("It is the old rent.", "950 pounds")]
    # Another opinion keeps the words; none takes all of it back.
    chat.feedback[0].set_value(1).run()
    assert [(feedback.helpful, feedback.right_answer) for feedback in given()] == [(True, "950 pounds")]
    fresh = AppTest.from_file(chat._script_path, default_timeout=60).run()  # type: ignore[attr-defined]
    fresh.switch_page("pages/chat.py").run()
    press(fresh, QUESTION)
    assert fresh.feedback[0].value == 1
    fresh.feedback[0].set_value(None).run()
    assert not fresh.exception
    assert given() == []


def test_an_answer_and_a_chat_are_downloaded_in_each_form_and_hold(chat: AppTest, tmp_path: Path) -> None:
    chat.button(key=next(button.key for button in chat.button if str(button.key).endswith("-download"))).click().run()
    assert not chat.exception
    assert [button.label for button in chat.download_button] == [form.title for form in FORMS.values()]
    ask(chat, "Are pets welcome?")
    chat.button(key=next(button.key for button in chat.button if str(button.key).endswith("-download"))).click().run()
    assert len(chat.download_button) == 2 * len(FORMS)
    for suffix, form in FORMS.items():
        path = tmp_path / (file_name("Rent: how/much?") + suffix)
        path.write_bytes(exported(library(), shown_answers, "chat", "Rent", form))
        claim = read_export(path)
        assert [answer.question for answer in claim.answers] == [QUESTION, "Are pets welcome?"]
        assert verify(claim, library_shelf(library())).holds


def test_a_whole_chat_is_exported_from_its_own_menu(chat: AppTest) -> None:
    chats = library().catalog.chats
    [answered] = chats.all()
    nothing = chats.new("Nothing yet")
    chat.run()
    chat.menu_button(key=f"more-chat-{answered.id}").click("Export").run()
    assert not chat.exception
    assert [button.label for button in chat.download_button] == [form.title for form in FORMS.values()]
    chat.menu_button(key=f"more-chat-{nothing.id}").click("Export").run()
    assert not chat.exception
    assert not chat.download_button
    assert any("Nothing has been answered in this chat yet" in message for message in messages(chat))


def test_an_answer_whose_document_was_replaced_or_deleted_says_so_and_is_asked_again(
    chat: AppTest, tmp_path: Path
) -> None:
    assert "This answer relied on" not in words(chat)
    put(tmp_path / "note.txt", "The rent is 990 pounds a month.")
    chat.run()
    assert "This answer relied on note.txt, which was replaced on" in words(chat).replace("\\", "")
    press(chat, "Ask again with today’s documents")
    assert not chat.exception
    assert "990" in shown_answers()[-1].text
    delete(library(), library().catalog.find("note.txt"))
    chat.run()
    assert words(chat).replace("\\", "").count("This answer relied on note.txt, which was deleted since.") == 2


def test_a_document_that_came_back_as_it_was_is_no_other(chat: AppTest, tmp_path: Path) -> None:
    delete(library(), library().catalog.find("note.txt"))
    put(tmp_path / "note.txt", f"{RENT}\n\nPets are welcome here.")
    chat.run()
    assert "This answer relied on" not in words(chat)
    assert "Ask again with today’s documents" not in labels(chat)
