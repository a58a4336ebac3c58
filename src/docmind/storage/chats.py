"""The chats of a library and their messages."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docmind.storage.database import Database
from docmind.storage.feedback import FeedbackTable

# Which chats are pinned are facts about the library: a fact of this name and the chat's id.
_PINNED = "pinned chat "
# The last used first, which is that of the newest message; one that has none yet has just been begun.
_IN_ORDER = """
    SELECT id, title, started, EXISTS (SELECT 1 FROM fact WHERE key = ? || chat.id) AS pinned FROM chat
    ORDER BY pinned DESC, (SELECT MAX(id) FROM message WHERE chat_id = chat.id) DESC NULLS FIRST, started DESC
"""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation. `started` is in seconds since 1970; `pinned` ones come before the others."""

    id: str
    title: str
    started: float
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `content` is what the writer stored, as plain JSON values; `id` is None until it is kept."""

    role: Literal["user", "assistant"]
    content: dict[str, Any]
    id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DeletedChat:
    """All there was of a conversation that has been deleted, for as long as somebody may want it back."""

    chat: Chat
    messages: tuple[Mapping[str, Any], ...]
    feedback: tuple[Mapping[str, Any], ...]


class Chats:
    """The chats in the catalogue; safe to share between threads.

    Attributes:
        feedback: What users think of the answers in them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.run
        self.feedback = FeedbackTable(database)

    def new(self, title: str) -> Chat:
        """Begin a conversation."""
        chat = Chat(uuid.uuid4().hex, title, time.time())
        self._insert(chat)
        return chat

    def all(self) -> list[Chat]:
        """All conversations, pinned ones first, then the last used."""
        return [Chat(**{**row, "pinned": bool(row["pinned"])}) for row in self._run(_IN_ORDER, (_PINNED,))]

    def about(self, words: str) -> set[str]:
        """Ids of the conversations that hold the words in their title or in a question, in whatever case."""
        wanted = words.casefold()
        rows = self._run(
            "SELECT id, title AS text FROM chat UNION ALL "
            "SELECT chat_id, json_extract(content, '$.text') FROM message WHERE role = 'user'"
        )
        return {row["id"] for row in rows if wanted in str(row["text"]).casefold()}

    def rename(self, chat_id: str, title: str) -> None:
        """Give a conversation another title."""
        self._run("UPDATE chat SET title = ? WHERE id = ?", (title, chat_id))

    def pin(self, chat_id: str, *, pinned: bool) -> None:
        """Have a conversation come before the others, or no longer."""
        if pinned:
            self._run("INSERT OR REPLACE INTO fact SELECT ? || id, '' FROM chat WHERE id = ?", (_PINNED, chat_id))
        else:
            self._run("DELETE FROM fact WHERE key = ?", (_PINNED + chat_id,))

    def delete(self, chat_id: str) -> DeletedChat | None:
        """Drop a conversation, its messages and the feedback on them; returns them, None where there was none."""
        with self._database.transaction():
            chat = next((chat for chat in self.all() if chat.id == chat_id), None)
            messages = self._run("SELECT id, role, content FROM message WHERE chat_id = ? ORDER BY id", (chat_id,))
            feedback = self._run(
                "SELECT feedback.* FROM feedback JOIN message ON id = message_id WHERE chat_id = ?", (chat_id,)
            )
            self._run("DELETE FROM chat WHERE id = ?", (chat_id,))
            self.pin(chat_id, pinned=False)
        return DeletedChat(chat, tuple(messages), tuple(feedback)) if chat else None

    def restore(self, deleted: DeletedChat) -> None:
        """Put back what `delete` returned. Where a newer message has one of its numbers, it is now the last used."""
        with self._database.transaction():
            self._insert(deleted.chat)
            self.pin(deleted.chat.id, pinned=deleted.chat.pinned)
            numbers = self._free([message["id"] for message in deleted.messages])
            for message in deleted.messages:
                self._run(
                    "INSERT INTO message (id, chat_id, role, content) VALUES (?, ?, ?, ?)",
                    (numbers[message["id"]], deleted.chat.id, message["role"], message["content"]),
                )
            for given in deleted.feedback:
                values = {**given, "message_id": numbers[given["message_id"]]}
                columns, marks = ", ".join(values), ", ".join("?" * len(values))
                self._run(f"INSERT INTO feedback ({columns}) VALUES ({marks})", tuple(values.values()))  # noqa: S608 - the table's own names

    def messages(self, chat_id: str) -> list[Message]:
        """The turns of a conversation, oldest first."""
        rows = self._run("SELECT id, role, content FROM message WHERE chat_id = ? ORDER BY id", (chat_id,))
        return [Message(row["role"], json.loads(row["content"]), row["id"]) for row in rows]

    def add(self, chat_id: str, message: Message) -> None:
        """Append a turn. A conversation deleted meanwhile stays deleted."""
        self._run(
            "INSERT INTO message (chat_id, role, content) SELECT id, ?, ? FROM chat WHERE id = ?",
            (message.role, json.dumps(message.content), chat_id),
        )

    def _insert(self, chat: Chat) -> None:
        self._run("INSERT INTO chat (id, title, started) VALUES (?, ?, ?)", (chat.id, chat.title, chat.started))

    def _free(self, numbers: Sequence[int]) -> dict[int, int]:
        """Numbers for messages in the place of those: the same, or, where one of them is taken, the next ones."""
        marks = ", ".join("?" * len(numbers))
        if not self._run(f"SELECT 1 FROM message WHERE id IN ({marks}) LIMIT 1", tuple(numbers)):  # noqa: S608 - marks only
            return {number: number for number in numbers}
        (row,) = self._run("SELECT MAX(id) AS last FROM message")
        return {number: row["last"] + place for place, number in enumerate(numbers, start=1)}
