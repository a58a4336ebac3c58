"""The note at an answer that was looked for first in a document that the question names."""

from __future__ import annotations

from pathlib import Path

from driving import ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.ingest import ingest
from docmind.ui.app_state import app_state
from firms import QUESTION, write_reports

ALIKE = "Look everywhere alike"


def test_what_was_looked_at_first_is_said_and_can_be_undone(app: AppTest, tmp_path: Path) -> None:
    app.run()
    opened = app_state()
    assert len(list(ingest(opened.workspace, write_reports(tmp_path)))) == 5
    ask(app.run(), QUESTION)
    wait_until(lambda: not opened.answers)
    app.run()
    assert "Looked first in blueharbour" in words(app).replace("\\", "")
    press(app, ALIKE)
    wait_until(lambda: not opened.answers)
    app.run()
    assert not app.exception
    [chat] = opened.workspace.catalog.chats.all()
    messages = opened.workspace.catalog.chats.messages(chat.id)
    asked = [message.content for message in messages if message.role == "user"]
    assert [each["text"] for each in asked] == [QUESTION, QUESTION]
    assert [each["evenly"] for each in asked] == [False, True]
    assert [message.content["looked_first"] for message in messages if message.role == "assistant"] == [
        ["blueharbour.txt"],
        [],
    ]
    assert ALIKE in labels(app)  # at the first answer
