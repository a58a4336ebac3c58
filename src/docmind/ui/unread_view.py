"""A note at answers that were given while documents were waiting or being read: which, and asking again with them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from docmind.answering.events import Unread
from docmind.errors import DocumentNotFoundError
from docmind.storage.catalog import Catalog
from docmind.storage.chats import Chat
from docmind.ui.app_state import AppState
from docmind.ui.asking_anew import ask_anew_button, note
from docmind.ui.text import count

_NAMED = 5  # documents; more are counted
_LOOKED = 2.0  # seconds between two looks whether they are in


def show_unread(opened: AppState, chat: Chat, number: int, question: str, unread: Sequence[Unread]) -> None:
    """Say which documents an answer knew nothing of, because they were not read yet; once they are, offer to ask again.

    Args:
        opened: The app, as it is open.
        chat: The chat that is shown.
        number: Which of its messages the answer is.
        question: What was asked, so that it stands alone.
        unread: What the answer says of them.
    """
    if not unread:
        return
    states = [_state(opened.workspace.catalog, document.id) for document in unread]
    waiting = any(state in ("queued", "reading") for state in states)
    with note("hourglass_top", _told(unread)):
        if waiting:
            _watch(opened, unread)
        elif "ready" in states:
            label = "Ask again with them" if len(unread) > 1 else "Ask again with it"
            ask_anew_button(opened, chat, number, question, label=label, key=f"{chat.id}-{number}-unread")


@st.fragment(run_every=_LOOKED)
def _watch(opened: AppState, unread: Sequence[Unread]) -> None:
    """How many are still to come; draws the page anew once all are in."""
    catalog = opened.workspace.catalog
    left = sum(_state(catalog, document.id) in ("queued", "reading") for document in unread)
    if not left:
        st.rerun()
    words = "Being read now." if len(unread) == 1 else f"{left} still to be read."
    st.caption("Reading is paused." if opened.ingestion.paused else words, width="content")


def _told(unread: Sequence[Unread]) -> str:
    names = [document.name for document in unread[:_NAMED]]
    more = [count(len(unread) - _NAMED, "other")] if len(unread) > _NAMED else []
    listed = " and ".join(filter(None, [", ".join([*names, *more][:-1]), [*names, *more][-1]]))
    return f"Not read yet when you asked, so not in this answer: {listed}."


def _state(catalog: Catalog, document_id: str) -> str:
    try:
        return catalog.document(document_id).state
    except DocumentNotFoundError:
        return "removing"
