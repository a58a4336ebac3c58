"""Chats: questions and answers as the catalogue keeps them, so that they survive a restart."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from docmind.catalog import Chat, Message
from docmind.citations import AnswerSentence, Citation
from docmind.events import Answer, Read
from docmind.ui.background import AnswerRun, Failure
from docmind.ui.library import Library

_TITLE_CHARACTERS = 60


def ask_in_chat(library: Library, chat: Chat | None, question: str, scope: Sequence[str]) -> Chat:
    """Write the question down, in a new chat where there is none yet, and start the answer.

    Args:
        library: The open library.
        chat: The chat to go on with.
        question: In the user's words.
        scope: Ids of the documents to ask; empty asks all.
    """
    catalog = library.workspace.catalog
    if chat is None:
        chat = catalog.new_chat(_shortened(question))
    chat_id = chat.id
    names = [document.name for document in catalog.documents("ready") if document.id in scope]
    catalog.add_message(chat_id, Message("user", {"text": question, "scope": names}))

    def finished(outcome: Answer | Failure) -> None:
        try:
            catalog.add_message(chat_id, Message("assistant", _stored(outcome)))
        finally:
            library.answers.pop(chat_id, None)

    run = AnswerRun(library.workspace, question, scope or None, finished)
    library.answers[chat_id] = run  # before it starts, so that one that fails at once is not left here
    run.start()
    return chat


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
    citations = tuple(Citation(**citation) for citation in content["citations"])
    return Answer(**{**content, "sentences": sentences, "citations": citations, "read": Read(**content["read"])})


def _stored(outcome: Answer | Failure) -> dict[str, object]:
    return {"failure": outcome.message} if isinstance(outcome, Failure) else dataclasses.asdict(outcome)


def _shortened(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= _TITLE_CHARACTERS else words[: _TITLE_CHARACTERS - 1] + "…"
