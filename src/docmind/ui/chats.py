"""Chats: questions and answers as the catalogue keeps them, so that they survive a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from docmind.answering.about_library import BY_THE_APP
from docmind.answering.events import Answer, Failure
from docmind.answering.question import Question, ThinkFirst, Turn
from docmind.answering.runs import AnswerRun
from docmind.answering.stored import to_stored
from docmind.errors import DocumentNotFoundError
from docmind.plain_text import shortened
from docmind.storage.catalog import Catalog
from docmind.storage.chats import Chat, DeletedChat, Message
from docmind.ui.app_state import AppState
from docmind.ui.scope import SCOPE, Scope, Told
from docmind.ui.text import named

_TITLE_CHARACTERS = 60
_MOST_IN_ADDRESS = 500  # documents; their ids have 32 characters each
# Which of the two it was, or whether the answer could not be written to a full disk, nothing is left to tell.
_LEFT_ALONE = Failure(
    "No answer to this was kept: DocMind may have been closed, or this chat deleted, while it was written. Ask again."
)


def ask_in_chat(
    opened: AppState,
    chat: Chat | None,
    question: str,
    scope: Scope,
    thinking: ThinkFirst | None = None,
    *,
    stands_alone: bool = False,
    pinned: Sequence[str] = (),
    fresh: bool = False,
    evenly: bool = False,
    each: bool = False,
    asked_of: Sequence[str] = (),
) -> Chat:
    """Write the question down, in a new chat where there is none yet, and start the answer.

    Args:
        opened: The app, as it is open.
        chat: The chat to go on with.
        question: In the user's words.
        scope: The documents to ask.
        thinking: Whether the model thinks first; None leaves it to the settings.
        stands_alone: Whether nothing of earlier turns is to be carried over into the question.
        pinned: Ids of documents that are read in any case.
        fresh: Whether it is answered anew although an answer is kept.
        evenly: Whether documents that it names are searched like all others.
        each: Whether each document is asked by itself.
        asked_of: Names of the documents that it was asked of before; where they are gone, no others are asked instead.
    """
    catalog = opened.workspace.catalog
    if chat is None:
        chat = catalog.chats.new(shortened(" ".join(question.split()), _TITLE_CHARACTERS))
    history = _history(catalog.chats.messages(chat.id))
    asked = {
        "text": question,
        "thinking": thinking,
        "stands_alone": stands_alone,
        "evenly": evenly,
        "each": each,
        "told": {key: list(values) for key, values in scope.told.items()},
        "awaited": list(scope.awaited) if scope.documents else [],
        **_named(catalog.ready_names(), scope=scope.documents, pinned=pinned),
    }
    if asked_of and not scope.documents:
        asked["scope"] = list(asked_of)
    catalog.chats.add(chat.id, Message("user", asked))
    asking = Question(
        question,
        scope.documents or None,
        history,
        thinking,
        stands_alone,
        tuple(pinned),
        fresh,
        evenly,
        scope.awaited,
        each,
    )
    _answer(opened, chat.id, asking, asked_of)
    return chat


def ask_as(
    opened: AppState,
    chat: Chat,
    number: int,
    text: str,
    *,
    fresh: bool = False,
    evenly: bool = False,
    each: bool = False,
) -> None:
    """Ask what an earlier question of the chat meant, as the user has put it right, of the same documents.

    Args:
        opened: The app, as it is open.
        chat: The chat.
        number: Which of its messages answers that question.
        text: The question, as it stands alone.
        fresh: Whether it is answered anew although an answer is kept.
        evenly: Whether documents that it names are searched like all others.
        each: Whether each document is asked by itself; as before where the question was asked so.
    """
    if chat.id in opened.answers or not text.strip():
        return
    catalog = opened.workspace.catalog
    asked = _question_before(catalog.chats.messages(chat.id)[:number])[1].content
    ready = catalog.ready_names()
    documents, pinned = _documents(catalog, ready, asked), _ids(ready, asked, "pinned")
    wish, names = asked.get("thinking"), asked.get("scope", ())
    ask_in_chat(
        opened,
        chat,
        text.strip(),
        Scope(documents, tuple(asked.get("awaited") or ()), _told(ready, asked)),
        wish,
        pinned=pinned,
        asked_of=names,
        stands_alone=True,
        fresh=fresh,
        evenly=evenly or bool(asked.get("evenly")),
        each=each or bool(asked.get("each")),
    )


def ask_again(opened: AppState, chat_id: str) -> None:
    """Answer the last question of a chat once more, with the scope and the thinking it was asked with."""
    if chat_id in opened.answers:  # pressed in two windows
        return
    catalog = opened.workspace.catalog
    messages = catalog.chats.messages(chat_id)
    last, message = _question_before(messages)
    asked = message.content
    history, alone = _history(messages[:last]), bool(asked.get("stands_alone"))
    ready = catalog.ready_names()
    scope, pinned = _documents(catalog, ready, asked), _ids(ready, asked, "pinned")
    evenly, awaited = bool(asked.get("evenly")), tuple(asked.get("awaited") or ())
    asking = Question(
        asked["text"],
        scope or None,
        history,
        asked.get("thinking"),
        alone,
        pinned,
        evenly=evenly,
        awaited=awaited,
        each=bool(asked.get("each")),
    )
    _answer(opened, chat_id, asking, asked.get("scope", ()))


def asked_last(opened: AppState, chat_id: str) -> Told:
    """What the page's address says of the documents that a chat's last question was put to; nothing for all.

    Args:
        opened: The app, as it is open.
        chat_id: The chat; of one that asked nothing yet, nothing is known.

    Raises:
        DocumentNotFoundError: all of them are gone, or they are more than an address names.
    """
    messages = opened.workspace.catalog.chats.messages(chat_id)
    if not any(message.role == "user" for message in messages):
        return {}
    asked = _question_before(messages)[1].content
    ready = opened.workspace.catalog.ready_names()
    told, today = _told(ready, asked), _ids(ready, asked, "scope")
    if asked.get("scope") and not today:
        gone = f"{named(asked['scope'])}, which this chat asked, {'is' if len(asked['scope']) == 1 else 'are'} gone"
        raise DocumentNotFoundError(f"{gone} from the library. All documents are asked now; choose others to ask.")
    if len(told.get(SCOPE, ())) > _MOST_IN_ADDRESS:
        raise DocumentNotFoundError("This chat asked too many documents to choose them again. Choose what to ask now.")
    return told


def _told(ready: Mapping[str, str], asked: Mapping[str, Any]) -> Told:
    """What the address said when a question was asked, its documents by their ids of today.

    Args:
        ready: The names of the documents that are there today, by their ids; so below.
        asked: The question, as it is kept.
    """
    if "told" not in asked:  # earlier versions kept the documents alone
        ids = _ids(ready, asked, "scope")
        return {SCOPE: ids} if ids else {}
    kept = dict(zip(asked.get("scope_ids") or (), asked.get("scope") or (), strict=False))
    by_name = {name: document_id for document_id, name in ready.items()}
    scope = [
        choice if choice in ready or choice not in kept else by_name.get(kept[choice], choice)
        for choice in asked["told"].get(SCOPE, ())
    ]
    return {**asked["told"], **({SCOPE: scope} if scope else {})}


def turns(messages: Sequence[Message], *, running: bool) -> list[tuple[int, Message]]:
    """The messages to show, each with its number, or, of a failure that nobody has kept, its question's.

    A failure is left out once its question is answered again. A question that nothing follows was left alone when the
    app was killed, or its chat deleted, while the answer was written; it is shown as one that failed.

    Args:
        messages: Those of a chat.
        running: Whether an answer to its last question is being written.
    """
    shown = []
    for number, (message, following) in enumerate(zip_longest(messages, messages[1:])):
        last_word = not running if following is None else following.role == "user"
        if "failure" not in message.content or last_word:
            shown.append((number, message))
        if message.role == "user" and last_word:
            shown.append((number, Message("assistant", to_stored(_LEFT_ALONE))))
    return shown


def _question_before(messages: Sequence[Message]) -> tuple[int, Message]:
    """The last question among messages, and its number."""
    return max((pair for pair in enumerate(messages) if pair[1].role == "user"), key=lambda pair: pair[0])


def _named(ready: Mapping[str, str], **chosen: Sequence[str]) -> dict[str, list[str]]:
    """Documents that a question was put to, as they are kept with it: their names, and in the same order their ids."""
    kept = {}
    for what, ids in chosen.items():
        documents = {document_id: name for document_id, name in ready.items() if document_id in ids}
        kept[what], kept[f"{what}_ids"] = list(documents.values()), list(documents)
    return kept


def _documents(catalog: Catalog, ready: Mapping[str, str], asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the documents that a question was put to, and of those that it waited for and that are read by now."""
    ids = _ids(ready, asked, "scope")
    awaited = catalog.searchable(asked.get("awaited") or ()) if ids else ()
    return tuple(dict.fromkeys([*ids, *awaited]))


def _ids(ready: Mapping[str, str], asked: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """Those of them that are there today: renamed ones have kept their ids, new versions their names."""
    by_name = {name: document_id for document_id, name in ready.items()}
    kept = zip_longest(asked.get(what) or (), asked.get(f"{what}_ids") or ())  # older chats keep names alone
    found = (document_id if document_id in ready else by_name.get(name) for name, document_id in kept)
    return tuple(dict.fromkeys(filter(None, found)))


def _history(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """The questions of a chat that were answered, as they were understood."""
    found, asked = [], ""
    for message in messages:
        said = message.content
        if message.role == "user":
            asked = said["text"]
        elif "text" in said and said.get("engine") != BY_THE_APP:  # what failed, or was said to the app, is no turn
            answer = said["text"] if said.get("found", True) else ""
            found.append(Turn(said.get("asked_as") or asked, answer, said.get("gist", "")))
    return tuple(found)


def _answer(opened: AppState, chat_id: str, question: Question, asked_of: Sequence[str] = ()) -> None:
    catalog = opened.workspace.catalog

    def finished(outcome: Answer | Failure) -> None:
        try:
            catalog.chats.add(chat_id, Message("assistant", to_stored(outcome)))
        finally:
            opened.answers.pop(chat_id, None)

    if asked_of and not question.scope:
        gone = f"{named(asked_of)}, which this was asked of, {'is' if len(asked_of) == 1 else 'are'} gone"
        finished(Failure(f"{gone} from the library. Choose what else to ask, and ask anew."))
        return
    if catalog.has("queued", "reading") and not catalog.has("ready"):
        finished(Failure("Nothing of your documents is read yet. Ask again once the first of them is in."))
        return
    run = AnswerRun(opened.workspace, question, finished)
    opened.answers[chat_id] = run  # before it starts, so that one that fails at once is not left here
    run.start()


def forget_chat(opened: AppState, chat_id: str) -> DeletedChat | None:
    """Stop the chat's answer, if one is being written, and delete the chat; returns what there was of it."""
    if run := opened.answers.get(chat_id):
        run.stop()
    return opened.workspace.catalog.chats.delete(chat_id)
