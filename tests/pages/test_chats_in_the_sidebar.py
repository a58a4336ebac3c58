"""The chats in the sidebar, and how their turns are shown."""

from __future__ import annotations

from driving import ask, labels, press, wait_until, words
from streamlit.testing.v1 import AppTest

from docmind.answering.citations import AnswerSentence
from docmind.answering.events import Answer, Read
from docmind.answering.stored import to_stored
from docmind.storage.chats import Chats, Message
from docmind.ui.app_state import app_state


def said(chats: Chats, question: str, answer: Answer | None = None) -> str:
    """A chat of one question; its id."""
    chat = chats.new(question[:60])
    chats.add(chat.id, Message("user", {"text": question}))
    if answer:
        chats.add(chat.id, Message("assistant", to_stored(answer)))
    return chat.id


def listed(app: AppTest) -> list[str]:
    """Titles of the chats in the sidebar, from the top."""
    return [button.label.replace("\\", "") for button in app.sidebar.button if str(button.key).startswith("chat-")]


def choose(app: AppTest, chat_id: str, wish: str) -> None:
    app.menu_button(key=f"more-chat-{chat_id}").click(wish).run()
    assert not app.exception


def test_chats_are_pinned_renamed_found_and_deleted_with_a_way_back(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    chats = app_state().workspace.catalog.chats
    rent = said(chats, "The *rent*?")
    said(chats, "The roof?")
    app = app_with_samples.switch_page("pages/chat.py").run()
    assert listed(app) == ["The roof?", "The *rent*?"]
    assert not app.sidebar.text_input  # of so few one needs no search
    assert app.menu_button(key=f"more-chat-{rent}").label == "More: The rent ?"

    choose(app, rent, "Pin")
    assert listed(app) == ["The *rent*?", "The roof?"]
    choose(app, rent, "Unpin")
    choose(app, rent, "Rename")
    app.text_input[0].set_value("The rent of Flat 3")
    press(app, "Save")
    assert listed(app) == ["The roof?", "The rent of Flat 3"]

    next(button for button in app.sidebar.button if button.key == f"chat-{rent}").click().run()
    assert app.query_params["chat"] == rent
    ask(app, "How often does the coffee machine need descaling?")
    assert listed(app) == ["The rent of Flat 3", "The roof?"]
    choose(app, rent, "Delete")
    assert listed(app) == ["The roof?"]
    assert chats.messages(rent) == []
    assert not app.chat_message
    press(app, "Undo")
    assert listed(app) == ["The rent of Flat 3", "The roof?"]
    assert len(app.chat_message) == 4  # the first question was never answered, and says so
    assert "Undo" not in labels(app)

    for number in range(30):
        said(chats, f"Question {number}")
    app.run()
    assert len(listed(app)) == 12
    press(app, "Show 12 more")
    assert len(listed(app)) == 24
    press(app, "Show 8 more")
    assert len(listed(app)) == 32
    app.sidebar.text_input[0].set_value("DESCALING").run()
    assert listed(app) == ["The rent of Flat 3"]
    app.sidebar.text_input[0].set_value("Nothing of *that*").run()
    assert listed(app) == []
    assert "No chat is about “Nothing of *that*”." in words(app).replace("\\", "")


def test_of_a_long_chat_the_last_turns_are_shown_and_the_others_at_a_click(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    chats = app_state().workspace.catalog.chats
    chat_id = said(chats, "Question 1?")
    said(chats, "\u200b\u202e")  # nothing that can be seen
    for number in range(2, 71):
        chats.add(chat_id, Message("user", {"text": f"Question {number}?"}))
    app = app_with_samples.switch_page("pages/chat.py")
    app.query_params["chat"] = chat_id
    app.run()
    assert listed(app) == ["Question 1?", "Untitled"]
    assert len(app.chat_message) == 8
    assert "Question 70?" in str(app.chat_message[-2].get("html")[0].value)
    chats.add(chat_id, Message("user", {"text": "Question 71?"}))
    app.run()
    assert len(app.chat_message) == 10  # what was shown stays where it is
    press(app, "Show earlier questions (66)")
    assert len(app.chat_message) == 30
    press(app, "New chat")
    next(button for button in app.sidebar.button if button.key == f"chat-{chat_id}").click().run()
    assert len(app.chat_message) == 8


def test_a_long_question_is_folded_and_a_fragment_that_was_stopped_is_called_so(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    sentences = (
        AnswerSentence("It needs descaling every week.", False, 0.1, ()),
        AnswerSentence("The machine is cleaned with", False, 0.1, ()),
    )
    text = " ".join(sentence.text for sentence in sentences)
    answer = Answer(
        "?", text, False, True, None, sentences, (), Read(1, 1, 10, 100), 0.1, None, 0.1, None, "none", "none"
    )
    question = "<b>Every</b> word of the manual. " * 400
    chat_id = said(app_state().workspace.catalog.chats, question, answer)
    app = app_with_samples.switch_page("pages/chat.py")
    app.query_params["chat"] = chat_id
    app.run()
    assert not app.exception
    asked, answered = app.chat_message
    assert asked.expander[0].label == "The whole question (2,000 words)"
    beginning, whole = [str(element.value) for element in asked.get("html")]
    assert len(beginning) < 900
    assert whole.count("&lt;b&gt;Every&lt;/b&gt;") == 400
    assert "You stopped this answer here." in words(app)
    assert "1 sentence (dotted) not supported" in words(app)
    drawn = answered.get("bidi_component")[0]
    assert "stopped" in str(drawn.proto)
