"""A word at a question that is asked in a language which the search model does not know, in that language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from docmind.languages import language_of_question
from docmind.models.known_models import by_name
from docmind.storage.chats import Message
from docmind.ui.text import plain_html
from docmind.workspace import Workspace

# Each says: the search model knows English only and may overlook what the documents say; ask in English, or use a
# search model of many languages, such as bge-m3 (the Models page).
_NOTICES: dict[str, str] = json.loads(Path(__file__).with_name("language_notices.json").read_text(encoding="utf-8"))
LANGUAGES = frozenset(_NOTICES)
"""In which it can be said (ISO 639-1)."""


def language_notices(workspace: Workspace, messages: Sequence[Message]) -> dict[int, str]:
    """The languages to say it in, each by the number of the message that is the first of its chat in that language."""
    filled_with = by_name(workspace.catalog.fact("embedder") or "")
    if filled_with is None or filled_with.languages != ("en",):
        return {}
    first: dict[str, int] = {}
    for number, message in enumerate(messages):
        if message.role == "user" and (code := language_of_question(message.content["text"], LANGUAGES)):
            first.setdefault(code, number)
    return {number: code for code, number in first.items()}


def show_language_notice(code: str) -> None:
    """Draw it.

    Args:
        code: The language to say it in (ISO 639-1), one of those that `language_notices` gives.
    """
    st.html(f'<p class="dm-read" lang="{code}" dir="auto">{plain_html(_NOTICES[code])}</p>')
