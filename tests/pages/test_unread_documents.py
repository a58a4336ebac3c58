"""A question that is asked while documents are waiting: the answer says which it knew nothing of."""

from __future__ import annotations

import io

from driving import ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.originals import stage
from docmind.ui.app_state import app_state

QUESTION = "How often does the coffee machine need descaling?"


def answers() -> list[dict[str, object]]:
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
    assert not {"Ask again with it", "Ask again with them"} & labels(chat)

    opened.ingestion.wake()
    wait_until(lambda: opened.workspace.catalog.document(document.id).state == "ready")
    chat.run()
    press(chat, "Ask again with it")
    wait_until(lambda: not opened.answers)
    chat.run()
    assert not chat.exception
    assert len(answers()) == 2
    assert "unread" not in answers()[1]


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
