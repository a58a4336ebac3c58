"""The chats of a library and their messages."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from docmind.storage.database import Database
from docmind.storage.feedback import FeedbackTable


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation. `started` is in seconds since 1970."""

    id: str
    title: str
    started: float


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `content` is what the writer stored, as plain JSON values; `id` is None until it is kept."""

    role: Literal["user", "assistant"]
    content: dict[str, Any]
    id: int | None = field(default=None, compare=False)


class Chats:
    """The chats in the catalogue; safe to share between threads.

    Attributes:
        feedback: What users think of the answers in them.
    """

    def __init__(self, database: Database) -> None:
        self._run = database.run
        self.feedback = FeedbackTable(database)

    def new(self, title: str) -> Chat:
        """Begin a conversation."""
        chat = Chat(uuid.uuid4().hex, title, time.time())
        self._run("INSERT INTO chat (id, title, started) VALUES (?, ?, ?)", (chat.id, chat.title, chat.started))
        return chat

    def all(self) -> list[Chat]:
        """All conversations, newest first."""
        return [Chat(**row) for row in self._run("SELECT id, title, started FROM chat ORDER BY started DESC")]

    def delete(self, chat_id: str) -> None:
        """Drop a conversation, its messages and the feedback on them."""
        self._run("DELETE FROM chat WHERE id = ?", (chat_id,))

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
