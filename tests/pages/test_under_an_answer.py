"""Under an answer: copying it with its references, asking again, exporting it, and what was read, folded."""

from __future__ import annotations

from dataclasses import replace

from driving import ask, labels, wait_until
from streamlit.testing.v1 import AppTest

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Read
from docmind.answering.stored import to_stored
from docmind.records import Locator
from docmind.storage.chats import Message
from docmind.ui.app_state import app_state
from docmind.ui.copy_button import copied

QUESTION = "How often does the coffee machine need descaling?"
SENTENCES = (AnswerSentence("The rent is £900.", True, 1.0, (1, 2)), AnswerSentence("It is low.", False, 0.1, ()))
CITATIONS = (
    Citation(1, "lease.pdf", "a", Locator(page=3), "", "The rent is £900 a month.", ""),
    Citation(2, "note.txt", "b", Locator(), "", "Rent: £900.", ""),
)


def answer(*, found: bool, sentences: tuple[AnswerSentence, ...]) -> Answer:
    text = " ".join(sentence.text for sentence in sentences) or "I did not find it."
    return Answer(
        "?", text, found, False, None, sentences, CITATIONS, Read(1, 1, 9, 99), 0, None, 0, None, "none", "none"
    )


def test_an_answer_is_copied_with_the_numbers_of_its_sources_and_the_sources() -> None:
    assert copied(answer(found=True, sentences=SENTENCES)).splitlines() == [
        "The rent is £900. [1] [2] It is low. (not supported by the documents)",
        "",
        "Sources",
        "[1] lease.pdf, page 3: “The rent is £900 a month.”",
        "[2] note.txt: “Rent: £900.”",
    ]
    nothing = copied(answer(found=False, sentences=())).splitlines()
    assert nothing[:3] == ["I did not find it.", "", "Closest passages, which may not answer this"]


def test_an_answer_can_be_asked_again_and_exported_and_its_figures_are_folded(app_with_samples: AppTest) -> None:
    opened = app_state()
    wait_until(opened.warm.is_set)
    chat = app_with_samples.switch_page("pages/chat.py").run()
    ask(chat, QUESTION)
    assert {"Ask again", "Export"} <= labels(chat)
    folded = chat.expander[-1]
    assert folded.label == "Read 3 passages of 1 document"
    assert not folded.proto.expanded
    told = str(folded.get("html")[0].value)
    assert "quoted without a model" in told
    assert "tokens/s" not in told

    next(button for button in chat.button if button.label == "Ask again").click().run()
    wait_until(lambda: not opened.answers)
    chat.run()
    assert not chat.exception
    messages = opened.workspace.catalog.chats.messages(opened.workspace.catalog.chats.all()[0].id)
    assert [message.content.get("text") for message in messages if message.role == "user"] == [QUESTION, QUESTION]
    assert messages[-1].content["from_cache"] is None  # answered anew, although an answer is kept

    # Another passage that is offered is none of the sources, so it has no number.
    [shown] = opened.workspace.catalog.chats.all()
    offering = replace(answer(found=True, sentences=SENTENCES), alternative=replace(CITATIONS[1], n=1))
    opened.workspace.catalog.chats.add(shown.id, Message("user", {"text": "Who pays?"}))
    opened.workspace.catalog.chats.add(shown.id, Message("assistant", to_stored(offering)))
    chat.run()
    assert not chat.exception
    places = [button.label.replace("\\", "") for button in chat.button if "-source-" in str(button.key)][-3:]
    assert places == ["**1** · lease.pdf, page 3", "**2** · note.txt", "note.txt"]


def test_what_the_app_itself_replies_can_be_copied_and_nothing_more(app_with_samples: AppTest) -> None:
    wait_until(app_state().warm.is_set)
    chat = app_with_samples.switch_page("pages/chat.py").run()
    ask(chat, "Thanks!")
    assert "You are welcome." in str(chat.chat_message[1].get("html")[0].value)
    assert not {"Ask again", "Export"} & labels(chat)
    assert not chat.chat_message[1].feedback
    assert chat.chat_message[1].get("bidi_component")  # which copies
