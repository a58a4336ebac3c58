"""A question that is asked while documents are waiting: the answer says which it knew nothing of."""

from __future__ import annotations

import html
import io
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from driving import ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.ask import ask as asked
from docmind.answering.events import Answer
from docmind.engines import Piece, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.ingestion.ingest import drain, ingest
from docmind.ingestion.originals import stage
from docmind.records import AnswerStyle
from docmind.settings import Settings
from docmind.storage.chats import Message
from docmind.ui.app_state import app_state
from docmind.ui.chats import ask_in_chat
from docmind.ui.scope import Scope
from docmind.workspace import Workspace

QUESTION = "How often does the coffee machine need descaling?"


def answers() -> list[dict[str, Any]]:
    catalog = app_state().workspace.catalog
    [only] = catalog.chats.all()
    return [message.content for message in catalog.chats.messages(only.id) if message.role == "assistant"]


def test_an_answer_says_which_documents_were_not_read_yet_and_is_given_again_with_them(
    app_with_samples: AppTest,
) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    document, _ = stage(opened.workspace, io.BytesIO(b"The garden is *green*."), "the *garden*.txt")  # nobody reads yet
    chat = app_with_samples.switch_page("pages/chat.py").run()
    ask(chat, QUESTION)
    assert answers()[0]["unread"] == [{"id": document.id, "name": "the *garden*.txt"}]
    assert "not in this answer: the *garden*.txt." in words(chat).replace("\\", "")
    assert "Being read now." in words(chat)
    opened.ingestion.pause()
    chat.run()
    assert "Reading is paused." in words(chat)
    opened.ingestion.resume()
    assert not {"Ask again with it", "Ask again with them"} & labels(chat)

    opened.ingestion.wake()
    wait_until(lambda: opened.workspace.catalog.document(document.id).state == "ready")
    chat.run()
    press(chat, "Ask again with it")
    wait_until(lambda: not opened.answers)
    chat.run()
    assert not chat.exception
    assert len(answers()) == 2
    assert answers()[1]["unread"] == []


@pytest.mark.usefixtures("app_with_samples")
def test_a_document_that_is_read_between_the_question_and_the_search_is_not_said_to_be_missing() -> None:
    opened = app_state()
    catalog = opened.workspace.catalog
    wait_until(opened.warm.is_set)
    document, _ = stage(opened.workspace, io.BytesIO(b"The Tide Bridge is 90 metres long."), "bridge.txt")

    class Slow(ExtractiveEngine):
        """Asked what a follow-up means, it takes its time, in which the document is read."""

        best_style: AnswerStyle = "write"

        def pieces(self, prompt: PreparedPrompt) -> Generator[Piece, None, None]:
            opened.ingestion.wake()
            wait_until(lambda: catalog.document(document.id).state == "ready")
            yield from super().pieces(prompt)

    opened.workspace.current_engine.replace(Slow)
    chat = catalog.chats.new("What did Ada Brandt design?")
    catalog.chats.add(chat.id, Message("user", {"text": chat.title}))
    catalog.chats.add(chat.id, Message("assistant", {"text": "Ada Brandt designed the Tide Bridge.", "found": True}))
    ask_in_chat(opened, chat, "How long is it?", Scope())
    wait_until(lambda: not opened.answers)
    assert len(answers()) == 2
    assert answers()[1]["unread"] == []


def test_a_document_that_is_read_after_the_search_is_said_to_be_missing_and_of_a_kept_answer_what_waits_now(
    plain_settings: Settings, tmp_path: Path
) -> None:
    manual = tmp_path / "manual.txt"
    manual.write_text("The coffee machine needs descaling every three months.", encoding="utf-8")
    with Workspace(plain_settings.model_copy(update={"cache": True})) as workspace:
        list(ingest(workspace, [manual]))

        def unread(question: str) -> list[str]:
            """Of the last event; what waits is read after the first."""
            events = asked(workspace, question)
            first = next(events)
            list(drain(workspace))
            *_, last = [first, *events]
            assert isinstance(last, Answer)
            return [document.name for document in last.unread]

        stage(workspace, io.BytesIO(b"The garden is green."), "garden.txt")
        assert unread(QUESTION) == ["garden.txt"]
        assert unread(QUESTION) == []
        stage(workspace, io.BytesIO(b"The roof is red."), "roof.txt")
        assert unread(QUESTION) == ["roof.txt"]
        stage(workspace, io.BytesIO(b"The door is blue."), "door.txt")
        assert unread("Summarise all documents") == ["door.txt"]


def test_every_page_opens_while_documents_wait(app_with_samples: AppTest) -> None:
    stage(app_state().workspace, io.BytesIO(b"The garden is green."), "garden.txt")
    for name in ("chat", "analyse", "documents", "models", "settings"):
        page = app_with_samples.switch_page(f"pages/{name}.py").run()
        assert not page.exception, name
        assert "garden.txt" in words(page).replace("\\", ""), name


def test_of_a_scope_only_what_would_be_asked_is_said_to_be_missing(app_with_samples: AppTest) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    lease = opened.workspace.catalog.find("residential-lease.pdf")
    stage(opened.workspace, io.BytesIO(b"The garden is green."), "garden.txt")
    newer, _ = stage(opened.workspace, io.BytesIO(b"%PDF-1.7 another"), "residential-lease.pdf")
    chat = app_with_samples.switch_page("pages/chat.py").run()
    chat.multiselect[0].select(lease.id).run()
    ask(chat, "When is the rent due?")
    assert answers()[0]["unread"] == [{"id": newer.id, "name": "residential-lease.pdf"}]


def test_of_a_type_and_of_a_collection_what_waits_and_would_be_asked_is_said_to_be_missing_and_asked_then(
    app_with_samples: AppTest,
) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    catalog = opened.workspace.catalog
    garden, _ = stage(opened.workspace, io.BytesIO(b"The garden is green."), "garden.txt")
    roof, _ = stage(opened.workspace, io.BytesIO(b"# Roof\n\nThe roof is red."), "roof.md")
    catalog.collections.add("Outside", [catalog.find("meeting-minutes.txt").id, roof.id])
    chat = app_with_samples.switch_page("pages/chat.py").run()
    chat.button_group(key="type").set_value(["txt"]).run()
    ask(chat, "Is the garden green?")
    assert [each["name"] for each in answers()[-1]["unread"]] == ["garden.txt"]
    again = [button for button in chat.button if button.label == "Ask again"]
    again[-1].click().run()  # before it is read: it is still missing, and still awaited
    wait_until(lambda: not opened.answers)
    chat.run()
    assert [each["name"] for each in answers()[-1]["unread"]] == ["garden.txt"]
    press(chat, "All types and dates")
    chat.multiselect[0].select("collection:Outside").run()
    ask(chat, "Is the roof red?")
    assert [each["name"] for each in answers()[-1]["unread"]] == ["roof.md"]

    opened.ingestion.wake()
    wait_until(lambda: catalog.document(garden.id).state == "ready" and catalog.document(roof.id).state == "ready")
    chat.run()
    for number, name in ((-2, "garden.txt"), (-1, "roof.md")):
        next_ones = [button for button in chat.button if button.label == "Ask again with it"]
        next_ones[number].click().run()
        wait_until(lambda: not opened.answers)
        chat.run()
        assert not chat.exception
        said = catalog.chats.messages(catalog.chats.all()[0].id)
        assert name in said[-2].content["scope"]
        assert said[-1].content["unread"] == []


def test_files_dropped_into_the_chat_are_queued_and_a_question_may_come_with_them(app: AppTest) -> None:
    app.run()
    opened = app_state()
    wait_until(opened.warm.is_set)
    opened.ingestion.pause()
    app.chat_input[0].upload("C:\\notes\\garden.txt", b"The garden is *green*.").set_value("Is the garden green?").run()
    assert not app.exception
    [document] = opened.workspace.catalog.documents("queued", "reading")
    assert document.name == "garden.txt"
    assert [error.value for error in app.error] == [
        "Nothing of your documents is read yet\\. Ask again once the first of them is in\\."
    ]
    opened.ingestion.resume()
    wait_until(lambda: opened.workspace.catalog.has("ready"))
    app.run()
    press(app, "Try again")
    wait_until(lambda: not opened.answers)
    app.run()
    assert "citations" in answers()[-1]
    app.chat_input[0].upload("again.txt", b"The garden is *green*.").upload("picture.png", b"\x89PNG\r\n\x1a\n").run()
    assert "again.txt is in the library already, as garden.txt." in [note.value.replace("\\", "") for note in app.info]
    wait_until(lambda: opened.workspace.catalog.has("failed"))
    assert len(app.chat_message) == 2  # no question, no turn


def test_a_file_that_is_dropped_into_the_chat_and_cannot_be_read_is_named_there_with_the_reason(app: AppTest) -> None:
    app.run()
    catalog = app_state().workspace.catalog
    for number in range(5):
        app.chat_input[0].upload(f"photo <b>{number}.png", b"\x89PNG\r\n\x1a\n" + bytes([number])).run()
    wait_until(lambda: len(catalog.documents("failed")) == 5)
    app.run()
    assert not app.exception
    failed = catalog.documents("failed")
    assert "**photo <b>0.png** :red-badge" in words(app).replace("\\", "")
    shown = " ".join(str(element.value) for element in app.get("html"))
    assert all(html.escape(str(document.error)) in shown for document in failed)
    assert [expander.label for expander in app.expander] == ["2 more files not read"]
    app.button(key=f"dismiss-{failed[0].id}").click().run()
    assert not app.exception
    assert [expander.label for expander in app.expander] == ["1 more file not read"]
    assert len(catalog.documents("failed")) == 4
