"""The start: questions to click that the documents answer, and the documents that were added last."""

from __future__ import annotations

from driving import labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.suggesting.suggest import kept_suggestions
from docmind.ui.app_state import app_state


def test_the_start_suggests_questions_that_are_asked_at_a_click(app_with_samples: AppTest) -> None:
    opened = app_state()
    catalog = opened.workspace.catalog
    wait_until(opened.warm.is_set)
    app = app_with_samples.switch_page("pages/chat.py").run()
    wait_until(lambda: not opened.suggesting.working)
    ready = catalog.documents("ready")
    assert all(kept_suggestions(opened.workspace, document) is not None for document in ready)
    app.run()
    assert not app.exception
    suggested = [button for button in app.button if str(button.key).startswith("suggested-")]
    assert 1 <= len(suggested) <= 4
    question = suggested[0].label.replace("\\", "")
    suggested[0].click().run()
    assert not app.exception
    [chat] = catalog.chats.all()
    asked, answer = catalog.chats.messages(chat.id)
    assert asked.content["text"] == question
    assert answer.content["found"]
    assert app.query_params["chat"] == chat.id


def test_a_recent_document_is_asked_alone_at_a_click(app_with_samples: AppTest) -> None:
    lease = app_state().workspace.catalog.find("residential-lease.pdf")
    app = app_with_samples.switch_page("pages/chat.py").run()
    assert "Recent documents" in words(app)
    assert len([button for button in app.button if str(button.key).startswith("recent-")]) == 4
    press(app, "residential\\-lease\\.pdf")
    assert app.multiselect[0].value == [lease.id]
    assert app.query_params["scope"] == lease.id
    assert "New chat" in labels(app)
