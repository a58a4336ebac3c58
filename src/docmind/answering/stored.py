"""Answers as chats keep them: plain JSON values with the number of their form, so that every old chat opens.

A new field of an answer needs a default and nothing more. Whoever renames, moves or removes one raises `FORM` and adds
the step from the form before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from docmind.answering.events import Answer, Failure
from docmind.storage.chats import Message

FORM = 2
_UNREADABLE = "This answer was stored in a form that this version of DocMind cannot read. Ask the question again."


def to_stored(outcome: Answer | Failure) -> dict[str, Any]:
    """What to keep of an outcome; `from_stored` gives it back."""
    if isinstance(outcome, Failure):
        return {"form": FORM, "failure": outcome.message}
    return {"form": FORM, **_answers().dump_python(outcome, mode="json")}


def from_stored(values: Mapping[str, Any]) -> Answer | Failure:
    """The outcome that was kept, in whatever form; one that cannot be read becomes a failure that says so."""
    if "failure" in values:
        return Failure(str(values["failure"]))
    stored = dict(values)
    try:
        for form in range(int(stored.pop("form", 1)), FORM):
            stored = _STEPS[form](stored)
        return _answers().validate_python(stored)
    except (ValidationError, KeyError, TypeError, ValueError, OverflowError):
        return Failure(_UNREADABLE)


def answers_of(messages: Iterable[Message]) -> list[Answer]:
    """The answers of a chat, in order; failures are left out."""
    outcomes = (from_stored(message.content) for message in messages if message.role == "assistant")
    return [outcome for outcome in outcomes if isinstance(outcome, Answer)]


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _pages_become_locators(stored: dict[str, Any]) -> dict[str, Any]:
    """From form 1, the bare fields of an answer, whose citations knew no other place than a page."""
    citations = [{**citation, "locator": {"page": citation.get("page")}} for citation in stored["citations"]]
    return {**stored, "citations": citations}


_STEPS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _pages_become_locators}
