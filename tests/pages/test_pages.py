"""The pages, run by Streamlit's own test driver over a real library that needs no model."""

from __future__ import annotations

from pathlib import Path

from driving import press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.settings import Settings
from docmind.ui.app_state import app_state
from docmind.workspace import Workspace


def test_an_empty_library_says_what_to_do(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert "Your library is empty" in words(app)
    assert {"Add documents", "Try it with sample documents"} <= {button.label for button in app.button}
    assert not app.chat_input[0].disabled  # files can be dropped into it


def test_the_documents_page_lists_what_was_read(app: AppTest) -> None:
    app.run()
    press(app, "Try it with sample documents")
    wait_until(lambda: len(app_state().workspace.catalog.documents("ready")) == 6)
    app.switch_page("pages/documents.py").run()
    assert not app.exception
    assert "6 documents ready" in words(app)


def test_a_question_is_answered_and_kept_with_its_sources(app_with_samples: AppTest) -> None:
    app = app_with_samples
    app.switch_page("pages/chat.py").run()
    app.chat_input[0].set_value("How often does the coffee machine need descaling?").run()
    assert not app.exception
    assert len(app.chat_message) == 2
    [chat] = app_state().workspace.catalog.chats.all()
    question, answer = app_state().workspace.catalog.chats.messages(chat.id)
    assert question.content["text"].startswith("How often")
    assert answer.content["citations"], answer.content
    source = next(button for button in app.button if "coffee" in button.label)
    source.click().run()
    assert not app.exception
    assert any(button.label == "Close" for button in app.button)


def test_a_library_that_is_open_elsewhere_is_an_error_in_words(app: AppTest, tmp_path: Path) -> None:
    with Workspace(Settings(data_dir=tmp_path / "data", engine="extractive", embedder="hash")):
        app.run()
        assert not app.exception
        assert "Another DocMind" in app.error[0].value.replace("\\", "")
    press(app, "Try again")
    assert not app.error
