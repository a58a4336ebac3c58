"""A follow-up in the chat: how it was understood is shown, and can be put right and asked again."""

from __future__ import annotations

from typing import Any

from driving import ask, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.ingestion.removal import delete
from docmind.ingestion.renaming import rename
from docmind.ui.app_state import app_state


def answers() -> list[dict[str, Any]]:
    catalog = app_state().workspace.catalog
    [only] = catalog.chats.all()
    return [message.content for message in catalog.chats.messages(only.id) if message.role == "assistant"]


def test_a_follow_up_shows_what_it_was_asked_as_and_is_asked_again_as_the_user_puts_it(
    app_with_samples: AppTest,
) -> None:
    wait_until(app_state().warm.is_set)
    chat = app_with_samples.switch_page("pages/chat.py").run()
    ask(chat, "How often does the coffee machine need descaling?")
    assert "Asked as" not in words(chat)
    assert chat.expander[-1].label == "Read 3 passages of 1 document"
    assert "0 earlier turns" in words(chat)
    assert "Little of the room that the model has" in words(chat)
    assert r"grade E of A to E\)" in words(chat)
    ask(chat, "And how many watts does it draw?")
    assert answers()[1]["asked_as"] == "How many watts does the coffee machine draw?"
    assert answers()[1]["question"] == "And how many watts does it draw?"
    assert "Asked as: How many watts does the coffee machine draw?" in words(chat).replace("\\", "")

    chat.text_area[0].set_value("How long does the coffee machine heat up?")
    press(chat, "Ask this instead")
    assert not chat.exception
    assert answers()[2]["question"] == "How long does the coffee machine heat up?"
    assert answers()[2]["asked_as"] is None
    assert len(chat.chat_message) == 6


def test_a_document_that_is_kept_is_read_for_further_questions_of_the_chat(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    chat = app_with_samples.switch_page("pages/chat.py").run()
    ask(chat, "How often does the coffee machine need descaling?")
    press(chat, "**1** · coffee\\-machine\\-manual\\.md")
    chat.toggle[0].set_value(True).run()
    ask(chat, "What does a lost key cost?")
    assert "Kept: coffee-machine-manual.md" in words(chat).replace("\\", "")
    assert answers()[1]["read"]["chunks"] == 6  # three of it come before the three that are found
    press(chat, "New chat")
    ask(chat, "What does a lost key cost?")
    assert "Kept:" not in words(chat)


def test_a_question_is_asked_again_of_the_same_documents_whatever_they_are_called_now(
    app_with_samples: AppTest,
) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    lease = next(each for each in opened.workspace.catalog.documents("ready") if each.name == "residential-lease.pdf")
    chat = app_with_samples.switch_page("pages/chat.py").run()
    chat.sidebar.multiselect[0].set_value([lease.id]).run()
    ask(chat, "How much is the deposit?")
    assert "Only in residential-lease.pdf" in words(chat).replace("\\", "")

    rename(opened.workspace, lease, "Flat 3")
    press(chat, "Ask again")
    wait_until(lambda: not opened.answers)
    chat.run()
    assert "Only in Flat 3.pdf" in words(chat).replace("\\", "")
    assert {citation["document_id"] for citation in answers()[1]["citations"]} == {lease.id}

    # Gone, it is not exchanged for all the others.
    delete(opened.workspace, opened.workspace.catalog.document(lease.id))
    chat.run()
    press(chat, "Ask again")
    wait_until(lambda: not opened.answers)
    assert "residential-lease.pdf, which this was asked of, is gone" in answers()[-1]["failure"]
    chat.run()
    press(chat, "Try again")
    assert "residential-lease.pdf, which this was asked of, is gone" in answers()[-1]["failure"]
