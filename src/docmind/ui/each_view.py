"""Notes at answers to which several documents were asked: where nothing was found, and asking each by itself."""

from __future__ import annotations

from docmind.answering.each import MOST_EACH
from docmind.answering.events import Answer
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button, note
from docmind.ui.text import named


def show_each(opened: AppState, chat: Chat, number: int, question: str, answer: Answer) -> None:
    """Say in which documents nothing was found; or, where they were asked together, how many the answer is from.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        question: What was asked, so that it stands alone.
        answer: The answer.
    """
    if answer.by_document:
        if answer.found and answer.nothing_in:
            with note("search_off", f"Nothing that answers it was found in {named(answer.nothing_in)}"):
                pass
        if answer.not_asked:
            with note("pending", f"Not asked any more: {named(answer.not_asked)}"):
                ask_anew_button(
                    opened,
                    chat,
                    number,
                    question,
                    label="Ask all of them again",
                    key=f"{chat.id}-{number}-each",
                    each=True,
                )
        return
    asked, cited = len(answer.asked_of), len({citation.document_id for citation in answer.citations})
    if answer.read.whole or answer.stopped or not 2 <= asked <= MOST_EACH or (answer.found and cited >= asked):
        return
    words = f"From {cited} of the {asked} documents that you chose" if answer.found else "They were asked together"
    with note("library_books", words):
        tip = "Puts the question to one document after the other, and shows what each says."
        key = f"{chat.id}-{number}-each"
        ask_anew_button(opened, chat, number, question, label="Ask each of them", key=key, each=True, tip=tip)
