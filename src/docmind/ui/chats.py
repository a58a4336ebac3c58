"""Chats: questions and answers as the catalogue keeps them, so that they survive a restart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from docmind.answering.events import Answer, Failure
from docmind.answering.question import Question, ThinkFirst, Turn
from docmind.answering.runs import AnswerRun
from docmind.answering.stored import to_stored
from docmind.storage.chats import Chat, Message
from docmind.ui.app_state import AppState

_TITLE_CHARACTERS = 60


def ask_in_chat(
    opened: AppState, chat: Chat | None, question: str, scope: Sequence[str], thinking: ThinkFirst | None = None
) -> Chat:
    """Write the question down, in a new chat where there is none yet, and start the answer.

    Args:
        opened: The app, as it is open.
        chat: The chat to go on with.
        question: In the user's words.
        scope: Ids of the documents to ask; empty asks all.
        thinking: Whether the model thinks first; None leaves it to the settings.
    """
    catalog = opened.workspace.catalog
    if chat is None:
        chat = catalog.chats.new(_shortened(question))
    history = _history(catalog.chats.messages(chat.id))
    names = [document.name for document in catalog.documents("ready") if document.id in scope]
    catalog.chats.add(chat.id, Message("user", {"text": question, "scope": names, "thinking": thinking}))
    _answer(opened, chat.id, Question(question, tuple(scope) or None, history, thinking))
    return chat


def ask_again(opened: AppState, chat_id: str) -> None:
    """Answer the last question of a chat once more, with the scope and the thinking it was asked with."""
    if chat_id in opened.answers:  # pressed in two windows
        return
    catalog = opened.workspace.catalog
    messages = catalog.chats.messages(chat_id)
    last = max(number for number, message in enumerate(messages) if message.role == "user")
    asked = messages[last].content
    names = asked.get("scope")
    scope = tuple(document.id for document in catalog.documents("ready") if document.name in names) if names else None
    _answer(opened, chat_id, Question(asked["text"], scope, _history(messages[:last]), asked.get("thinking")))


def turns(messages: Sequence[Message], *, running: bool) -> list[tuple[int, Message]]:
    """The messages to show, each with its number: a failure is left out once its question is answered again."""
    later = [*messages[1:], None]
    return [
        (number, message)
        for number, (message, following) in enumerate(zip(messages, later, strict=True))
        if "failure" not in message.content or (not running if following is None else following.role == "user")
    ]


def _history(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """The questions of a chat that were answered."""
    return tuple(
        Turn(asked.content["text"], said.content["text"])
        for asked, said in pairwise(messages)
        if asked.role == "user" and said.role == "assistant" and "text" in said.content
    )


def _answer(opened: AppState, chat_id: str, question: Question) -> None:
    def finished(outcome: Answer | Failure) -> None:
        try:
            opened.workspace.catalog.chats.add(chat_id, Message("assistant", to_stored(outcome)))
        finally:
            opened.answers.pop(chat_id, None)

    run = AnswerRun(opened.workspace, question, finished)
    opened.answers[chat_id] = run  # before it starts, so that one that fails at once is not left here
    run.start()


def forget_chat(opened: AppState, chat_id: str) -> None:
    """Stop the chat's answer, if one is being written, and delete the chat."""
    if run := opened.answers.get(chat_id):
        run.stop()
    opened.workspace.catalog.chats.delete(chat_id)


def _shortened(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= _TITLE_CHARACTERS else words[: _TITLE_CHARACTERS - 1] + "…"
