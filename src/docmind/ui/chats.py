"""Chats: questions and answers as the catalogue keeps them, so that they survive a restart."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from docmind.answering.citations import AnswerSentence, Citation
from docmind.answering.events import Answer, Read
from docmind.answering.runs import AnswerRun, Failure, ThinkFirst
from docmind.records import Locator
from docmind.storage.catalog import Chat, Message
from docmind.ui.library import Library

_TITLE_CHARACTERS = 60


def ask_in_chat(
    library: Library, chat: Chat | None, question: str, scope: Sequence[str], thinking: ThinkFirst | None = None
) -> Chat:
    """Write the question down, in a new chat where there is none yet, and start the answer.

    Args:
        library: The open library.
        chat: The chat to go on with.
        question: In the user's words.
        scope: Ids of the documents to ask; empty asks all.
        thinking: Whether the model thinks first; None leaves it to the settings.
    """
    catalog = library.workspace.catalog
    if chat is None:
        chat = catalog.new_chat(_shortened(question))
    names = [document.name for document in catalog.documents("ready") if document.id in scope]
    catalog.add_message(chat.id, Message("user", {"text": question, "scope": names, "thinking": thinking}))
    _answer(library, chat.id, question, scope or None, thinking)
    return chat


def ask_again(library: Library, chat_id: str) -> None:
    """Answer the last question of a chat once more, with the scope and the thinking it was asked with."""
    if chat_id in library.answers:  # pressed in two windows
        return
    catalog = library.workspace.catalog
    asked = next(message.content for message in reversed(catalog.messages(chat_id)) if message.role == "user")
    names = asked.get("scope")
    scope = [document.id for document in catalog.documents("ready") if document.name in names] if names else None
    _answer(library, chat_id, asked["text"], scope, asked.get("thinking"))


def turns(messages: Sequence[Message], *, running: bool) -> list[tuple[int, Message]]:
    """The messages to show, each with its number: a failure is left out once its question is answered again."""
    later = [*messages[1:], None]
    return [
        (number, message)
        for number, (message, following) in enumerate(zip(messages, later, strict=True))
        if "failure" not in message.content or (not running if following is None else following.role == "user")
    ]


def _answer(
    library: Library, chat_id: str, question: str, scope: Sequence[str] | None, thinking: ThinkFirst | None
) -> None:
    def finished(outcome: Answer | Failure) -> None:
        try:
            library.workspace.catalog.add_message(chat_id, Message("assistant", _stored(outcome)))
        finally:
            library.answers.pop(chat_id, None)

    run = AnswerRun(library.workspace, question, scope, thinking, finished)
    library.answers[chat_id] = run  # before it starts, so that one that fails at once is not left here
    run.start()


def forget_chat(library: Library, chat_id: str) -> None:
    """Stop the chat's answer, if one is being written, and delete the chat."""
    if run := library.answers.get(chat_id):
        run.stop()
    library.workspace.catalog.delete_chat(chat_id)


def restored(message: Message) -> Answer | Failure:
    """An answer as it was when it was written."""
    content = dict(message.content)
    if "failure" in content:
        return Failure(content["failure"])
    sentences = tuple(
        AnswerSentence(**{**sentence, "citations": tuple(sentence["citations"])}) for sentence in content["sentences"]
    )
    citations = tuple(_citation(citation) for citation in content["citations"])
    return Answer(**{**content, "sentences": sentences, "citations": citations, "read": Read(**content["read"])})


def _citation(stored: dict[str, Any]) -> Citation:
    # Earlier versions kept the page, the only term there was, among the citation's own fields.
    terms = stored.get("locator") or {"page": stored.get("page")}
    return Citation(**{**{k: v for k, v in stored.items() if k != "page"}, "locator": Locator.from_values(terms)})


def _stored(outcome: Answer | Failure) -> dict[str, object]:
    return {"failure": outcome.message} if isinstance(outcome, Failure) else dataclasses.asdict(outcome)


def _shortened(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= _TITLE_CHARACTERS else words[: _TITLE_CHARACTERS - 1] + "…"
