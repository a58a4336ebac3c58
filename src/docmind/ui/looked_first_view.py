"""A note at answers to which a document that the question names came first, and asking all documents alike."""

from __future__ import annotations

from docmind.answering.events import Answer
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button, note
from docmind.ui.text import named


def show_looked_first(opened: AppState, chat: Chat, number: int, question: str, answer: Answer) -> None:
    """Say in which documents was looked first, and offer to ask anew without that; nothing where it changed nothing.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        question: What was asked, so that it stands alone.
        answer: The answer.
    """
    if not answer.looked_first:
        return
    with note("manage_search", f"Looked first in {named(answer.looked_first)}"):
        tip = "The question seems to name it. Nothing was left out, but passages from there came first."
        key = f"{chat.id}-{number}-evenly"
        ask_anew_button(
            opened, chat, number, question, label="Look everywhere alike", key=key, evenly=True, fresh=True, tip=tip
        )
