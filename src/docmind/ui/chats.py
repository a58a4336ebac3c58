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
    opened: AppState,
    chat: Chat | None,
    question: str,
    scope: Sequence[str],
    thinking: ThinkFirst | None = None,
    *,
    stands_alone: bool = False,
) -> Chat:
    """Write the question down, in a new chat where there is none yet, and start the answer.

    Args:
        opened: The app, as it is open.
        chat: The chat to go on with.
        question: In the user's words.
        scope: Ids of the documents to ask; empty asks all.
        thinking: Whether the model thinks first; None leaves it to the settings.
        stands_alone: Whether nothing of earlier turns is to be carried over into the question.
    """
    catalog = opened.workspace.catalog
    if chat is None:
        chat = catalog.chats.new(_shortened(question))
    history = _history(catalog.chats.messages(chat.id))
    names = [document.name for document in catalog.documents("ready") if document.id in scope]
    catalog.chats.add(
        chat.id, Message("user", {"text": question, "scope": names, "thinking": thinking, "stands_alone": stands_alone})
    )
    _answer(opened, chat.id, Question(question, tuple(scope) or None, history, thinking, stands_alone))
    return chat


def ask_as(opened: AppState, chat: Chat, number: int, text: str) -> None:
    """Ask what an earlier question of the chat meant, as the user has put it right, of the same documents.

    Args:
        opened: The app, as it is open.
        chat: The chat.
        number: Which of its messages answers that question.
        text: The question, as it stands alone.
    """
    if chat.id in opened.answers or not text.strip():
        return
    asked = opened.workspace.catalog.chats.messages(chat.id)[number - 1].content
    scope = _scope(opened, asked.get("scope")) or ()
    ask_in_chat(opened, chat, text.strip(), scope, asked.get("thinking"), stands_alone=True)


def ask_again(opened: AppState, chat_id: str) -> None:
    """Answer the last question of a chat once more, with the scope and the thinking it was asked with."""
    if chat_id in opened.answers:  # pressed in two windows
        return
    catalog = opened.workspace.catalog
    messages = catalog.chats.messages(chat_id)
    last = max(number for number, message in enumerate(messages) if message.role == "user")
    asked = messages[last].content
    scope = _scope(opened, asked.get("scope"))
    history, alone = _history(messages[:last]), bool(asked.get("stands_alone"))
    _answer(opened, chat_id, Question(asked["text"], scope, history, asked.get("thinking"), alone))


def turns(messages: Sequence[Message], *, running: bool) -> list[tuple[int, Message]]:
    """The messages to show, each with its number: a failure is left out once its question is answered again."""
    later = [*messages[1:], None]
    return [
        (number, message)
        for number, (message, following) in enumerate(zip(messages, later, strict=True))
        if "failure" not in message.content or (not running if following is None else following.role == "user")
    ]


def _scope(opened: AppState, names: Sequence[str] | None) -> tuple[str, ...] | None:
    """The documents of those names that are there today; None where all were asked."""
    if not names:
        return None
    return tuple(document.id for document in opened.workspace.catalog.documents("ready") if document.name in names)


def _history(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """The questions of a chat that were answered, as they were understood."""
    return tuple(
        Turn(
            said.content.get("asked_as") or asked.content["text"],
            said.content["text"] if said.content.get("found", True) else "",
            said.content.get("gist", ""),
        )
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
