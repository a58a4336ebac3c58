"""Feedback: what users think of answers, kept with the answer that it is about and nowhere else."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from docmind.storage.database import Database


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user thinks of an answer.

    Attributes:
        message_id: The message that holds the answer.
        helpful: Thumbs up or down.
        why: In the user's words; '' for nothing.
        right_answer: What the answer should have been, in the user's words; '' where they do not say.
        given: When, in seconds since 1970.
    """

    message_id: int
    helpful: bool
    why: str
    right_answer: str
    given: float


class FeedbackTable:
    """The feedback in the catalogue; safe to share between threads. It goes when its chat is deleted."""

    def __init__(self, database: Database) -> None:
        self._run = database.run

    def give(self, message_id: int, *, helpful: bool, why: str | None = None, right_answer: str | None = None) -> None:
        """Note what a user thinks of an answer; what is None stays as it was. A deleted answer stays deleted."""
        self._run(
            "INSERT INTO feedback SELECT id, ?, COALESCE(?, ''), COALESCE(?, ''), ? FROM message WHERE id = ? "
            "ON CONFLICT (message_id) DO UPDATE SET helpful = excluded.helpful, why = COALESCE(?, why), "
            "right_answer = COALESCE(?, right_answer), given = excluded.given",
            (helpful, why, right_answer, time.time(), message_id, why, right_answer),
        )

    def withdraw(self, message_id: int) -> None:
        """Forget what a user thought of an answer."""
        self._run("DELETE FROM feedback WHERE message_id = ?", (message_id,))

    def of(self, message_id: int) -> Feedback | None:
        """What the user thinks of an answer, if they said."""
        rows = self._run("SELECT * FROM feedback WHERE message_id = ?", (message_id,))
        return _feedback(rows[0]) if rows else None

    def all(self) -> list[tuple[Feedback, dict[str, Any]]]:
        """All feedback, the oldest first, each with the answer as it was stored."""
        rows = self._run("SELECT feedback.*, content FROM feedback JOIN message ON id = message_id ORDER BY given")
        return [(_feedback(row), json.loads(row["content"])) for row in rows]

    def clear(self) -> int:
        """Forget all feedback; returns how much there was. The answers stay."""
        return len(self._run("DELETE FROM feedback RETURNING message_id"))


def _feedback(row: dict[str, Any]) -> Feedback:
    return Feedback(row["message_id"], bool(row["helpful"]), row["why"], row["right_answer"], row["given"])
